#include "home/secret_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

namespace venturi {
namespace {

using ::testing::HasSubstr;

Result<std::string> printed(const std::string& command, std::chrono::milliseconds limit = secret_command_limit) {
  return read_secret_value(SecretForm::command, command, limit);
}

TEST(SecretValue, IsWhatACommandPrints) {
  EXPECT_EQ(printed("echo secret; echo").value(), "secret");
  EXPECT_EQ(printed("true").value(), "");
  EXPECT_THAT(printed("echo secret; exit 3").error().text(), HasSubstr("the command ended with 3"));
  EXPECT_THAT(printed("kill -9 $$").error().text(), HasSubstr("the command was killed"));
  EXPECT_THAT(printed("yes").error().text(), HasSubstr("too much for a secret"));
}

// The limit is of no importance: none of these ever ends.
TEST(SecretValue, ACommandThatHangsIsKilledWithWhatItStarted) {
  std::string path = testing::TempDir() + "venturi_secret_XXXXXX";
  const std::filesystem::path folder = ::mkdtemp(path.data());
  const std::string file = (folder / "pid").string();
  for (const char* tail : {"wait", "exec >&-; wait"}) {
    const auto value = printed("sleep 1000000 & echo $! > " + file + "; " + tail, std::chrono::milliseconds(100));
    ASSERT_FALSE(value);
    EXPECT_THAT(value.error().text(), HasSubstr("the command has not ended after 0.1 s, and was killed"));
    pid_t child = 0;
    std::ifstream(file) >> child;
    if (child == 0) continue;  // it was not begun in time
    while (::kill(child, 0) == 0 && std::ifstream("/proc/" + std::to_string(child) + "/stat").good()) {
      // A dead one may wait for whoever adopted it.
      std::string stat;
      std::getline(std::ifstream("/proc/" + std::to_string(child) + "/stat"), stat);
      if (stat.find(") Z") != std::string::npos) break;
    }
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace venturi
