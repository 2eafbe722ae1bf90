// What a home forgets by itself: runs, XComs, files, logs, versions of DAGs and asset events that are old or too many
// ([retention]), and the same by hand (`db clean`). A thread finds them; the loop deletes them in slices, between which
// others' commits pass.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "base/job_thread.h"
#include "base/result.h"
#include "home/config.h"
#include "home/home.h"
#include "server/deleted_runs.h"
#include "server/scheduler.h"
#include "store/sqlite/old_rows.h"
#include "store/store.h"

namespace venturi::server {

struct CleaningOrder {
  store::CleaningRules rules;
  std::optional<Time> files_before, logs_before;  // of runs that ended before it
  std::optional<Time> compress_logs_before;       // that were last written to before it
  std::string archive;                            // suffix of tables that take what is deleted; empty: none do
  bool is_dry_run = false;
};
struct CleaningReport {
  std::int64_t runs = 0, task_instances = 0, xcoms = 0, folders = 0, dag_versions = 0, asset_events = 0, event_logs = 0,
               expired_states = 0, compressed_logs = 0;
  std::int64_t kept = 0;                   // runs that somebody needed in the meantime
  [[nodiscard]] std::string text() const;  // "3 runs, 2 folders"; empty: nothing
  friend bool operator==(const CleaningReport&, const CleaningReport&) = default;
};
// What [retention] and [logging] say at this time.
[[nodiscard]] CleaningOrder retention_order(const Config& config, Time now);

class Retention {
 public:
  using OnDone = std::function<void(Result<CleaningReport>)>;
  // All outlive it. It waits for what its thread does when it is destroyed.
  Retention(EventLoop& loop, Scheduler& scheduler, store::Reader& reader, DeletedRuns& deleted_runs, const Home& home,
            std::string database);
  ~Retention();

  // One after the other.
  void clean(CleaningOrder order, OnDone on_done);
  // Cleans by what `order` gives, in this rhythm, the first time after a minute.
  void every(std::chrono::microseconds interval, std::function<CleaningOrder()> order, OnDone on_done);

 private:
  struct Folder {
    store::OldRun run;
    std::filesystem::path path;
  };
  struct Found {
    store::OldRows rows;
    std::vector<Folder> folders;
    std::int64_t compressed = 0;
    std::string trouble;  // with files; what can be done is done nevertheless
  };
  struct Work {
    CleaningOrder order;
    OnDone on_done;
    CleaningReport report = {};
    Found found;
    std::size_t next_run = 0, next_xcoms = 0, next_folder = 0, next_version = 0;
    std::int64_t asset_slices = 0, event_log_slices = 0, state_slices = 0;
  };

  void begin();
  [[nodiscard]] Result<Found> find(const CleaningOrder& order) const;
  // False: it is to stop.
  [[nodiscard]] bool look_at_files(const store::OldRun& run, const CleaningOrder& order, Found& found) const;
  void slice();
  [[nodiscard]] bool delete_runs(Work& work);
  [[nodiscard]] bool delete_xcoms(Work& work);
  [[nodiscard]] bool is_as_found(const store::OldRun& old) const;
  void delete_folders(Work& work);
  [[nodiscard]] bool delete_others(Work& work);
  void done(Result<CleaningReport> report);
  void arm();

  EventLoop& loop_;
  Scheduler& scheduler_;
  store::Reader& reader_;
  DeletedRuns& deleted_runs_;
  const Home& home_;
  const std::string database_;
  std::deque<std::unique_ptr<Work>> works_;
  Time compressed_to_ = Time::min();  // logs of runs that ended before it were looked at
  struct Rhythm {
    std::chrono::microseconds interval{};
    std::function<CleaningOrder()> order;
    OnDone on_done;
  };
  std::optional<Rhythm> rhythm_;
  std::optional<EventLoop::TimerId> timer_, pause_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::atomic<bool> stop_ = false;  // the thread's look is not needed any more
  JobThread thread_;                // last: it uses the others
};

}  // namespace venturi::server
