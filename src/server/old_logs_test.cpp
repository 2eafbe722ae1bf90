#include "server/old_logs.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "base/gzip.h"

namespace venturi::server {
namespace {

namespace fs = std::filesystem;

class OldLogsTest : public ::testing::TestWithParam<bool> {
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

INSTANTIATE_TEST_SUITE_P(Both, OldLogsTest, ::testing::Bool(),
                         [](const auto& form) { return form.param ? "Compressed" : "Plain"; });

class LogReaderTest : public ::testing::Test {
 protected:
  LogReaderTest() {
    std::string name = (fs::temp_directory_path() / "venturi-logs-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name + "/attempt=1.log";
  }
  ~LogReaderTest() override { fs::remove_all(fs::path(path_).parent_path()); }
  void write(const std::string& text) const { std::ofstream(path_) << text; }
  [[nodiscard]] LogReader open(std::int64_t from) const { return LogReader::open(path_, from).value().value(); }
  std::string path_;
};

TEST_F(LogReaderTest, ReadsInPiecesFromAPlace) {
  std::string text;
  for (int i = 0; i < 30'000; ++i) text += "line " + std::to_string(i) + "\n";
  write(text);
  for (const bool is_compressed : {false, true}) {
    if (is_compressed) ASSERT_TRUE(gzip_in_place(path_));
    LogReader reader = open(100'001);
    EXPECT_EQ(reader.read(150'000).value(), text.substr(100'001, 150'000));
    EXPECT_EQ(reader.read(text.size()).value(), text.substr(250'001)) << "fewer at the end";
    EXPECT_EQ(reader.read(10).value(), "");
    EXPECT_EQ(open(std::ssize(text) + 5).read(10).value(), "") << "beyond the end";
    EXPECT_EQ(open(0).end_of_lines(), is_compressed ? std::nullopt : std::optional(std::ssize(text)));
  }
  fs::remove(path_ + ".gz");
  EXPECT_FALSE(LogReader::open(path_, 0).value());
}

TEST_F(LogReaderTest, FindsWhereWholeLinesEnd) {
  const std::string line = "a line\n";
  write(line + std::string(20'000, 'x'));
  EXPECT_EQ(open(0).end_of_lines(), std::ssize(line));
  EXPECT_EQ(open(std::ssize(line)).end_of_lines(), std::ssize(line)) << "none after it";
}

}  // namespace
}  // namespace venturi::server
