#include "cli/help.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

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
      if (line.find("venturi ") == std::string::npos) EXPECT_LE(line.size(), 100U) << c.words() << ": " << line;
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

}  // namespace
}  // namespace venturi::cli
