// The files of a DAGs folder (but hidden ones) and what happens to them: inotify over the tree, and a slow rescan for what
// inotify cannot see (network file systems, files behind links, a full event queue). An idle folder costs no CPU but the
// rescan.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/event_loop.h"
#include "base/fd.h"
#include "lanes/cache_file.h"
#include "lanes/ignore_file.h"

namespace venturi::lanes {

struct FolderChanges {
  std::vector<std::string> written;  // new, changed or perhaps changed; relative to the folder, sorted
  std::vector<std::string> removed;
  bool whole_folder = false;  // the outcome of a scan of everything, not of single events
  // Of a whole scan: folders that cannot be read or watched, each with what to do; empty when all is well.
  std::string problems;
};

class DagFolder {
 public:
  using OnChanges = std::function<void(const FolderChanges&)>;

  // Nothing is read before start(). `on_changes` is called from the loop; the first call is the first whole scan, even when
  // it found nothing.
  DagFolder(EventLoop& loop, std::string root, std::chrono::milliseconds rescan_interval, OnChanges on_changes);
  ~DagFolder();
  DagFolder(const DagFolder&) = delete;
  DagFolder& operator=(const DagFolder&) = delete;

  // An error where inotify cannot be had at all.
  [[nodiscard]] Result<void> start();
  void rescan();

  // What the last look found.
  [[nodiscard]] bool has(std::string_view file) const { return files_.contains(file); }
  [[nodiscard]] std::vector<std::string> files_below(std::string_view folder) const;

 private:
  struct Scan;

  void on_inotify();
  void on_event(int watch, std::uint32_t mask, std::string_view name);
  void examine_soon();
  void examine_dirty();
  void continue_scan();
  void read_directory(Scan& scan, std::chrono::steady_clock::time_point until);
  void enter_directory(Scan& scan);
  void finish_scan();
  void schedule_rescan(std::chrono::milliseconds delay);
  [[nodiscard]] bool is_ignored(std::string_view path) const;
  [[nodiscard]] std::string absolute(std::string_view relative) const;

  EventLoop& loop_;
  std::string root_;
  std::chrono::milliseconds rescan_interval_;
  OnChanges on_changes_;
  Fd inotify_;
  std::map<int, std::string> watches_;  // inotify's number -> folder, relative
  std::map<std::string, FileStamp, std::less<>> files_;
  IgnorePatterns ignored_;
  std::set<std::string> dirty_;
  bool everything_dirty_ = false;
  std::unique_ptr<Scan> scan_;
  std::optional<EventLoop::TimerId> examine_timer_, rescan_timer_, step_timer_;
};

}  // namespace venturi::lanes
