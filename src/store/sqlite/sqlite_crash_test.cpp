// What was committed survives: the process's death at any moment, and a power cut.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <random>

#include "base/fd.h"
#include "store/sqlite/fault_vfs.h"
#include "store/sqlite/numbered_batches.h"

namespace venturi::store {
namespace {

using SqliteCrash = StoreTest;

// The child: batch after batch, each acknowledged through the pipe. Never returns.
[[noreturn]] void commit_for_ever(const std::string& path, const Cipher& cipher, int acknowledge, int next) {
  const auto store = open_sqlite(path, cipher);
  if (!store) _exit(2);
  for (int n = next;; ++n) {
    if (!(*store)->commit(numbered_batch(n))) _exit(3);
    if (write(acknowledge, &n, sizeof n) != sizeof n) _exit(4);
  }
}

TEST_F(SqliteCrash, KilledAtAnyMomentNothingAcknowledgedIsMissingAndNoBatchIsThereInPart) {
  std::minstd_rand random(42);
  int stored = 0, in_flight_survived = 0;
  for (int round = 0; round < 25; ++round) {
    auto [read_end, write_end] = make_pipe();
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) commit_for_ever(path_, cipher_, write_end.get(), stored + 1);
    write_end.reset();

    int acknowledged = 0;
    const int enough = 1 + static_cast<int>(random() % 12);
    for (int i = 0; i < enough; ++i) ASSERT_EQ(read(read_end.get(), &acknowledged, sizeof acknowledged), ssize_t{sizeof(int)});
    // Not a wait for something: the moment of the kill is to fall anywhere within a commit.
    const timespec moment{0, static_cast<long>(random() % 1'500'000)};
    nanosleep(&moment, nullptr);
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "round " << round << ": the child ended by itself";
    while (read(read_end.get(), &acknowledged, sizeof acknowledged) == ssize_t{sizeof(int)}) {}

    const auto store = open();
    stored = last_numbered_batch(*store);
    ASSERT_GE(stored, acknowledged);
    ASSERT_LE(stored, acknowledged + 1);
    in_flight_survived += stored - acknowledged;
  }
  EXPECT_TRUE(check_sqlite(path_));
  RecordProperty("batches", stored);
  RecordProperty("batches_committed_but_not_acknowledged", in_flight_survived);
}

TEST_F(SqliteCrash, APowerCutAfterACommitLosesNothingOfIt) {
  const std::string durable = folder_ + "/durable";
  std::filesystem::create_directory(durable);
  const FaultVfs vfs(durable);
  const auto store = open();
  // Enough for several turns of the log.
  for (int n = 1; n <= 60; ++n) {
    const int syncs = vfs.syncs;
    need(store->commit(numbered_batch(n)));
    EXPECT_GT(vfs.syncs, syncs);

    const std::string after = folder_ + "/after";
    std::filesystem::remove_all(after);
    std::filesystem::copy(durable, after);
    const auto reopened = need(open_sqlite(after + "/venturi.db", cipher_));
    ASSERT_EQ(last_numbered_batch(*reopened), n);
    for (const char* suffix : {"", "-wal"}) {
      ASSERT_TRUE(std::filesystem::exists(durable + "/venturi.db" + suffix)) << suffix;
    }
  }
}

}  // namespace
}  // namespace venturi::store
