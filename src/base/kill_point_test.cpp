#include "base/kill_point.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>

namespace venturi {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class KillPoint : public testing::Test {
 protected:
  KillPoint() {
    std::string name = testing::TempDir() + "venturi_kill_XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  ~KillPoint() override { fs::remove_all(folder_); }
  [[nodiscard]] std::string log() const { return folder_ + "/hits"; }

  // A process that passes "a" and "b" three times each: how often it did so before its end; 6: it was not killed.
  int passages(const std::string& setting, bool with_log = true) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      if (!setting.empty()) ::setenv("VENTURI_KILL_POINT", setting.c_str(), 1);
      if (with_log) ::setenv("VENTURI_KILL_LOG", log().c_str(), 1);
      for (int i = 0; i < 6; ++i) {
        kill_point(i % 2 == 0 ? "a" : "b");
        if (::write(ends[1], "x", 1) != 1) ::_exit(2);
      }
      ::_exit(0);
    }
    ::close(ends[1]);
    int count = 0;
    for (char c = 0; ::read(ends[0], &c, 1) == 1;) ++count;
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(count == 6 ? WIFEXITED(status) && WEXITSTATUS(status) == 0
                           : WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    return count;
  }

  std::string folder_;
};

TEST_F(KillPoint, KillsAtThePassageThatIsAskedFor) {
  EXPECT_EQ(passages(""), 6);
  EXPECT_EQ(passages("c"), 6);
  EXPECT_FALSE(fs::exists(log()));
  EXPECT_EQ(passages("a", false), 0);
  EXPECT_EQ(passages("b:2", false), 3);
  EXPECT_EQ(passages("a:4", false), 6);
}

TEST_F(KillPoint, AProcessThatIsStartedAgainSurvives) {
  EXPECT_EQ(passages("b:3"), 5);
  EXPECT_EQ(read(log()), "b\n");
  EXPECT_EQ(passages("b:3"), 6);
  EXPECT_EQ(passages("a"), 0);
  EXPECT_EQ(read(log()), "b\na\n");
}

std::set<std::string> names_in(const std::string& text, const std::regex& pattern) {
  std::set<std::string> names;
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) names.insert((*at)[1]);
  return names;
}

// The crash loop goes through the table; a place that it does not name is never tried.
TEST(KillPoints, AreAllInTheTable) {
  const fs::path root = VENTURI_SOURCE_DIR;
  std::set<std::string> used;
  for (const auto& entry : fs::recursive_directory_iterator(root / "src")) {
    const std::string name = entry.path().filename();
    if (entry.path().extension() != ".cpp" || name.ends_with("_test.cpp")) continue;
    used.merge(names_in(read(entry.path()), std::regex(R"(kill_point\("([a-z_.]+)\"\))")));
  }
  EXPECT_FALSE(used.empty());
  EXPECT_EQ(used, names_in(read(root / "docs/architecture/one-task.md"), std::regex(R"(\| `([a-z_]+\.[a-z_]+)` \|)")));
}

}  // namespace
}  // namespace venturi
