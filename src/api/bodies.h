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
[[nodiscard]] std::string title_of(const Dag& dag);  // its dag_display_name
// As Airflow's Timetable.summary and .description; null where nothing is scheduled.
[[nodiscard]] Value timetable_summary(const Dag& dag);
[[nodiscard]] Value timetable_description(const Dag& dag);
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
[[nodiscard]] bool has_task_instance(Api& api, const DagRun& run, const std::string& task_id,
                                     std::optional<std::int64_t> map_index);  // as a body has it: any where none is given
[[nodiscard]] Object task_instance_body(const OfRun& of, const TaskInstance& ti);
[[nodiscard]] Value task_instance_history_body(const OfRun& of, const TaskInstance& ti);

// As they were rendered for its newest try, without secrets; empty where none were.
[[nodiscard]] Value rendered_fields(store::Reader& reader, const TaskInstance& ti);
// Of a path with dag_id, dag_run_id and task_id; without a map_index the one that is none of a mapped task. Or Refusal 404.
struct FoundTaskInstance {
  DagRun run;
  TaskInstance ti;
  store::TaskInstancePage page;  // with what belongs to it
};
[[nodiscard]] FoundTaskInstance find_task_instance(const Call& call, std::optional<std::int32_t> map_index);
// ... and as `map_index` of the query has it.
[[nodiscard]] std::optional<std::int32_t> map_index_of_query(const Call& call);

// Of its row's text, which may name a file.
[[nodiscard]] Value xcom_value(Api& api, const store::XComKey& key, const std::string& text);
// Of the result of a command that clears or marks: the task instances as they are now.
[[nodiscard]] net::HttpServerResponse changed_instances_page(Api& api, const Value& result);

// What came back as it is shown, "***", stays what it was.
[[nodiscard]] Value with_kept_secrets(const Value& given, const Value& before);

// Makes a run by the body of a trigger, and answers with it.
void trigger_run_of(const Call& call, const Reply& reply, const std::string& dag_id, RunType type);

[[nodiscard]] AssetRecord find_asset(Api& api, std::int64_t no);  // or Refusal 404
// The run, or Refusal 404 in Airflow's words.
[[nodiscard]] DagRun find_run(Api& api, const std::string& dag_id, const std::string& run_id);

}  // namespace venturi::api
