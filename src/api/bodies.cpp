#include "api/bodies.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "api/members.h"
#include "base/json.h"
#include "model/connection.h"

namespace venturi::api {
namespace {

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
    tags.emplace_back(Object{{"name", tag}, {"dag_id", dag.dag_id}, {"dag_display_name", title_of(dag)}});
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

std::string task_title(const Task& task) {
  return task.serialized.get_string("_task_display_property_value",
                                    task.serialized.get_string("task_display_name", task.task_id));
}

// Of the DAG's version, where it is still there.
const Task* task_of(const OfRun& of, const TaskInstance& ti) {
  if (!of.dag) return nullptr;
  const auto index = of.dag->find_task(ti.task_id);
  return index ? &of.dag->tasks[*index] : nullptr;
}

std::optional<double> seconds_between(const std::optional<Time>& start, const std::optional<Time>& end) {
  return start && end ? std::optional(to_seconds(*end - *start)) : std::nullopt;
}

std::optional<std::string_view> text_or_none(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
}

// What is the same in a task instance and in a try of it that ended.
template <class Members>
void put_common(Members& body, const OfRun& of, const TaskInstance& ti) {
  static const Task unknown;
  const Task* task = task_of(of, ti);
  const Task& shown = task == nullptr ? unknown : *task;
  body.put("task_id", ti.task_id);
  body.put("dag_id", of.run.dag_id);
  body.put("dag_run_id", of.run.run_id);
  body.put("map_index", ti.map_index);
  body.put("start_date", ti.start_date);
  body.put("end_date", ti.end_date);
  body.put("duration", seconds_between(ti.start_date, ti.end_date));
  body.put("state", ti.state == TaskState::none ? std::nullopt : std::optional(to_string(ti.state)));
  body.put("try_number", ti.try_number);
  body.put("max_tries", ti.max_tries);
  body.put("task_display_name", task == nullptr ? ti.task_id : task_title(shown));
  body.put("dag_display_name", of.run.dag_id);
  body.put("hostname", "");
  body.put("unixname", "");
  body.put("pool", shown.pool);
  body.put("pool_slots", shown.pool_slots);
  body.put("queue", shown.queue);
  body.put("priority_weight", ti.priority_weight.value_or(shown.priority_weight));
  body.put("operator", text_or_none(shown.task_type));
  body.put("operator_name", text_or_none(shown.task_type));
  body.put("queued_when", ti.queued_at);
  body.put("scheduled_when", ti.queued_at);
  body.put("pid", ti.pid == 0 ? std::nullopt : std::optional(ti.pid));
  body.put("executor", nullptr);
  body.put("executor_config", "{}");
  body.put("dag_version", of.version);
}

template <class Members>
void put_task_instance(Members& body, const OfRun& of, const TaskInstance& ti, const std::optional<std::string>& note,
                       const std::optional<std::string>& name) {
  body.put("id", ti.id.text());
  put_common(body, of, ti);
  body.put("logical_date", of.run.logical_date);
  body.put("run_after", of.run.run_after);
  body.put("note", note);
  body.put("rendered_map_index", name || ti.map_index < 0 ? name : std::optional(std::to_string(ti.map_index)));
  body.put("rendered_fields", Value(Object{}));
  body.put("trigger", ti.state == TaskState::deferred ? trigger_body(ti) : Value());
  body.put("triggerer_job", nullptr);
}

template <class Members>
void put_run(Members& body, const DagRun& run, const Value& versions, const std::optional<std::string>& note) {
  body.put("dag_run_id", run.run_id);
  body.put("dag_id", run.dag_id);
  body.put("logical_date", run.logical_date);
  body.put("queued_at", run.queued_at);
  body.put("start_date", run.start_date);
  body.put("end_date", run.end_date);
  body.put("duration", seconds_between(run.start_date, run.end_date));
  body.put("data_interval_start", run.data_interval_start);
  body.put("data_interval_end", run.data_interval_end);
  body.put("run_after", run.run_after);
  body.put("last_scheduling_decision", run.start_date);
  body.put("run_type", to_string(run.run_type));
  body.put("state", to_string(run.state));
  body.put("triggered_by", run.run_type == RunType::operator_triggered ? "operator"
                           : run.run_type == RunType::backfill         ? "backfill"
                           : !run.triggered_by.empty()                 ? "rest_api"
                                                                       : "timetable");
  body.put("triggering_user_name", text_or_none(run.triggered_by));
  body.put("conf", run.conf.is_object() ? redact_sensitive(run.conf) : Value(Object{}));
  body.put("note", note);
  body.put("dag_versions", versions);
  body.put("bundle_version", nullptr);
  body.put("dag_display_name", run.dag_id);
  body.put("partition_key", run.partition_key);
  body.put("partition_date", run.partition_date);
}

}  // namespace

Value timetable_summary(const Dag& dag) {
  return summary_of(dag);
}
Value timetable_description(const Dag& dag) {
  return description_of(dag);
}

std::string title_of(const Dag& dag) {
  const std::string title = serialized_dag(dag).get_string("dag_display_name");
  return title.empty() ? dag.dag_id : title;
}

DagRun find_run(Api& api, const std::string& dag_id, const std::string& run_id) {
  auto run = must(api.reader().run(dag_id, run_id));
  if (!run) throw Refusal{404, fmt::format("The DagRun with dag_id: `{}` and run_id: `{}` was not found", dag_id, run_id)};
  return std::move(*run);
}

Value dag_version_body(Api& api, const std::string& dag_id, const std::string& version_id) {
  return api.version_body(dag_id, version_id);
}

std::shared_ptr<const DagFacts> facts_of(const Dag& dag) {
  DagFacts facts;
  facts.is_partitioned =
      short_type(dag.timetable) == "PartitionedAssetTimetable" || short_type(dag.timetable) == "CronPartitionTimetable";
  const bool is_scheduled = short_type(dag.timetable) != "NullTimetable" && short_type(dag.timetable) != "PartitionedAtRuntime";
  const bool is_partial = short_type(dag.timetable) == "OnceTimetable" || short_type(dag.timetable) == "ContinuousTimetable" ||
                          short_type(dag.timetable) == "AssetTriggeredTimetable" || facts.is_partitioned ||
                          !dag.timetable.get_value("__var").get_bool("_periodic", true);
  facts.is_periodic = is_scheduled && !is_partial;
  facts.has_limits = std::ranges::any_of(
      dag.tasks, [](const Task& task) { return task.max_active_tis_per_dag || task.max_active_tis_per_dagrun; });
  facts.display_name = title_of(dag);
  facts.summary = summary_of(dag);
  facts.description = description_of(dag);
  facts.tags = tags_of(dag);
  facts.owners = owners_of(dag);
  return std::make_shared<const DagFacts>(std::move(facts));
}

namespace {

template <class Members>
void put_dag(Members& body, Api& api, const Dag& dag, const DagState* state, bool has_import_errors) {
  const auto facts = api.facts(dag);
  const DagState none{};
  const DagState& s = state == nullptr ? none : *state;
  body.put("dag_id", dag.dag_id);
  body.put("dag_display_name", facts->display_name);
  body.put("is_paused", s.is_paused);
  body.put("is_stale", false);
  body.put("last_parsed_time", nullptr);
  body.put("last_parse_duration", nullptr);
  body.put("last_expired", nullptr);
  body.put("bundle_name", dag.bundle);
  body.put("bundle_version", nullptr);
  body.put("relative_fileloc", dag.relative_fileloc);
  body.put("fileloc", dag.fileloc);
  body.put("description", text_or_none(dag.description));
  body.put("timetable_summary", facts->summary);
  body.put("timetable_description", facts->description);
  body.put("timetable_partitioned", facts->is_partitioned);
  body.put("timetable_periodic", facts->is_periodic);
  body.put("tags", facts->tags);
  body.put("max_active_tasks",
           dag.max_active_tasks.value_or(static_cast<int>(api.config().integer("core.max_active_tasks_per_dag"))));
  body.put("max_active_runs",
           dag.max_active_runs.value_or(static_cast<int>(api.config().integer("core.max_active_runs_per_dag"))));
  body.put("max_consecutive_failed_dag_runs", dag.max_consecutive_failed_dag_runs.value_or(static_cast<int>(
                                                  api.config().integer("core.max_consecutive_failed_dag_runs_per_dag"))));
  body.put("has_task_concurrency_limits", facts->has_limits);
  body.put("has_import_errors", has_import_errors);
  body.put("next_dagrun_logical_date", s.next_logical_date);
  body.put("next_dagrun_data_interval_start", s.next_interval_start);
  body.put("next_dagrun_data_interval_end", s.next_interval_end);
  body.put("next_dagrun_run_after", s.next_run_after);
  body.put("allowed_run_types", nullptr);
  body.put("owners", facts->owners);
  body.put("is_backfillable", facts->is_periodic);
  body.put("file_token", api.sealed(dag.relative_fileloc));
}

}  // namespace

Object dag_body(Api& api, const Dag& dag, const DagState* state) {
  ObjectMembers body;
  put_dag(body, api, dag, state, must(api.reader().has_import_error(dag.bundle, dag.relative_fileloc)));
  return body.take();
}

void append_dag(std::string& out, Api& api, const Dag& dag, const DagState* state, bool has_import_errors) {
  TextMembers body(out);
  put_dag(body, api, dag, state, has_import_errors);
  body.end();
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
      {"task_display_name", task_title(task)},
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

namespace {

Value versions_of(Api& api, const DagRun& run) {
  const Value& version = api.version_body(run.dag_id, run.dag_version_id);
  return version.is_null() ? Value(Array{}) : Value(Array{version});
}

}  // namespace

Value run_body(Api& api, const DagRun& run) {
  std::optional<std::string> note;
  if (auto notes = must(api.reader().notes(run.no)); !notes.empty() && notes.front().task_instance == 0)
    note = std::move(notes.front().content);
  ObjectMembers body;
  put_run(body, run, versions_of(api, run), note);
  return body.take();
}

net::HttpServerResponse run_page(Api& api, const store::RunPage& page) {
  std::string text = R"({"dag_runs":[)";
  std::map<std::string, Value> versions;
  for (std::size_t i = 0; i < page.runs.size(); ++i) {
    const DagRun& run = page.runs[i];
    auto known = versions.find(run.dag_version_id);
    if (known == versions.end()) known = versions.emplace(run.dag_version_id, versions_of(api, run)).first;
    if (i > 0) text += ',';
    TextMembers body(text);
    put_run(body, run, known->second, page.notes[i]);
    body.end();
  }
  text += "],\"total_entries\":" + std::to_string(page.total) + "}";
  return {200, std::move(text)};
}

net::HttpServerResponse task_instance_page(Api& api, const store::TaskInstancePage& page) {
  std::map<RunNo, OfRun> of;
  for (const DagRun& run : page.runs) {
    of.try_emplace(run.no,
                   OfRun{run, api.version(run.dag_version_id), dag_version_body(api, run.dag_id, run.dag_version_id), {}, {}});
  }
  std::string text = R"({"task_instances":[)";
  for (std::size_t i = 0; i < page.task_instances.size(); ++i) {
    const TaskInstance& ti = page.task_instances[i];
    if (i > 0) text += ',';
    TextMembers body(text);
    put_task_instance(body, of.at(ti.run), ti, page.notes[i], page.rendered_map_indexes[i]);
    body.end();
  }
  text += "],\"total_entries\":" + std::to_string(page.total) + "}";
  return {200, std::move(text)};
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

OfRun of_found(Api& api, const DagRun& run, const store::TaskInstancePage& found) {
  OfRun of{run, api.version(run.dag_version_id), dag_version_body(api, run.dag_id, run.dag_version_id), {}, {}};
  for (std::size_t i = 0; i < found.task_instances.size(); ++i) {
    if (found.notes[i]) of.notes.emplace(found.task_instances[i].no, *found.notes[i]);
    if (found.rendered_map_indexes[i]) of.names.emplace(found.task_instances[i].no, *found.rendered_map_indexes[i]);
  }
  return of;
}

store::TaskInstancePage find_in_run(Api& api, const DagRun& run, const std::string& task_id,
                                    std::optional<std::int32_t> map_index) {
  // The first instances of the tasks stand in the order of the tasks, unless the run follows another version since.
  const auto dag = api.version(run.dag_version_id);
  const auto index = dag && !run.is_renumbered ? dag->find_task(task_id) : std::nullopt;
  const auto likely = index ? std::optional(run.first_task_instance + static_cast<TaskInstanceNo>(*index)) : std::nullopt;
  return must(api.lists().task_instance(run, task_id, map_index, likely));
}

bool has_task_instance(Api& api, const DagRun& run, const std::string& task_id, std::optional<std::int64_t> map_index) {
  if (map_index && !std::in_range<std::int32_t>(*map_index)) return false;
  const auto index = map_index ? std::optional(static_cast<std::int32_t>(*map_index)) : std::nullopt;
  return !find_in_run(api, run, task_id, index).task_instances.empty();
}

Object task_instance_body(const OfRun& of, const TaskInstance& ti) {
  const auto text_in = [&](const std::map<TaskInstanceNo, std::string>& texts) {
    const auto found = texts.find(ti.no);
    return found == texts.end() ? std::nullopt : std::optional(found->second);
  };
  ObjectMembers body;
  put_task_instance(body, of, ti, text_in(of.notes), text_in(of.names));
  return body.take();
}

Value rendered_fields(store::Reader& reader, const TaskInstance& ti) {
  const auto text = must(reader.rendered_fields(ti.no));
  auto fields = text ? parse_json(*text) : Value(Object{});
  return fields && fields->is_object() ? redact_sensitive(std::move(*fields)) : Value(Object{});
}

namespace {

bool has_stars(const Value& value) {
  if (value.is_array()) return std::ranges::any_of(value.as_array(), has_stars);
  if (value.is_object())
    return std::ranges::any_of(value.as_object(), [](const auto& member) { return has_stars(member.second); });
  return value.is_string() && value.as_string() == "***";
}

// An item is the one that is shown like it, as others may have come or gone; with as many as before, the one at its place.
Value with_kept_items(const Array& given, const Array& before) {
  Array kept;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const auto is_shown_so = [&](const Value& item) {
      return redact_sensitive(item) == given[i] || redact_sensitive(item, true) == given[i];
    };
    const auto same = std::ranges::find_if(before, is_shown_so);
    if (!has_stars(given[i]))
      kept.push_back(given[i]);
    else if (given.size() == before.size() && (same == before.end() || is_shown_so(before[i])))
      kept.push_back(with_kept_secrets(given[i], before[i]));
    else if (std::ranges::count_if(before, is_shown_so) == 1)
      kept.push_back(*same);
    else
      throw Refusal{400, "It cannot be told which secret of a list \"***\" stands for: give its value"};
  }
  return kept;
}

}  // namespace

Value with_kept_secrets(const Value& given, const Value& before) {
  if (given.is_string() && given.as_string() == "***") return before;
  if (given.is_array() && before.is_array()) return with_kept_items(given.as_array(), before.as_array());
  if (!given.is_object()) return given;
  Object kept;
  for (const auto& [name, value] : given.as_object()) kept.add(name, with_kept_secrets(value, before.get_value(name)));
  return kept;
}

std::optional<std::int32_t> map_index_of_query(const Call& call) {
  const std::int64_t index = call.integer("map_index", -1);
  if (index < -1)
    throw Refusal{422, Array{problem("greater_than_equal", {Value("query"), Value("map_index")},
                                     "Input should be greater than or equal to -1", *call.text("map_index"))}};
  if (index < 0) return std::nullopt;
  return static_cast<std::int32_t>(std::min<std::int64_t>(index, INT32_MAX));
}

Value task_instance_history_body(const OfRun& of, const TaskInstance& ti) {
  ObjectMembers body;
  put_common(body, of, ti);
  return body.take();
}

}  // namespace venturi::api
