#include "base/gzip.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace venturi {
namespace {

namespace fs = std::filesystem;

class GzipTest : public testing::Test {
 protected:
  GzipTest() {
    std::string name = (fs::temp_directory_path() / "venturi-gzip-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = name;
  }
  ~GzipTest() override { fs::remove_all(folder_); }
  static Result<std::string> read(const fs::path& path) { return gunzip(Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), path); }
  fs::path folder_;
};

TEST_F(GzipTest, FileComesBackWithModeAndTime) {
  const fs::path path = folder_ / "a.log";
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "line " + std::to_string(i) + "\n";
  std::ofstream(path) << text;
  ::chmod(path.c_str(), 0600);
  const auto time = fs::last_write_time(path) - std::chrono::hours(50);
  fs::last_write_time(path, time);
  EXPECT_EQ(read(path).value(), text) << "one that is not compressed is read as it is";
  ASSERT_TRUE(gzip_in_place(path.string()));
  EXPECT_FALSE(fs::exists(path));
  const fs::path compressed = folder_ / "a.log.gz";
  EXPECT_LT(fs::file_size(compressed), text.size() / 3);
  EXPECT_EQ(fs::status(compressed).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fs::last_write_time(compressed), time);
  EXPECT_EQ(read(compressed).value(), text);
}

TEST_F(GzipTest, DamageIsTold) {
  const fs::path path = folder_ / "a.log";
  std::ofstream(path) << std::string(100'000, 'x') << "\n";
  ASSERT_TRUE(gzip_in_place(path.string()));
  fs::resize_file(folder_ / "a.log.gz", fs::file_size(folder_ / "a.log.gz") / 2);
  const auto content = read(folder_ / "a.log.gz");
  ASSERT_FALSE(content);
  EXPECT_EQ(content.error().kind, ErrorKind::corrupt);
}

TEST_F(GzipTest, IsReadInPieces) {
  const fs::path path = folder_ / "a.log";
  std::string text;
  for (int i = 0; i < 30'000; ++i) text += "line " + std::to_string(i) + "\n";
  std::ofstream(path) << text;
  ASSERT_TRUE(gzip_in_place(path.string()));
  const std::string compressed = path.string() + ".gz";
  auto reader = GunzipReader::open(Fd(::open(compressed.c_str(), O_RDONLY | O_CLOEXEC)), compressed).value();
  EXPECT_EQ(reader.read(10).value(), text.substr(0, 10));
  ASSERT_TRUE(reader.skip(150'000));
  EXPECT_EQ(reader.read(100'000).value(), text.substr(150'010, 100'000));
  EXPECT_EQ(reader.read(text.size()).value(), text.substr(250'010));
  EXPECT_EQ(reader.read(10).value(), "");
  EXPECT_TRUE(reader.skip(10));
}

TEST_F(GzipTest, WhatCannotBeWrittenStays) {
  const fs::path path = folder_ / "a.log";
  std::ofstream(path) << "text\n";
  fs::create_directory(folder_ / "a.log.gz.part");
  ASSERT_FALSE(gzip_in_place(path.string()));
  EXPECT_EQ(read(path).value(), "text\n");
}

}  // namespace
}  // namespace venturi
