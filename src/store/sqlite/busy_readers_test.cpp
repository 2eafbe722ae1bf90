// Readers who take turns, so that there never is a moment without one: the write-ahead log stays short all the same.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "store/sqlite/database.h"
#include "store/sqlite/store_fixture.h"

namespace venturi::store {
namespace {

using namespace std::chrono_literals;

class BusyReaders : public StoreTest {};

TEST_F(BusyReaders, TheLogStaysBounded) {
  const auto store = open();
  Batch batch;
  batch.runs = {make_run(1, 1, 400)};
  for (TaskInstanceNo no = 1; no <= 400; ++no) batch.task_instances.push_back(make_task_instance(no, 1));
  need(store->commit(batch));

  std::atomic<bool> stop = false;
  std::atomic<int> snapshots = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&, i] {
      auto db = need(Database::open(path_, Database::Access::read_only, 64));
      std::this_thread::sleep_for(std::chrono::milliseconds(i));
      while (!stop) {  // each holds its snapshot for longer than the others' pauses
        need(db.execute("BEGIN; SELECT count(*) FROM dag_run;"));
        std::this_thread::sleep_for(2ms);
        need(db.execute("COMMIT"));
        ++snapshots;
      }
    });
  }
  const std::string log = path_ + "-wal";
  std::uintmax_t largest = 0, written = 0;
  const auto end = std::chrono::steady_clock::now() + 60s;  // a slow machine
  // Several times as much as the log may have.
  for (int i = 0; i < 1200 && std::chrono::steady_clock::now() < end; ++i) {
    for (TaskInstance& ti : batch.task_instances) ti.pid = i;
    need(store->commit(batch));
    written += batch.task_instances.size() * 250;
    largest = std::max(largest, std::filesystem::file_size(log));
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_GT(snapshots, 20);
  EXPECT_GT(written, 30U << 20U);
  // Whether the readers leave the writer a gap is chance; without one that it waits for, the log has all that was written.
  EXPECT_LT(largest, (16U << 20U) + written / 4) << written << " bytes of rows were written";
}

}  // namespace
}  // namespace venturi::store
