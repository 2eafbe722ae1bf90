#include "cli/help.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "cli/airflow_commands.h"
#include "cli/manual.h"

namespace venturi::cli {
namespace {

using ::testing::HasSubstr;

TEST(HelpTest, OfACommandHasItsUsageArgumentsAndOptions) {
  for (const Command& c : command_table()) {
    if (c.words() != "dags trigger") continue;
    const std::string help = help_of_command(c);
    EXPECT_THAT(help, HasSubstr("Makes a run of a DAG\n\nUsage: venturi dags trigger DAG_ID [OPTION...]\n"));
    EXPECT_THAT(help, HasSubstr("\nArguments:\n  DAG_ID                          The DAG\n"));
    EXPECT_THAT(help, HasSubstr("\n  -r, --run-id ID                 The run's id; without it one is made from the date\n"));
    EXPECT_THAT(help, HasSubstr("\n  -o, --output {table|json|yaml|plain}\n                                  How the rows are "
                                "written (default: table)\n"));
  }
}

TEST(HelpTest, LinesFitTheTerminal) {
  for (const Command& c : command_table()) {
    std::istringstream lines(help_of_command(c));
    for (std::string line; std::getline(lines, line);) {
      // A long list of choices is one word.
      if (line.find("venturi ") == std::string::npos && line.find("{") == std::string::npos)
        EXPECT_LE(line.size(), 100U) << c.words() << ": " << line;
    }
  }
}

TEST(HelpTest, NoExampleHasASecretAmongItsArguments) {
  for (const Command& c : command_table()) {
    EXPECT_EQ(c.details.find("://"), std::string_view::npos) << c.words();
    for (std::size_t at = c.details.find("--conn-password "); at != std::string_view::npos;
         at = c.details.find("--conn-password ", at + 1)) {
      EXPECT_EQ(c.details.substr(at, 17), "--conn-password -") << c.words();
    }
  }
}

TEST(HelpTest, ReferencePageIsMadeFromTheTable) {
  std::ifstream file(VENTURI_SOURCE_DIR "/docs/reference/cli.md");
  std::stringstream page;
  page << file.rdbuf();
  EXPECT_EQ(page.str(), cli_reference())
      << "make it again: ninja venturi_cli_reference && src/cli/venturi_cli_reference > docs/reference/cli.md";
}

// In the forms "dags list" and "version".
bool is_here(const std::string& words) {
  const std::size_t blank = words.find(' ');
  return blank == std::string::npos ? find_command("", words) != nullptr
                                    : find_command(words.substr(0, blank), words.substr(blank + 1)) != nullptr;
}

TEST(AirflowsCommandsTest, EachIsHereOrLeftOutWithAReason) {
  std::ifstream file(VENTURI_SOURCE_DIR "/tests/cli/airflow_commands.txt");
  std::set<std::string> all;
  for (std::string line; std::getline(file, line);) all.insert(line.substr(0, line.find('\t')));
  EXPECT_GE(all.size(), 90U);
  std::set<std::string> left_out;
  for (const LeftOut& command : commands_left_out()) {
    const std::string words(command.words);
    EXPECT_TRUE(left_out.insert(words).second) << words << " is left out twice";
    EXPECT_TRUE(all.contains(words)) << words << " is no command of Airflow's";
    EXPECT_FALSE(command.reason.empty()) << words;
    EXPECT_FALSE(is_here(words)) << words << " is here: it is not left out";
  }
  for (const std::string& words : all) EXPECT_TRUE(is_here(words) || left_out.contains(words)) << words;
}

TEST(ExamplesTest, EachCommandHasOneThatNamesIt) {
  for (const Command& c : command_table()) {
    EXPECT_THAT(details_with_examples(c), HasSubstr("venturi " + c.words())) << c.words();
    EXPECT_TRUE(details_with_examples(c).starts_with("  ") || details_with_examples(c).contains("\n  ")) << c.words();
  }
  for (const Example& example : command_examples()) EXPECT_TRUE(is_here(std::string(example.command))) << example.command;
}

TEST(ManualTest, HasAPageForTheProgramAndEachGroup) {
  const auto pages = manual_pages("2026-01-31");
  EXPECT_EQ(pages.size(), command_groups().size() + 1);
  EXPECT_EQ(pages.front().file, "venturi.1");
  for (const ManualPage& page : pages) {
    EXPECT_TRUE(page.text.starts_with(".TH VENTURI")) << page.file;
    std::istringstream lines(page.text);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with('.'))
        EXPECT_THAT(line, testing::MatchesRegex(R"(\.(TH|SH|SS|TP|PP|B|BR|nf|fi)( .*)?)")) << page.file;
      EXPECT_EQ(line.find_first_of("\t'") == 0, false) << page.file << ": " << line;
    }
  }
}

}  // namespace
}  // namespace venturi::cli
