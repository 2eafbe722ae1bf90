// What belonged to runs that were deleted. The run itself is gone with one transaction; its rows go in slices, so that others'
// commits wait for none of them, and its folders are moved aside and removed by a thread. What a crash leaves of both goes
// after the next start.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/event_loop.h"
#include "base/job_thread.h"
#include "base/result.h"
#include "home/home.h"
#include "server/scheduler.h"
#include "store/store.h"

namespace venturi::server {

class DeletedRuns {
 public:
  // All outlive it. It waits for what its thread does when it is destroyed.
  DeletedRuns(EventLoop& loop, Scheduler& scheduler, store::Reader& reader, const Home& home);
  ~DeletedRuns() { stop_ = true; }

  // After a start: what is left of runs that were deleted before.
  void go_on();
  // Whether it may be deleted: an error says what still needs it.
  [[nodiscard]] Result<void> check(const DagRun& run) const;
  // With the open batch. A run that ended; where an error comes back it is still there, perhaps without its files. `archive`:
  // Cleaning::archive.
  [[nodiscard]] Result<void> remove(const DagRun& run, const std::string& archive = {});
  // With the open batch: a task instance of such a run, with its logs. For the others of the run it is as if there never had
  // been one; of a mapped task there is no such way, as its instances are counted.
  [[nodiscard]] Result<void> remove(const DagRun& run, const TaskInstance& ti);
  // With the open batch: a slice of the rows that are left.
  void sweep_some();
  // Moves a folder of the run's out of sight, to be removed by the thread after go_on(); false where there is none.
  [[nodiscard]] Result<bool> put_aside(const std::filesystem::path& folder, RunNo run);

 private:
  void sweep_rows();
  void empty_trash();
  [[nodiscard]] std::array<std::filesystem::path, 4> trashes() const;

  EventLoop& loop_;
  Scheduler& scheduler_;
  store::Reader& reader_;
  const Home& home_;
  std::uint64_t next_name_ = 0;
  bool sweeps_ = false, empties_ = false, again_ = false;
  std::atomic<bool> stop_ = false;  // what is left goes after the next start
  JobThread thread_;                // last: it uses the others
};

}  // namespace venturi::server
