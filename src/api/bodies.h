// What the API shows of things, in the members of Airflow's document (DAGResponse, DAGRunResponse, TaskInstanceResponse, ...).
#pragma once

#include <string>

#include "api/api.h"
#include "model/records.h"
#include "venturi/value.h"

namespace venturi::api {

// As Airflow's Timetable.summary and .description; null where nothing is scheduled.
[[nodiscard]] Value timetable_summary(const Dag& dag);
[[nodiscard]] Value timetable_description(const Dag& dag);
[[nodiscard]] Object dag_body(Api& api, const Dag& dag, const DagState* state);
// DAGDetailsResponse: what dag_body() has, and more.
[[nodiscard]] Object dag_details_body(Api& api, const Dag& dag, const DagState* state);
[[nodiscard]] Value dag_version_body(Api& api, const std::string& dag_id, const std::string& version_id);
[[nodiscard]] Value task_body(const Dag& dag, const Task& task);
[[nodiscard]] Value run_body(Api& api, const DagRun& run);
struct OfRun {  // what task instances of a run are shown with
  const DagRun& run;
  std::shared_ptr<const Dag> dag;  // null: its version is not there any more
  Value version;
  std::map<TaskInstanceNo, std::string> names;  // rendered_map_index
  std::map<TaskInstanceNo, std::string> notes;
};
[[nodiscard]] OfRun of_run(Api& api, const DagRun& run);
[[nodiscard]] Object task_instance_body(const OfRun& of, const TaskInstance& ti);
[[nodiscard]] Value task_instance_history_body(const OfRun& of, const TaskInstance& ti);

// The run, or Refusal 404 in Airflow's words.
[[nodiscard]] DagRun find_run(Api& api, const std::string& dag_id, const std::string& run_id);

}  // namespace venturi::api
