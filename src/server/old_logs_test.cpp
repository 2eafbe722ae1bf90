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

class LogReaderTest : public testing::Test {
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
