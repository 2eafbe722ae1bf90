// A full disk, wherever it strikes: an error that says so, the database as before, and work again once there is room.
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <csignal>

#include "store/sqlite/fault_vfs.h"
#include "store/sqlite/numbered_batches.h"

namespace venturi::store {
namespace {

using testing::HasSubstr;

class SqliteFullDisk : public StoreTest {
 protected:
  SqliteFullDisk() { std::filesystem::create_directory(folder_ + "/durable"); }
};

TEST_F(SqliteFullDisk, AtEachWriteOfACommit) {
  FaultVfs vfs(folder_ + "/durable");
  const auto store = open();
  need(store->commit(numbered_batch(1)));
  int failures = 0;
  for (int n = 2, write = 1; n < 30; ++write) {
    vfs.fail_write_at = write;
    const auto committed = store->commit(numbered_batch(n));
    vfs.fail_write_at = 0;
    if (committed) {  // all its writes came before
      ASSERT_EQ(last_numbered_batch(*store), n);
      ++n;
      write = 0;
      continue;
    }
    ++failures;
    ASSERT_EQ(committed.error().kind, ErrorKind::exhausted) << committed.error().text();
    ASSERT_THAT(committed.error().text(), HasSubstr("make room in " + folder_));
    ASSERT_EQ(last_numbered_batch(*store), n - 1);
  }
  EXPECT_GT(failures, 100);
  need(store->commit(numbered_batch(30)));
  EXPECT_EQ(last_numbered_batch(*store), 30);
}

TEST_F(SqliteFullDisk, AFailedSyncIsNoCommit) {
  FaultVfs vfs(folder_ + "/durable");
  const auto store = open();
  need(store->commit(numbered_batch(1)));
  vfs.fail_sync_at = 1;
  const auto committed = store->commit(numbered_batch(2));
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().kind, ErrorKind::unavailable);
  vfs.fail_sync_at = 0;
  EXPECT_EQ(last_numbered_batch(*store), 1);
  need(store->commit(numbered_batch(2)));
  EXPECT_EQ(last_numbered_batch(*store), 2);
}

TEST_F(SqliteFullDisk, ACheckpointThatFailsFailsNoBatchBeforeIt) {
  FaultVfs vfs(folder_ + "/durable");
  const auto store = open();
  need(store->commit(numbered_batch(1)));  // begins a log, which takes a sync of its own
  // With one sync allowed a commit succeeds, and the checkpoint that follows some of them does not.
  int n = 2;
  Result<void> committed;
  do {
    vfs.fail_sync_at = 2;
    committed = store->commit(numbered_batch(n));
    vfs.fail_sync_at = 0;
    if (committed) ASSERT_EQ(last_numbered_batch(*store), n++);
    ASSERT_LT(n, 200) << "no checkpoint was met";
  } while (committed);
  // The batch after it tells of the disk before anything of it is written.
  EXPECT_THAT(committed.error().text(), HasSubstr("copying the write-ahead log into the database"));
  EXPECT_EQ(last_numbered_batch(*store), n - 1);
  need(store->commit(numbered_batch(n)));
  EXPECT_EQ(last_numbered_batch(*store), n);
}

// The kernel's own refusal, by a limit on the size of files.
TEST_F(SqliteFullDisk, WhenTheKernelRefuses) {
  const auto store = open();
  need(store->commit(numbered_batch(1)));
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit tight{std::filesystem::file_size(path_ + "-wal") + 100'000, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
  Batch large = numbered_batch(2);
  large.rendered = {{1, std::string(4'000'000, 'x')}};
  const auto committed = store->commit(large);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);

  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().kind, ErrorKind::exhausted) << committed.error().text();
  EXPECT_EQ(last_numbered_batch(*store), 1);
  need(store->commit(large));
  EXPECT_EQ(last_numbered_batch(*store), 2);
}

TEST_F(SqliteFullDisk, WhileTheDatabaseIsMade) {
  FaultVfs vfs(folder_ + "/durable");
  bool opened = false;
  int failures = 0;
  for (int write = 1; !opened; ++write) {
    vfs.fail_write_at = write;
    const auto store = open_sqlite(path_, cipher_);
    vfs.fail_write_at = 0;
    opened = store.has_value();
    if (!opened) {
      ++failures;
      EXPECT_EQ(store.error().kind, ErrorKind::exhausted) << store.error().text();
    }
  }
  EXPECT_GT(failures, 5);
  const auto store = open();
  need(store->commit(numbered_batch(1)));
  EXPECT_EQ(last_numbered_batch(*store), 1);
}

}  // namespace
}  // namespace venturi::store
