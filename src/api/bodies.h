// What the API shows of things, in the members of Airflow's document (DAGResponse, DAGRunResponse, TaskInstanceResponse, ...).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "api/api.h"
#include "model/records.h"
#include "store/lists.h"
#include "venturi/value.h"

namespace venturi::api {

// What follows from a version of a DAG and takes a walk over its tasks (Api::facts() keeps it).
struct DagFacts {
  bool is_partitioned = false, is_periodic = false, has_limits = false;
  std::string display_name;
  Value summary, description, tags, owners;
};
[[nodiscard]] std::shared_ptr<const DagFacts> facts_of(const Dag& dag);
// dag_body() as text.
void append_dag(std::string& out, Api& api, const Dag& dag, const DagState* state, bool has_import_errors);
[[nodiscard]] Object dag_body(Api& api, const Dag& dag, const DagState* state);
// DAGDetailsResponse: what dag_body() has, and more.
[[nodiscard]] Object dag_details_body(Api& api, const Dag& dag, const DagState* state);
[[nodiscard]] Value dag_version_body(Api& api, const std::string& dag_id, const std::string& version_id);
[[nodiscard]] Value task_body(const Dag& dag, const Task& task);
[[nodiscard]] Value run_body(Api& api, const DagRun& run);
// Answers, written as text.
[[nodiscard]] net::HttpServerResponse run_page(Api& api, const store::RunPage& page);
[[nodiscard]] net::HttpServerResponse task_instance_page(Api& api, const store::TaskInstancePage& page);
struct OfRun {  // what task instances of a run are shown with
  const DagRun& run;
  std::shared_ptr<const Dag> dag;  // null: its version is not there any more
  Value version;
  std::map<TaskInstanceNo, std::string> names;  // rendered_map_index
  std::map<TaskInstanceNo, std::string> notes;
};
[[nodiscard]] OfRun of_run(Api& api, const DagRun& run);
// ... of this one alone, as it was found.
[[nodiscard]] OfRun of_found(Api& api, const DagRun& run, const store::TaskInstancePage& found);
// The task instance of the run, whatever the run's size; an empty page where there is none.
[[nodiscard]] store::TaskInstancePage find_in_run(Api& api, const DagRun& run, const std::string& task_id,
                                                  std::optional<std::int32_t> map_index);
[[nodiscard]] Object task_instance_body(const OfRun& of, const TaskInstance& ti);
[[nodiscard]] Value task_instance_history_body(const OfRun& of, const TaskInstance& ti);

// The run, or Refusal 404 in Airflow's words.
[[nodiscard]] DagRun find_run(Api& api, const std::string& dag_id, const std::string& run_id);

}  // namespace venturi::api
