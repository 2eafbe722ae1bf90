// The state of a DagProcessor: private to dag_processor.cpp (what happens to files) and dag_processor_apply.cpp (what becomes
// of their DAGs).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lanes/dag_folder.h"
#include "lanes/dag_owners.h"
#include "lanes/dag_processor.h"
#include "lanes/last_good.h"
#include "lanes/project_folder.h"
#include "lanes/yaml_lane.h"

namespace venturi::lanes {

struct DagProcessor::Impl {
  struct Served {
    std::string version_id, program;
  };
  struct File {
    std::uint64_t generation = 0;  // tells a file from one of the same name before it
    bool busy = false;             // the lane is at it
    bool again = false;            // and it changed meanwhile
    bool has_outcome = false;
    std::map<std::string, Served, std::less<>> dags;
    std::optional<std::string> error;
    ErrorKind error_kind = ErrorKind::internal;
    std::map<std::string, std::optional<FileStamp>, std::less<>> includes;  // absolute
  };

  Impl(EventLoop& loop, DagProcessorOptions options, DagProcessorCallbacks callbacks);
  ~Impl();

  // dag_processor.cpp
  void on_changes(const FolderChanges& changes);
  [[nodiscard]] bool is_dag_file(const std::string& relative);
  void look_for_project(const std::string& relative);
  void look_for_dependents(const std::string& relative);
  void look_at_old_files();
  void enqueue(const std::string& relative);
  void pump_soon();
  void pump();
  void examine(const std::string& relative);
  void load(const std::string& relative, File& file);
  void settle(const std::string& relative, std::uint64_t generation, Loaded loaded);
  void vanished(const std::string& relative);
  void after_grace();
  void remove(const std::string& relative);
  void outcome_of(const std::string& relative);
  void save_soon();
  void save();
  [[nodiscard]] std::set<std::string> current_programs();

  // dag_processor_apply.cpp
  void apply(const std::string& relative, File& file, const Loaded& loaded);
  // Nothing, or why this DAG is not taken.
  [[nodiscard]] std::optional<std::string> apply_dag(const std::string& relative, File& file, const Loaded& loaded,
                                                     const Value& serialized, std::set<std::string>& declared);
  void serve_last_good(const std::string& relative, File& file);
  // DAGs that are held for a file since the start, until it declares them again.
  void forget_claims(const std::string& relative, const File& file);
  void let_go(const std::string& relative, File& file, const std::string& dag_id);
  void set_error(const std::string& relative, File& file, ErrorKind kind, std::string text);
  void clear_error(const std::string& relative, File& file);

  EventLoop& loop;
  DagProcessorOptions options;
  DagProcessorCallbacks callbacks;
  std::string cache;
  FileIndex index;
  ProgramStore store;
  CppLane lane;
  YamlLane yaml_lane;
  DagFolder folder;
  ProjectFolders projects;
  DagOwners owners;
  LastGoodByFile last_good;
  std::map<std::string, File, std::less<>> files;
  std::deque<std::string> queue;  // to be examined; each once
  std::set<std::string> queued, vanishing, first_scan;
  std::string folder_problems;
  std::optional<Time> last_scan;
  bool first_scan_found = false, scanned = false;
  std::uint64_t next_generation = 1;
  std::optional<EventLoop::TimerId> pump_timer, grace_timer, retry_timer, save_timer;
  std::vector<std::string> to_retry;
};

}  // namespace venturi::lanes
