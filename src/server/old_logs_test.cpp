#include "server/old_logs.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/gzip.h"

namespace venturi::server {
namespace {

namespace fs = std::filesystem;

class OldLogsTest : public testing::TestWithParam<bool> {
 protected:
  OldLogsTest() {
    std::string name = (fs::temp_directory_path() / "venturi-logs-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = name;
  }
  ~OldLogsTest() override { fs::remove_all(folder_); }
  // Plain or compressed.
  std::string written(const std::string& text) {
    const std::string path = folder_ / "attempt=1.log";
    std::ofstream(path) << text;
    if (GetParam()) EXPECT_TRUE(gzip_in_place(path));
    return path;
  }
  fs::path folder_;
};

TEST_P(OldLogsTest, AreReadFromTheBeginningOrTheEnd) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "line " + std::to_string(i) + "\n";
  const std::string path = written(text);
  EXPECT_EQ(read_log(path, text.size()).value(), text);
  EXPECT_FALSE(read_log(path, text.size() - 1));
  const auto whole = read_log_end(path, text.size()).value();
  EXPECT_EQ(whole->text, text);
  EXPECT_EQ(whole->size, text.size());
  const auto end = read_log_end(path, 30).value();
  EXPECT_EQ(end->text, "line 99998\nline 99999\n") << "whole lines alone";
  EXPECT_EQ(end->size, text.size());
}

TEST_P(OldLogsTest, OneLongLineIsCut) {
  EXPECT_EQ(read_log_end(written("abcdef"), 3).value()->text, "def");
}

TEST_P(OldLogsTest, TheSmallestOnesAreReadToo) {
  EXPECT_EQ(read_log_end(written(""), 30).value()->text, "");
  EXPECT_FALSE(read_log_end(folder_ / "none.log", 30).value());
}

INSTANTIATE_TEST_SUITE_P(Both, OldLogsTest, testing::Bool(),
                         [](const auto& form) { return form.param ? "Compressed" : "Plain"; });

}  // namespace
}  // namespace venturi::server
