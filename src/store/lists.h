// Pages of runs and of task instances, as lists of the API ask for them: filtered, ordered and cut by the database. A reader of
// its own, because what a person may ask for can take long (rows_to_visit()).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/dag.h"
#include "model/records.h"

namespace venturi::store {

template <class T>
struct Range {
  std::optional<T> gte = std::nullopt, gt = std::nullopt, lte = std::nullopt, lt = std::nullopt;
  [[nodiscard]] bool is_set() const { return gte || gt || lte || lt; }
};

// Airflow's X_pattern (in any case, somewhere in the text, "%", "_", several with "|") and X_prefix_pattern (as it stands).
struct Pattern {
  std::optional<std::string> somewhere = std::nullopt, prefix = std::nullopt;
  [[nodiscard]] bool is_set() const { return somewhere || prefix; }
};

enum class RunColumn : std::uint8_t {
  number,
  dag_id,
  run_id,
  run_after,
  logical_date,
  start_date,
  end_date,
  state,
  updated_at,
  conf,
  duration,
  partition_date,
  data_interval_start,
  data_interval_end
};
enum class TaskInstanceColumn : std::uint8_t {
  number,
  state,
  duration,
  start_date,
  end_date,
  updated_at,
  map_index,
  try_number,
  queued_at,
  rendered_map_index,
  task_operator,
  of_run  // by a column of its run
};

template <class Column>
struct Ordered {
  Column by;
  bool descending = false;
  RunColumn of_run = RunColumn::number;  // by TaskInstanceColumn::of_run
};

// Of a run, whatever is listed.
struct RunConditions {
  std::optional<std::string> dag_id = std::nullopt, run_id = std::nullopt;
  std::vector<RunState> states = {};
  std::vector<RunType> run_types = {};
  Range<Time> run_after = {}, logical_date = {}, start_date = {}, end_date = {}, updated_at = {}, partition_date = {};
  Range<double> duration = {};  // seconds
  std::vector<std::int64_t> version_numbers = {};
  std::optional<std::string> conf_contains = std::nullopt;
  Pattern like_dag_id = {}, like_run_id = {}, like_user = {}, like_partition_key = {};
};

struct RunList {
  RunConditions conditions = {};
  std::vector<Ordered<RunColumn>> order = {};  // then by number
  std::int64_t limit = 100, offset = 0;
};

struct TaskInstanceList {
  RunConditions conditions = {};
  std::vector<TaskState> states = {};
  std::optional<std::string> task_id = std::nullopt;
  bool only_mapped = false;
  std::vector<std::int64_t> map_indexes = {}, try_numbers = {};
  Range<Time> start_date = {}, end_date = {}, updated_at = {};
  Range<double> duration = {};
  Pattern like_rendered_map_index = {};
  // By what the run's version of the DAG says of the task. Called while the list is read, in its thread, once for a task.
  std::function<bool(const Dag& dag, const Task& task)> fits = {};
  std::vector<Ordered<TaskInstanceColumn>> order = {};
  std::int64_t limit = 100, offset = 0;
};

struct RunPage {
  std::vector<DagRun> runs;
  std::vector<std::optional<std::string>> notes;  // of each
  std::int64_t total = 0;                         // whatever the page
};
struct TaskInstancePage {
  std::vector<TaskInstance> task_instances;
  std::vector<std::optional<std::string>> notes, rendered_map_indexes;  // of each
  std::vector<DagRun> runs;                                             // that they belong to, by number
  std::int64_t total = 0;
};

struct DagRow {
  DagState state;  // as if it were new, where the scheduler has no memory of it yet
  std::string version_id, bundle, relative_fileloc, fileloc;
  bool has_import_error = false;  // of its file
};
using DagPage = std::vector<DagRow>;

class Lists {
 public:
  virtual ~Lists() = default;
  // All whose file is there, by dag_id, without what is in their serialized form.
  [[nodiscard]] virtual Result<DagPage> dags() = 0;
  [[nodiscard]] virtual Result<std::optional<DagRow>> dag(std::string_view dag_id) = 0;
  [[nodiscard]] virtual Result<RunPage> runs(const RunList& list) = 0;
  [[nodiscard]] virtual Result<TaskInstancePage> task_instances(const TaskInstanceList& list) = 0;
  // The one of a run, of any map index where none is given; an empty page where there is none. By `likely`, where it stands
  // there.
  [[nodiscard]] virtual Result<TaskInstancePage> task_instance(const DagRun& run, const std::string& task_id,
                                                               std::optional<std::int32_t> map_index,
                                                               std::optional<TaskInstanceNo> likely) = 0;
  // Of one task instance, the first one first.
  [[nodiscard]] virtual Result<std::vector<TaskInstance>> ended_tries(TaskInstanceNo task_instance) = 0;
  // About how many rows the answer takes, at most: whether it can be waited for.
  [[nodiscard]] virtual Result<std::int64_t> rows_to_visit(const RunList& list) = 0;
  [[nodiscard]] virtual Result<std::int64_t> rows_to_visit(const TaskInstanceList& list) = 0;
  // From any thread: what is being read ends with an error.
  virtual void interrupt() = 0;
};

}  // namespace venturi::store
