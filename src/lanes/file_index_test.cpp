#include "lanes/file_index.h"

#include "base/crypto.h"
#include "lanes/testing/loop_fixture.h"

namespace venturi::lanes {
namespace {

class FileIndexTest : public testing::Test {
 protected:
  TemporaryFolder folder;
  std::string path = folder.path + "/files.json", file = folder.path + "/x";
  static constexpr std::int64_t second = 1'000'000'000;
};

TEST_F(FileIndexTest, KeepsHashesOverARestart) {
  write_text(file, "content");
  const FileStamp stamp = *stamp_of(file);
  FileIndex index(path);
  index.remember(file, stamp, "hash", stamp.ctime_ns + second);
  ASSERT_TRUE(index.save(false));
  FileIndex again(path);
  EXPECT_EQ(again.find(file, stamp), "hash");
  FileStamp other = stamp;
  ++other.ctime_ns;
  EXPECT_EQ(again.find(file, other), std::nullopt);
}

TEST_F(FileIndexTest, DoesNotTrustAFileThatWasJustWritten) {
  write_text(file, "content");
  const FileStamp stamp = *stamp_of(file);
  FileIndex index(path);
  index.remember(file, stamp, "hash", stamp.ctime_ns + 1'000'000);
  EXPECT_EQ(index.find(file, stamp), std::nullopt);
}

TEST_F(FileIndexTest, HashesWhatItDoesNotKnow) {
  write_text(file, "content");
  FileIndex index(path);
  EXPECT_EQ(index.hash_now(file).value(), sha256_hex("content"));
  EXPECT_EQ(index.hash_now(file + "y").error().kind, ErrorKind::not_found);
}

TEST_F(FileIndexTest, ForgetsWhatNobodyAskedFor) {
  FileIndex index(path);
  index.remember("/a", {1, 2, 3, 4}, "ha", second);
  index.remember("/b", {1, 2, 3, 4}, "hb", second);
  ASSERT_TRUE(index.save(false));
  FileIndex again(path);
  (void)again.find("/a", {1, 2, 3, 4});
  ASSERT_TRUE(again.save(true));
  FileIndex last(path);
  EXPECT_TRUE(last.find("/a", {1, 2, 3, 4}));
  EXPECT_FALSE(last.find("/b", {1, 2, 3, 4}));
}

TEST_F(FileIndexTest, TakesAnUnreadableIndexForAnEmptyOne) {
  for (const char* text : {"", "{", "[]", R"({"a": 1, "b": [1, 2], "c": ["x", 1, 2, 3, "h"]})"}) {
    write_text(path, text);
    FileIndex index(path);
    EXPECT_FALSE(index.find("c", {1, 1, 2, 3})) << text;
  }
}

}  // namespace
}  // namespace venturi::lanes
