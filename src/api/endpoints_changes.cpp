// Clearing and marking: task instances and runs that are to run again, or are said to have ended.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "api/bodies.h"
#include "api/bulk.h"
#include "api/endpoints.h"

namespace venturi::api {
namespace {

// Of what a command changed: the task instances as they are now.
Array changed_instances(Api& api, const Array& rows) {
  constexpr std::size_t few = 10;
  std::map<std::pair<std::string, std::string>, std::set<std::pair<std::string, std::int64_t>>> by_run;
  for (const Value& row : rows)
    by_run[{row.get_string("dag_id"), row.get_string("run_id")}].emplace(row.get_string("task_id"), row.get_int("map_index"));
  Array bodies;
  for (const auto& [address, meant] : by_run) {
    const DagRun run = find_run(api, address.first, address.second);
    if (meant.size() <= few) {  // of a run that may have thousands
      std::map<TaskInstanceNo, Value> found;
      for (const auto& [task_id, map_index] : meant) {
        const auto page = find_in_run(api, run, task_id, static_cast<std::int32_t>(map_index));
        for (const TaskInstance& ti : page.task_instances)
          found.emplace(ti.no, task_instance_body(of_found(api, run, page), ti));
      }
      for (auto& [no, body] : found) bodies.push_back(std::move(body));
      continue;
    }
    const OfRun of = of_run(api, run);
    for (const TaskInstance& ti : must(api.reader().task_instances(run.no))) {
      if (meant.contains({ti.task_id, ti.map_index})) bodies.emplace_back(task_instance_body(of, ti));
    }
  }
  return bodies;
}

// ["a", ["m", 1]]: names, or a name with a map_index.
Array named(const Value& task_ids) {
  Array tasks;
  for (const Value& task : task_ids.as_array()) {
    if (task.is_string())
      tasks.emplace_back(Object{{"task_id", task}});
    else if (task.is_array() && task.as_array().size() == 2 && task.as_array()[0].is_string() && task.as_array()[1].is_int())
      tasks.emplace_back(Object{{"task_id", task.as_array()[0]}, {"map_index", task.as_array()[1]}});
    else
      throw Refusal{422,
                    Array{problem("string_type", {Value("body"), Value("task_ids")}, "Input should be a valid string", task)}};
  }
  return tasks;
}

void add_version(const Call& call, Object& command) {
  if (const Value* latest = call.body.get("run_on_latest_version")) command.set("run_on_latest_version", *latest);
}

void post_clear_task_instances(const Call& call, const Reply& reply) {
  const std::string& dag_id = call.at("dag_id");
  Api* api = call.api;
  (void)api->dag(dag_id);
  const Value& body = call.body;
  const Value* run_id = body.get("dag_run_id");
  if (!body.get_bool("reset_dag_runs", true)) throw Refusal{400, "`reset_dag_runs`: false is not served yet: leave it out"};
  const bool future = body.get_bool("include_future"), past = body.get_bool("include_past");
  Object command{{"command", "tasks clear"},
                 {"dag_id", dag_id},
                 {"user", call.user},
                 {"dry_run", body.get_bool("dry_run", true)},
                 {"only_failed", body.get_bool("only_failed", true)},
                 {"only_running", body.get_bool("only_running")},
                 {"upstream", body.get_bool("include_upstream")},
                 {"downstream", body.get_bool("include_downstream")},
                 {"future", future},
                 {"past", past}};
  if (const Value* task_ids = body.get("task_ids")) {
    Array tasks = named(*task_ids);
    if (!tasks.empty()) command.set("tasks", std::move(tasks));
  }
  if (run_id == nullptr) {
    // All runs in a range of logical dates: the first of them, and what comes after it.
    store::RunFilter filter{.dag_id = dag_id,
                            .limit = 1,
                            .logical_date_from = call.body_date("start_date"),
                            .logical_date_to = call.body_date("end_date")};
    filter.order = store::RunFilter::Order::logical_date;
    filter.ascending = true;
    if (filter.logical_date_to) throw Refusal{400, "Clearing up to an end_date needs a dag_run_id with include_past"};
    const auto first = must(api->reader().runs(filter));
    if (first.empty()) return reply(page_of("task_instances", {}, 0));
    command.set("run_id", first.front().run_id);
    command.set("future", true);
  } else {
    command.set("run_id", find_run(*api, dag_id, run_id->as_string()).run_id);
  }
  call.add_note(command);
  add_version(call, command);
  call.run(std::move(command), reply, [api](const Value& result) { return changed_instances_page(*api, result); });
}

void clear_dag_run(const Call& call, const Reply& reply) {
  const DagRun run = find_run(*call.api, call.at("dag_id"), call.at("dag_run_id"));
  const bool dry_run = call.body.get_bool("dry_run", true);
  Api* api = call.api;
  Object command{{"command", "tasks clear"}, {"dag_id", run.dag_id}, {"run_id", run.run_id},
                 {"user", call.user},        {"dry_run", dry_run},   {"only_failed", call.body.get_bool("only_failed")},
                 {"note_of_run", true},      {"wants_rows", dry_run}};
  call.add_note(command);
  add_version(call, command);
  call.run(std::move(command), reply, [api, dry_run, run](const Value& result) {
    if (dry_run) return changed_instances_page(*api, result);
    Value body = run_body(*api, find_run(*api, run.dag_id, run.run_id));
    // Airflow answers before its scheduler looks at the run again; here it may run already.
    if (is_finished(run.state) && body.get_string("state") == "running") body.as_object().set("state", "queued");
    return json(body);
  });
}

Array rows_of(Api& api, const DagRun& run, const std::string& task_id, const std::optional<std::int64_t>& map_index) {
  const auto row = [&](std::int64_t index) {
    return Object{{"dag_id", run.dag_id}, {"run_id", run.run_id}, {"task_id", task_id}, {"map_index", index}};
  };
  if (map_index) return {Value(row(*map_index))};
  Array rows;
  for (const TaskInstance& ti : must(api.reader().task_instances_of(run.no, task_id, 0, run.created_task_instances)))
    rows.emplace_back(row(ti.map_index));
  return rows;
}

void patch(const Call& call, const Reply& reply, std::optional<std::int64_t> map_index, bool dry_run) {
  const DagRun run = find_run(*call.api, call.at("dag_id"), call.at("dag_run_id"));
  const std::string& task_id = call.at("task_id");
  if (!has_task_instance(*call.api, run, task_id, map_index))
    throw Refusal{404, fmt::format("The Task Instance with dag_id: `{}`, run_id: `{}` and task_id: `{}` was not found",
                                   run.dag_id, run.run_id, task_id)};
  Object task{{"task_id", task_id}};
  if (map_index && *map_index >= 0) task.set("map_index", *map_index);
  Api* api = call.api;
  const auto answer_with = [api](const Value& result) { return changed_instances_page(*api, result); };
  const Value* state = call.takes("new_state") ? call.body.get("new_state") : nullptr;
  if (state == nullptr) {
    Object command{{"command", "notes set"}, {"dag_id", run.dag_id}, {"run_id", run.run_id}, {"task_id", task_id}};
    if (map_index) command.set("map_index", *map_index);
    if (!call.add_note(command))
      throw Refusal{422,
                    Array{problem("value_error", {Value("body")}, "Value error, `new_state` or `note` is needed", call.body)}};
    const Array noted = rows_of(*api, run, task_id, map_index);
    const auto answer_noted = [api, noted](const Value&) {
      return changed_instances_page(*api, Object{{"task_instances", noted}});
    };
    return dry_run ? reply(answer_noted({})) : call.run(std::move(command), reply, answer_noted);
  }
  (void)wanted_state(*state);
  Object command{{"command", "tasks set-state"},
                 {"dag_id", run.dag_id},
                 {"run_id", run.run_id},
                 {"tasks", Array{Value(std::move(task))}},
                 {"state", *state},
                 {"user", call.user},
                 {"dry_run", dry_run}};
  add_spread(call.body, command);
  call.add_note(command);
  call.run(std::move(command), reply, answer_with);
}

std::optional<std::int64_t> given_map_index(const Call& call) {
  return call.text("map_index") ? std::optional(call.integer("map_index", -1)) : std::nullopt;
}
void patch_task_instance(const Call& call, const Reply& reply) {
  patch(call, reply, given_map_index(call), false);
}
void patch_task_instance_dry_run(const Call& call, const Reply& reply) {
  patch(call, reply, given_map_index(call), true);
}
void patch_mapped(const Call& call, const Reply& reply) {
  patch(call, reply, call.path_integer("map_index"), false);
}
void patch_mapped_dry_run(const Call& call, const Reply& reply) {
  patch(call, reply, call.path_integer("map_index"), true);
}

void patch_dag_run(const Call& call, const Reply& reply) {
  const DagRun run = find_run(*call.api, call.at("dag_id"), call.at("dag_run_id"));
  Api* api = call.api;
  const auto answer = [api, dag_id = run.dag_id, run_id = run.run_id](const Value&) {
    return json(run_body(*api, find_run(*api, dag_id, run_id)));
  };
  const Value* state = call.takes("state") ? call.body.get("state") : nullptr;
  Object command{{"command", "notes set"}, {"dag_id", run.dag_id}, {"run_id", run.run_id}};
  const bool has_note = call.add_note(command);
  if (state == nullptr) return has_note ? call.run(std::move(command), reply, answer) : reply(answer({}));
  const auto word = parse_run_state(state->as_string());
  if (!word || *word == RunState::running)
    throw Refusal{422, Array{problem("enum", {Value("body"), Value("state")}, "Input should be 'queued', 'success' or 'failed'",
                                     *state)}};
  command.set("command", "dags set-state");
  command.set("state", *state);
  command.set("user", call.user);
  call.run(std::move(command), reply, answer);
}

constexpr Field clear_members[] = {{"dry_run", Field::Type::boolean, false, false},
                                   {"start_date", Field::Type::date},
                                   {"end_date", Field::Type::date},
                                   {"only_failed", Field::Type::boolean, false, false},
                                   {"only_running", Field::Type::boolean, false, false},
                                   {"reset_dag_runs", Field::Type::boolean, false, false},
                                   {"task_ids", Field::Type::array},
                                   {"dag_run_id", Field::Type::text},
                                   {"include_upstream", Field::Type::boolean, false, false},
                                   {"include_downstream", Field::Type::boolean, false, false},
                                   {"include_future", Field::Type::boolean, false, false},
                                   {"include_past", Field::Type::boolean, false, false},
                                   {"run_on_latest_version", Field::Type::boolean},
                                   {"prevent_running_task", Field::Type::boolean, false, false, false},
                                   {"note", Field::Type::text}};
constexpr Field clear_run_members[] = {{"dry_run", Field::Type::boolean, false, false},
                                       {"only_failed", Field::Type::boolean, false, false},
                                       {"only_new", Field::Type::boolean, false, false, false},
                                       {"run_on_latest_version", Field::Type::boolean},
                                       {"note", Field::Type::text}};
constexpr Field patch_members[] = {{"new_state", Field::Type::text},
                                   {"note", Field::Type::text},
                                   {"include_upstream", Field::Type::boolean, false, false},
                                   {"include_downstream", Field::Type::boolean, false, false},
                                   {"include_future", Field::Type::boolean, false, false},
                                   {"include_past", Field::Type::boolean, false, false}};
constexpr Field run_members[] = {{"state", Field::Type::text}, {"note", Field::Type::text}};

constexpr Field patch_instance_query[] = {{"map_index", Field::Type::integer}, {"update_mask", Field::Type::array}};

#define OF_DAG "/api/v2/dags/{dag_id}"
#define OF_TASK_INSTANCE OF_DAG "/dagRuns/{dag_run_id}/taskInstances/{task_id}"

}  // namespace

net::HttpServerResponse changed_instances_page(Api& api, const Value& result) {
  Array rows = changed_instances(api, result.at("task_instances").as_array());
  // Of very many the first are told.
  const auto total = std::max(rows.size(), static_cast<std::size_t>(result.get_int("changed")));
  return page_of("task_instances", std::move(rows), total);
}

std::span<const Endpoint> change_endpoints() {
  static const Endpoint list[] = {
      {"POST",
       OF_DAG "/clearTaskInstances",
       "post_clear_task_instances",
       Permission::user,
       post_clear_task_instances,
       {},
       clear_members},
      {"POST", OF_DAG "/dagRuns/{dag_run_id}/clear", "clear_dag_run", Permission::user, clear_dag_run, {}, clear_run_members},
      {"PATCH", OF_DAG "/dagRuns/{dag_run_id}", "patch_dag_run", Permission::user, patch_dag_run, update_mask, run_members},
      {"PATCH", OF_TASK_INSTANCE, "patch_task_instance", Permission::user, patch_task_instance, patch_instance_query,
       patch_members},
      {"PATCH", OF_TASK_INSTANCE "/dry_run", "patch_task_instance_dry_run", Permission::user, patch_task_instance_dry_run,
       patch_instance_query, patch_members},
      {"PATCH", OF_TASK_INSTANCE "/{map_index}", "patch_task_instance_by_map_index", Permission::user, patch_mapped,
       update_mask, patch_members},
      {"PATCH", OF_TASK_INSTANCE "/{map_index}/dry_run", "patch_task_instance_dry_run_by_map_index", Permission::user,
       patch_mapped_dry_run, update_mask, patch_members},
  };
  return list;
}

}  // namespace venturi::api
