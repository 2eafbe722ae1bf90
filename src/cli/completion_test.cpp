#include "cli/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace venturi::cli {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

std::vector<std::string> offered(std::vector<const char*> words) {
  const auto names = [](std::string_view of, const GivenWords& given) -> std::vector<Candidate> {
    if (of == "dag_id") return {{"example", ""}, {"extra", ""}, {"other", ""}};
    if (of == "task_id") return {{"load of " + given.at("dag_id"), ""}};
    if (of == "run_id") return {{"manual__2026-01-31T00:00:00+00:00", "success"}};
    return {};
  };
  std::vector<std::string> found;
  for (const Candidate& c : candidates(words, names)) found.push_back(c.word);
  return found;
}

TEST(CompletionTest, OfCommandsAndGroups) {
  EXPECT_THAT(offered({""}), IsSupersetOf({"standalone", "dags", "tasks", "config"}));
  EXPECT_THAT(offered({"da"}), ElementsAre("dags"));
  EXPECT_THAT(offered({"dags", "pa"}), ElementsAre("pause"));
  EXPECT_THAT(offered({"nonsense", ""}), IsEmpty());
  EXPECT_THAT(offered({"dags", "nonsense", ""}), IsEmpty());
}

TEST(CompletionTest, OfOptionsThatWereNotGivenYet) {
  EXPECT_THAT(offered({"dags", "trigger", "example", "--"}), IsSupersetOf({"--conf", "--run-id", "--output", "--help"}));
  EXPECT_THAT(offered({"dags", "trigger", "-o", "json", "--"}), Not(Contains("--output")));
  EXPECT_THAT(offered({"dags", "trigger", "-ojson", "--"}), Not(Contains("--output")));
  EXPECT_THAT(offered({"dags", "simulate", "--dag", "a", "--da"}), ElementsAre("--dag")) << "may be given several times";
}

TEST(CompletionTest, OfAnOptionsValues) {
  EXPECT_THAT(offered({"dags", "list", "-o", ""}), ElementsAre("table", "json", "yaml", "plain"));
  EXPECT_THAT(offered({"dags", "list", "--output=j"}), ElementsAre("--output=json"));
  EXPECT_THAT(offered({"backfill", "list", "--dag-id", "ex"}), ElementsAre("example", "extra"));
  EXPECT_THAT(offered({"connections", "add", "x", "--conn-host", ""}), IsEmpty());
}

TEST(CompletionTest, OfArgumentsInTheirOrder) {
  EXPECT_THAT(offered({"tasks", "why", "e"}), ElementsAre("example", "extra"));
  EXPECT_THAT(offered({"tasks", "why", "-o", "json", "example", ""}), ElementsAre("load of example"));
  EXPECT_THAT(offered({"tasks", "why", "example", "load", "m"}), ElementsAre("manual__2026-01-31T00:00:00+00:00"));
  EXPECT_THAT(offered({"tasks", "why", "example", "load", "run", ""}), IsEmpty());
  EXPECT_THAT(offered({"dags", "trigger", "example", "--run-id", ""}), IsEmpty()) << "that one is new";
}

TEST(CompletionTest, EachShellHasAScript) {
  for (const char* shell : {"bash", "zsh", "fish"})
    EXPECT_NE(completion_script(shell).find("__complete"), std::string::npos) << shell;
}

}  // namespace
}  // namespace venturi::cli
