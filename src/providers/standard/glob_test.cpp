#include "providers/standard/glob.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "servers/server_process.h"

namespace venturi::providers {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The results are those of glob.glob(), sorted; but for the last, where Python writes "a/".
TEST(Glob, AsPythonFindsThem) {
  const tests::TestFolder folder;
  std::filesystem::create_directories(folder / "a/b/.h");
  std::filesystem::create_directories(folder / "empty");
  for (const char* name : {"x1.csv", "x2.csv", ".x3.csv", "a/y.csv", "a/b/z.csv", "a/b/.h/w.csv"}) folder.write(name, "");
  const auto found = [&](const std::string& pattern, bool recursive = false) {
    std::vector<std::string> paths;
    EXPECT_FALSE(glob(folder / pattern, recursive, [&](const std::string& path) {
      paths.push_back(path.substr(folder.path().size() + 1));
      return false;
    }));
    std::ranges::sort(paths);
    return paths;
  };
  EXPECT_THAT(found("x1.csv"), ElementsAre("x1.csv"));
  EXPECT_THAT(found("none"), IsEmpty());
  EXPECT_THAT(found("*.csv"), ElementsAre("x1.csv", "x2.csv"));
  EXPECT_THAT(found(".*.csv"), ElementsAre(".x3.csv"));
  EXPECT_THAT(found("x[!1].csv"), ElementsAre("x2.csv"));
  EXPECT_THAT(found("?/*.csv"), ElementsAre("a/y.csv"));
  EXPECT_THAT(found("**/*.csv"), ElementsAre("a/y.csv"));
  EXPECT_THAT(found("**/*.csv", true), ElementsAre("a/b/z.csv", "a/y.csv", "x1.csv", "x2.csv"));
  EXPECT_THAT(found("a/**", true), ElementsAre("a", "a/b", "a/b/z.csv", "a/y.csv"));
  int calls = 0;
  EXPECT_TRUE(glob(folder / "*", false, [&](const std::string&) { return ++calls == 1; }));
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace venturi::providers
