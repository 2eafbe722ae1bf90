// From the files of a DAGs folder to DAGs. This folder is for what turns a file into the one DAG model: the folder's watch, the
// cache and this class are for all lanes, cpp/ is the lane of compiled programs and C++ sources, yaml/ that of declarative
// files.
//
//   DagFolder ──files──▶ DagProcessor ──▶ CppLane, YamlLane ──DagFileParsingResult──▶ read_serialized_dag ──▶ on_dag
//
// Everything happens in the loop's thread, in slices of a few milliseconds; compilers and programs are processes.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "base/result.h"
#include "base/time.h"
#include "lanes/cpp/cpp_lane.h"
#include "model/dag.h"

namespace venturi::lanes {

struct DagProcessorOptions {
  std::string dags_folder;  // absolute; made where it is not there
  std::string cache;        // $VENTURI_HOME/cache; processes may share it, but only the home's owner calls keep_only()
  std::string bundle = "dags-folder";
  std::chrono::milliseconds rescan_interval{std::chrono::seconds(300)};
  CppLaneOptions cpp;
};

// Why a file gives no DAGs, or not all of them. DAGs that it gave before stay as they were.
struct ImportError {
  std::string file;  // relative to the DAGs folder; "." where the folder itself cannot be read or watched as it should
  std::string text;  // several lines
  friend bool operator==(const ImportError&, const ImportError&) = default;
};

struct DagProcessorCallbacks {
  std::function<void(std::shared_ptr<const Dag>)> on_dag;     // new, or another version; all of them after a start
  std::function<void(const std::string& dag_id)> on_gone;     // its file is gone or no longer declares it
  std::function<void(const ImportError&)> on_import_error;    // replaces the file's former one
  std::function<void(const std::string& file)> on_import_ok;  // the first time a file is fine, and after an error;
                                                              // also when a file with an error is gone
  // All files of the first scan have had their outcome, slow compilations included: what the metadata knows beyond dag_ids()
  // and failing_files() is gone since the last time.
  std::function<void()> on_scanned;
};

class DagProcessor {
 public:
  DagProcessor(EventLoop& loop, DagProcessorOptions options, DagProcessorCallbacks callbacks);
  ~DagProcessor();
  DagProcessor(const DagProcessor&) = delete;
  DagProcessor& operator=(const DagProcessor&) = delete;

  // Begins with the first scan. No callback is called from inside. An error where folders cannot be made or watched.
  [[nodiscard]] Result<void> start();
  // Looks at the whole folder now.
  void rescan();
  // Reads this file anew, relative to the folder; one that is none of DAGs is left alone.
  void reparse(const std::string& file);
  // When the whole folder was looked through last.
  [[nodiscard]] std::optional<Time> last_scan() const;

  // Forgets all stored programs but the current ones of the files and these (Dag::program of versions that active runs follow).
  void keep_only(const std::set<std::string>& programs);

  [[nodiscard]] std::vector<std::string> dag_ids() const;
  [[nodiscard]] std::vector<std::string> failing_files() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace venturi::lanes
