// XComs that are too large for the metadata: files of the home, by run, so that they go with it.
//
//   $VENTURI_HOME/xcoms/<dag_id>/<run_id>/<16 hex digits>     the value in msgpack, verbatim as the task sent it
//   column value of its row in the table xcom                 "@<16 hex digits>" (store::file_of_xcom)
//
// A file, its folder and what is new of the folders above are synced before the row that refers to it is committed; a file is
// removed after the commit of what came in its row's place. What a crash leaves between the two is no row's, and goes with the
// sweep of the next start. All of it is done by a thread of its own, one after the other: disks are slow, and a loop waits for
// none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/event_loop.h"
#include "base/job_thread.h"
#include "base/result.h"
#include "store/store.h"

namespace venturi::server {

class XComFiles {
 public:
  // Its folder need not exist yet.
  XComFiles(EventLoop& loop, std::filesystem::path folder);
  ~XComFiles();
  XComFiles(const XComFiles&) = delete;
  XComFiles& operator=(const XComFiles&) = delete;

  // Removes the files that no row refers to; to be called before anything else is.
  void sweep(std::shared_ptr<store::Reader> reader);
  // False where the run is known to have no files: its rows need not be asked for one.
  [[nodiscard]] bool may_have(const store::XComKey& key) const;
  void has(const store::XComKey& key) { runs_.insert({key.dag_id, key.run_id}); }

  // In the thread, after all that was begun before; what it leaves to be done, in the loop.
  void run(JobThread::Job job);
  void run_after(std::chrono::milliseconds delay, std::function<void()> call);
  void remove(const std::filesystem::path& path);
  [[nodiscard]] std::filesystem::path folder_of(const store::XComKey& key) const;

 private:
  void next();

  EventLoop& loop_;
  std::filesystem::path folder_;
  bool swept_ = false, busy_ = false;
  std::set<std::pair<std::string, std::string>> runs_;  // that have files
  std::deque<JobThread::Job> jobs_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::unique_ptr<JobThread> thread_;  // made when it is needed first; last: it uses the others
};

// What block, for its thread.

// The name of the file, which is on disk then.
[[nodiscard]] Result<std::string> write_xcom_file(const std::filesystem::path& folder, std::string_view bytes);
[[nodiscard]] Result<std::string> read_xcom_file(const std::filesystem::path& path);
// How many files were no row's; the runs that have others are added to `runs`.
std::size_t sweep_xcom_files(const std::filesystem::path& folder, store::Reader& reader,
                             std::set<std::pair<std::string, std::string>>& runs);

}  // namespace venturi::server
