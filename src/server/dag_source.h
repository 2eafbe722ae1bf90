// Brings what the lanes find in the DAGs folder to the scheduler, and what is wrong with it to the metadata's import errors.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/event_loop.h"
#include "lanes/dag_processor.h"
#include "schedule/time_zone.h"
#include "server/scheduler.h"

namespace venturi::server {

class DagSource {
 public:
  struct Events {
    std::function<void()> on_dag;      // one was given to the scheduler
    std::function<void()> on_scanned;  // all files of the first scan have had their outcome
    // Which DAGs are taken, and in which form; null leaves one out. May be missing: all as they are.
    std::function<std::shared_ptr<const Dag>(const std::shared_ptr<const Dag>&)> choose = {};
  };
  // `zones` are the engine's: those that a timetable names are added before the engine sees it.
  DagSource(EventLoop& loop, Scheduler& scheduler, schedule::TimeZones& zones, store::Reader& reader,
            lanes::DagProcessorOptions options, Events events);

  [[nodiscard]] Result<void> start() { return processor_.start(); }
  [[nodiscard]] bool is_scanned() const { return is_scanned_; }
  void rescan() { processor_.rescan(); }
  void reparse(const std::string& file) { processor_.reparse(file); }
  // Of a DAG that the engine was told is gone: where its file still declares it, it is there.
  void see_again(const std::shared_ptr<const Dag>& dag);
  // When the whole folder was looked through the last time.
  [[nodiscard]] std::optional<Time> last_scan() const { return processor_.last_scan(); }
  // How many files have an error.
  [[nodiscard]] std::size_t failing_files() const { return told_.size(); }
  // Why the folder cannot be read as it should; empty: it can.
  [[nodiscard]] std::string folder_trouble() const;
  // Stored programs of other DAG versions than the current ones and these are removed.
  void keep_only(const std::set<std::string>& programs) { processor_.keep_only(programs); }
  // What a DAG's program did when its timetable, weight rule or partition mapper was asked, in place of an answer; empty: it
  // answered.
  void set_timetable_error(const Dag& dag, const std::string& text);
  void set_weight_error(const Dag& dag, const std::string& text);
  void set_mapper_error(const Dag& dag, const std::string& text);

 private:
  void on_dag(const std::shared_ptr<const Dag>& found);
  void on_gone(const std::string& dag_id);
  using ErrorsByFile = std::map<std::string, std::map<std::string, std::string>>;  // and by dag_id
  void set_error(ErrorsByFile& of, const std::string& file, const std::string& dag_id, const std::string& text);  // empty: none
  void forget_errors(ErrorsByFile& of, const std::string& dag_id);
  void tell_errors(const std::string& file);
  void on_import_error(const lanes::ImportError& error);
  void on_import_ok(const std::string& file);
  void scanned();

  Scheduler& scheduler_;
  schedule::TimeZones& zones_;
  store::Reader& reader_;
  std::string bundle_;
  Events events_;
  bool is_scanned_ = false;
  std::set<std::string> told_;                                     // files with an import error
  std::map<std::string, std::string> lane_errors_;                 // what the lane said last, by file
  ErrorsByFile schedule_errors_;                                   // of DAGs that are well but for their schedule
  ErrorsByFile timetable_errors_, weight_errors_, mapper_errors_;  // ... and of what classes of the user's do
  lanes::DagProcessor processor_;
};

// The timetable of a DAG, its zones added; the error says what is wrong with its schedule.
[[nodiscard]] Result<void> check_schedule(const Dag& dag, schedule::TimeZones& zones);

}  // namespace venturi::server
