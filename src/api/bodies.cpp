#include "api/bodies.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace venturi::api {
namespace {

Value seconds_between(const std::optional<Time>& start, const std::optional<Time>& end) {
  return start && end ? Value(to_seconds(*end - *start)) : Value();
}

// Airflow's TimeDelta of a task.
Value time_delta(const std::optional<Duration>& duration) {
  if (!duration) return {};
  const auto days = std::chrono::duration_cast<std::chrono::days>(*duration);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*duration - days);
  return Object{{"__type", "TimeDelta"},
                {"days", static_cast<std::int64_t>(days.count())},
                {"seconds", static_cast<std::int64_t>(seconds.count())},
                {"microseconds", static_cast<std::int64_t>((*duration - days - seconds).count())}};
}

// There is no triggerer, and a trigger has no number but its task instance's.
Value trigger_body(const TaskInstance& ti) {
  return Object{{"id", ti.no},
                {"classpath", ti.deferral.at("classpath")},
                {"kwargs", to_json(ti.deferral.at("trigger_kwargs"))},
                {"created_date", ti.deferral.at("created_date")},
                {"queue", Value()},
                {"triggerer_id", Value()}};
}

std::string short_type(const Value& timetable) {
  const std::string type = timetable.get_string("__type");
  return type.substr(type.rfind('.') + 1);
}

// As Airflow's Timetable.summary.
Value summary_of(const Dag& dag) {
  const std::string type = short_type(dag.timetable);
  if (type == "NullTimetable") return {};
  if (type == "OnceTimetable") return "@once";
  if (type == "ContinuousTimetable") return "@continuous";
  const Value* of = dag.timetable.get("__var");
  if (of != nullptr && of->get("_summary") != nullptr) return of->get_string("_summary");
  if (of != nullptr && of->get("expression") != nullptr) return of->get_string("expression");
  return type;
}

Value description_of(const Dag& dag) {
  const Value* of = dag.timetable.get("__var");
  if (of == nullptr || of->get("_description") == nullptr) return summary_of(dag);
  return of->get_string("_description");
}

Value tags_of(const Dag& dag) {
  Array tags;
  for (const std::string& tag : dag.tags)
    tags.emplace_back(Object{{"name", tag}, {"dag_id", dag.dag_id}, {"dag_display_name", dag.dag_id}});
  return tags;
}

Value owners_of(const Dag& dag) {
  std::set<std::string> names;
  for (const Task& task : dag.tasks) names.insert(task.owner);
  Array owners;
  for (const std::string& name : names) owners.emplace_back(name);
  return owners;
}

const Value& serialized_dag(const Dag& dag) {
  static const Value none = Object{};
  const Value* inner = dag.serialized.get("dag");
  return inner == nullptr ? none : *inner;
}

std::string title_of(const Task& task) {
  return task.serialized.get_string("_task_display_property_value",
                                    task.serialized.get_string("task_display_name", task.task_id));
}

// What is the same in a task instance and in a try of it that ended.
Object common_of(const OfRun& of, const TaskInstance& ti) {
  const Task* task = nullptr;
  if (of.dag) {
    if (const auto index = of.dag->find_task(ti.task_id)) task = &of.dag->tasks[*index];
  }
  static const Task unknown;
  const Task& shown = task == nullptr ? unknown : *task;
  Object body{{"task_id", ti.task_id},
              {"dag_id", of.run.dag_id},
              {"dag_run_id", of.run.run_id},
              {"map_index", ti.map_index},
              {"start_date", date_or_null(ti.start_date)},
              {"end_date", date_or_null(ti.end_date)},
              {"duration", seconds_between(ti.start_date, ti.end_date)},
              {"state", ti.state == TaskState::none ? Value() : Value(std::string(to_string(ti.state)))},
              {"try_number", ti.try_number},
              {"max_tries", ti.max_tries},
              {"task_display_name", task == nullptr ? ti.task_id : title_of(shown)},
              {"dag_display_name", of.run.dag_id},
              {"hostname", ""},
              {"unixname", ""},
              {"pool", shown.pool},
              {"pool_slots", shown.pool_slots},
              {"queue", shown.queue},
              {"priority_weight", ti.priority_weight.value_or(shown.priority_weight)},
              {"operator", text_or_null(shown.task_type)},
              {"operator_name", text_or_null(shown.task_type)},
              {"queued_when", date_or_null(ti.queued_at)},
              {"scheduled_when", date_or_null(ti.queued_at)},
              {"pid", ti.pid == 0 ? Value() : Value(ti.pid)},
              {"executor", Value()},
              {"executor_config", "{}"},
              {"dag_version", of.version}};
  return body;
}

}  // namespace

Value timetable_summary(const Dag& dag) {
  return summary_of(dag);
}
Value timetable_description(const Dag& dag) {
  return description_of(dag);
}

DagRun find_run(Api& api, const std::string& dag_id, const std::string& run_id) {
  auto run = must(api.reader().run(dag_id, run_id));
  if (!run) throw Refusal{404, fmt::format("The DagRun with dag_id: `{}` and run_id: `{}` was not found", dag_id, run_id)};
  return std::move(*run);
}

Value dag_version_body(Api& api, const std::string& dag_id, const std::string& version_id) {
  const auto versions = must(api.reader().dag_versions(dag_id));
  const auto found = std::ranges::find(versions, version_id, &store::DagVersionRow::version_id);
  if (found == versions.end()) return {};
  return Object{{"id", version_id},           {"version_number", found - versions.begin() + 1},
                {"dag_id", dag_id},           {"bundle_name", found->bundle},
                {"bundle_version", Value()},  {"created_at", format_time(found->created)},
                {"dag_display_name", dag_id}, {"bundle_url", Value()}};
}

Object dag_body(Api& api, const Dag& dag, const DagState* state) {
  const bool is_scheduled = short_type(dag.timetable) != "NullTimetable" && short_type(dag.timetable) != "PartitionedAtRuntime";
  const bool is_partitioned =
      short_type(dag.timetable) == "PartitionedAssetTimetable" || short_type(dag.timetable) == "CronPartitionTimetable";
  const bool is_partial = short_type(dag.timetable) == "OnceTimetable" || short_type(dag.timetable) == "ContinuousTimetable" ||
                          short_type(dag.timetable) == "AssetTriggeredTimetable" || is_partitioned ||
                          !dag.timetable.get_value("__var").get_bool("_periodic", true);
  const DagState none{};
  const DagState& s = state == nullptr ? none : *state;
  return Object{
      {"dag_id", dag.dag_id},
      {"dag_display_name", serialized_dag(dag).get_string("dag_display_name", dag.dag_id)},
      {"is_paused", s.is_paused},
      {"is_stale", false},
      {"last_parsed_time", Value()},
      {"last_parse_duration", Value()},
      {"last_expired", Value()},
      {"bundle_name", dag.bundle},
      {"bundle_version", Value()},
      {"relative_fileloc", dag.relative_fileloc},
      {"fileloc", dag.fileloc},
      {"description", text_or_null(dag.description)},
      {"timetable_summary", summary_of(dag)},
      {"timetable_description", description_of(dag)},
      {"timetable_partitioned", is_partitioned},
      {"timetable_periodic", is_scheduled && !is_partial},
      {"tags", tags_of(dag)},
      {"max_active_tasks",
       dag.max_active_tasks.value_or(static_cast<int>(api.config().integer("core.max_active_tasks_per_dag")))},
      {"max_active_runs", dag.max_active_runs.value_or(static_cast<int>(api.config().integer("core.max_active_runs_per_dag")))},
      {"max_consecutive_failed_dag_runs", dag.max_consecutive_failed_dag_runs.value_or(static_cast<int>(
                                              api.config().integer("core.max_consecutive_failed_dag_runs_per_dag")))},
      {"has_task_concurrency_limits",
       std::ranges::any_of(dag.tasks,
                           [](const Task& task) { return task.max_active_tis_per_dag || task.max_active_tis_per_dagrun; })},
      {"has_import_errors", std::ranges::any_of(must(api.reader().import_errors()),
                                                [&](const store::ImportError& error) {
                                                  return error.bundle == dag.bundle && error.filename == dag.relative_fileloc;
                                                })},
      {"next_dagrun_logical_date", date_or_null(s.next_logical_date)},
      {"next_dagrun_data_interval_start", date_or_null(s.next_interval_start)},
      {"next_dagrun_data_interval_end", date_or_null(s.next_interval_end)},
      {"next_dagrun_run_after", date_or_null(s.next_run_after)},
      {"allowed_run_types", Value()},
      {"owners", owners_of(dag)},
      {"is_backfillable", is_scheduled && !is_partial},
      {"file_token", dag.relative_fileloc}};
}

Object dag_details_body(Api& api, const Dag& dag, const DagState* state) {
  Object body = dag_body(api, dag, state);
  const Value& serialized = serialized_dag(dag);
  Array paths;
  for (const std::string& path : dag.template_searchpath) paths.emplace_back(path);
  const Object more{
      {"catchup", dag.catchup},
      {"dag_run_timeout", dag.dagrun_timeout ? Value(fmt::format("PT{}S", to_seconds(*dag.dagrun_timeout))) : Value()},
      {"asset_expression", Value()},
      {"doc_md", serialized.get_value("doc_md")},
      {"start_date", date_or_null(dag.start_date)},
      {"end_date", date_or_null(dag.end_date)},
      {"is_paused_upon_creation", dag.is_paused_upon_creation ? Value(*dag.is_paused_upon_creation) : Value()},
      {"params", serialized.get_value("params").is_object() ? serialized.get_value("params") : Value(Object{})},
      {"render_template_as_native_obj", serialized.get_bool("render_template_as_native_obj")},
      {"template_search_path", dag.template_searchpath.empty() ? Value() : Value(std::move(paths))},
      {"timezone", dag.timezone},
      {"last_parsed", Value()},
      {"default_args", Value()},
      {"concurrency", *body.find("max_active_tasks")},
      {"latest_dag_version", dag_version_body(api, dag.dag_id, dag.version_id)}};
  for (const auto& [name, value] : more) body.set(name, value);
  return body;
}

Value task_body(const Dag& dag, const Task& task) {
  Array below;
  for (const TaskIndex index : task.downstream) below.emplace_back(dag.tasks[index].task_id);
  std::ranges::sort(below, {}, [](const Value& id) -> const std::string& { return id.as_string(); });
  const Value fields = task.serialized.get_value("template_fields");
  return Object{
      {"task_id", task.task_id},
      {"task_display_name", title_of(task)},
      {"owner", task.owner},
      {"start_date", date_or_null(task.start_date)},
      {"end_date", date_or_null(task.end_date)},
      {"trigger_rule", std::string(to_string(task.trigger_rule))},
      {"depends_on_past", task.depends_on_past},
      {"wait_for_downstream", task.wait_for_downstream},
      {"retries", task.retries},
      {"queue", task.queue},
      {"pool", task.pool},
      {"pool_slots", task.pool_slots},
      {"execution_timeout", time_delta(task.execution_timeout)},
      {"retry_delay", time_delta(task.retry_delay)},
      {"retry_exponential_backoff", task.retry_exponential_backoff},
      {"priority_weight", task.priority_weight},
      {"weight_rule", task.serialized.get_string("weight_rule", "downstream")},
      {"ui_color", task.serialized.get_string("ui_color", "#fff")},
      {"ui_fgcolor", task.serialized.get_string("ui_fgcolor", "#000")},
      {"template_fields", fields.is_array() ? fields : Value(Array{})},
      {"downstream_task_ids", std::move(below)},
      {"doc_md", task.serialized.get_value("doc_md")},
      {"operator_name", task.task_type},
      {"params", task.serialized.get_value("params").is_object() ? task.serialized.get_value("params") : Value(Object{})},
      {"class_ref", Object{{"module_path", task.task_module}, {"class_name", task.task_type}}},
      {"is_mapped", task.is_mapped()},
      {"extra_links", Array{}}};
}

Value run_body(Api& api, const DagRun& run) {
  Value note;
  if (const auto notes = must(api.reader().notes(run.no)); !notes.empty() && notes.front().task_instance == 0)
    note = notes.front().content;
  Array versions;
  if (Value version = dag_version_body(api, run.dag_id, run.dag_version_id); !version.is_null())
    versions.push_back(std::move(version));
  const bool by_user = !run.triggered_by.empty();
  return Object{{"dag_run_id", run.run_id},
                {"dag_id", run.dag_id},
                {"logical_date", date_or_null(run.logical_date)},
                {"queued_at", format_time(run.queued_at)},
                {"start_date", date_or_null(run.start_date)},
                {"end_date", date_or_null(run.end_date)},
                {"duration", seconds_between(run.start_date, run.end_date)},
                {"data_interval_start", date_or_null(run.data_interval_start)},
                {"data_interval_end", date_or_null(run.data_interval_end)},
                {"run_after", format_time(run.run_after)},
                {"last_scheduling_decision", date_or_null(run.start_date)},
                {"run_type", std::string(to_string(run.run_type))},
                {"state", std::string(to_string(run.state))},
                {"triggered_by", run.run_type == RunType::operator_triggered ? "operator"
                                 : run.run_type == RunType::backfill         ? "backfill"
                                 : by_user                                   ? "rest_api"
                                                                             : "timetable"},
                {"triggering_user_name", text_or_null(run.triggered_by)},
                {"conf", run.conf.is_object() ? redact_sensitive(run.conf) : Value(Object{})},
                {"note", std::move(note)},
                {"dag_versions", std::move(versions)},
                {"bundle_version", Value()},
                {"dag_display_name", run.dag_id},
                {"partition_key", run.partition_key ? Value(*run.partition_key) : Value()},
                {"partition_date", date_or_null(run.partition_date)}};
}

OfRun of_run(Api& api, const DagRun& run) {
  OfRun of{run, api.version(run.dag_version_id), dag_version_body(api, run.dag_id, run.dag_version_id), {}, {}};
  for (store::Note& note : must(api.reader().notes(run.no))) of.notes.emplace(note.task_instance, std::move(note.content));
  if (of.dag && std::ranges::any_of(of.dag->tasks, &Task::is_mapped)) {
    for (auto& index : must(api.reader().rendered_map_indexes(run.no)))
      of.names.emplace(index.task_instance, std::move(index.name));
  }
  return of;
}

Object task_instance_body(const OfRun& of, const TaskInstance& ti) {
  Object body{{"id", ti.id.text()}};
  for (const auto& [name, value] : common_of(of, ti)) body.add(name, value);
  const auto name = of.names.find(ti.no);
  body.add("logical_date", date_or_null(of.run.logical_date));
  body.add("run_after", format_time(of.run.run_after));
  const auto note = of.notes.find(ti.no);
  body.add("note", note == of.notes.end() ? Value() : Value(note->second));
  body.add("rendered_map_index", name != of.names.end() ? Value(name->second)
                                 : ti.map_index >= 0    ? Value(std::to_string(ti.map_index))
                                                        : Value());
  body.add("rendered_fields", Object{});
  body.add("trigger", ti.state == TaskState::deferred ? trigger_body(ti) : Value());
  body.add("triggerer_job", Value());
  return body;
}

Value task_instance_history_body(const OfRun& of, const TaskInstance& ti) {
  return common_of(of, ti);
}

}  // namespace venturi::api
