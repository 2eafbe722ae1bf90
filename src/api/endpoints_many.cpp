// What is changed of several runs and task instances in one call.
#include <algorithm>

#include <fmt/format.h>

#include "api/bodies.h"
#include "api/bulk.h"
#include "api/endpoints.h"
#include "api/listing.h"
#include "base/json.h"

namespace venturi::api {
namespace {

// ---- runs ----------------------------------------------------------------------------------------------------------------

struct RunAddress {
  std::string dag_id, run_id;
};

RunAddress run_address(const Call& call, const Value& entity) {
  const std::string run_id = entity_id("dag_run_id", entity);
  const std::string of_body = entity.is_object() ? entity.get_string("dag_id") : "";
  const std::string& dag_id = of_body.empty() ? call.at("dag_id") : of_body;
  if (dag_id == any_id || run_id == any_id)
    throw Refusal{
        400, fmt::format("When using wildcard in path, dag_id must be specified in request body for dag_run_id: {}", run_id)};
  return {dag_id, run_id};
}

bool takes(const Entities::Mask& mask, std::string_view member) {
  return !mask || std::ranges::find(*mask, member) != mask->end();
}

// With the note of an entity, where it is taken.
bool add_note_of(const Value& entity, const Entities::Mask& mask, Object& command) {
  const Value* note = entity.as_object().find("note");
  if (note == nullptr || !takes(mask, "note")) return false;
  if (const std::string trouble = trouble_with_note(*note); !trouble.empty()) throw Refusal{422, trouble + ": note"};
  command.set("note", *note);
  return true;
}

Value changed_run_command(const Call& call, const Value& entity, const Entities::Mask& mask) {
  const auto [dag_id, run_id] = run_address(call, entity);
  const Value* state = takes(mask, "state") ? entity.get("state") : nullptr;
  Object command{{"command", state == nullptr ? "notes set" : "dags set-state"},
                 {"dag_id", dag_id},
                 {"run_id", run_id},
                 {"user", call.user}};
  const bool has_note = add_note_of(entity, mask, command);
  if (state == nullptr && !has_note) throw Refusal{400, "`state` or `note` is needed"};
  if (state != nullptr) {
    const auto word = parse_run_state(state->as_string());
    if (!word || *word == RunState::running) throw Refusal{422, "Input should be 'queued', 'success' or 'failed': state"};
    command.set("state", *state);
  }
  return command;
}

Value removed_run_command(const Call& call, const Value& entity) {
  const auto [dag_id, run_id] = run_address(call, entity);
  const DagRun run = find_run(*call.api, dag_id, run_id);
  if (!is_finished(run.state))
    throw Refusal{409, fmt::format("The DagRun with dag_id: `{}` and run_id: `{}` cannot be deleted in {} state", dag_id,
                                   run_id, to_string(run.state))};
  return Object{{"command", "dags delete-run"}, {"dag_id", dag_id}, {"run_id", run_id}, {"user", call.user}};
}

constexpr Field bulk_run[] = {{"dag_run_id", Field::Type::text, true, false},
                              {"dag_id", Field::Type::text},
                              {"state", Field::Type::text},
                              {"note", Field::Type::text}};

void bulk_dag_runs(const Call& call, const Reply& reply) {
  bulk(call, reply,
       {.what = "DagRuns",
        .ids = "identifiers",
        .id = "dag_run_id",
        .members = bulk_run,
        .name =
            [](const Call& of, const Value& entity) {
              const auto [dag_id, run_id] = run_address(of, entity);
              return dag_id + "." + run_id;
            },
        .is_there =
            [](const Call& of, const Value& entity) {
              const auto [dag_id, run_id] = run_address(of, entity);
              return must(of.api->reader().run(dag_id, run_id)).has_value();
            },
        .no_create = "Dag Runs bulk create is not supported. Use the trigger Dag Run endpoint instead.",
        .update = changed_run_command,
        .remove = removed_run_command});
}

// Those that `dag_runs` of the body names.
std::vector<DagRun> named_runs(const Call& call, const Array& given) {
  const std::string& dag_id = call.at("dag_id");
  std::vector<DagRun> runs;
  for (const Value& entry : given) {
    Array problems;
    if (entry.is_object()) check_members(bulk_run, entry, {Value("body"), Value("dag_runs")}, problems);
    if (!entry.is_object() || !problems.empty()) throw Refusal{422, std::move(problems)};
    const std::string of = entry.get_string("dag_id");
    const std::string run_id = entry.at("dag_run_id").as_string();
    if (dag_id == any_id && (of.empty() || of == any_id))
      throw Refusal{400, fmt::format("When the URL dag_id is '~', every entry must provide a concrete dag_id (missing on "
                                     "dag_run_id: '{}').",
                                     run_id)};
    if (dag_id != any_id && !of.empty() && of != dag_id)
      throw Refusal{400, fmt::format("Entry dag_id '{}' does not match the URL dag_id '{}'.", of, dag_id)};
    runs.push_back(find_run(*call.api, of.empty() ? dag_id : of, run_id));
  }
  return runs;
}

// As one after the other would be cleared; what was cleared before one that cannot be stays so.
void clear_runs(const Call& call, const Reply& reply, const std::vector<DagRun>& runs) {
  const bool dry_run = call.body.get_bool("dry_run", true);
  std::vector<Value> commands;
  for (const DagRun& run : runs) {
    Object command{{"command", "tasks clear"}, {"dag_id", run.dag_id}, {"run_id", run.run_id},
                   {"user", call.user},        {"dry_run", dry_run},   {"only_failed", call.body.get_bool("only_failed")},
                   {"note_of_run", true},      {"wants_rows", dry_run}};
    call.add_note(command);
    if (const Value* latest = call.body.get("run_on_latest_version")) command.set("run_on_latest_version", *latest);
    commands.emplace_back(std::move(command));
  }
  run_all(call, std::move(commands), reply, [api = call.api, runs, dry_run](const Outcomes& outcomes, const Array& results) {
    for (const auto& error : outcomes) {
      if (error) throw refusal_of(*error);
    }
    Array rows;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      if (!dry_run) {
        rows.push_back(run_body(*api, find_run(*api, runs[i].dag_id, runs[i].run_id)));
        continue;
      }
      const auto page = parse_json(changed_instances_page(*api, results[i]).body);
      for (const Value& row : page->at("task_instances").as_array()) rows.push_back(row);
    }
    const std::size_t total = rows.size();
    return page_of(dry_run ? "task_instances" : "dag_runs", std::move(rows), total);
  });
}

// The runs of a partition, or of a window of partition dates; `then` answers.
void find_partitions(const Call& call, const Reply& reply, std::function<void(const std::vector<DagRun>&)> then) {
  static constexpr std::size_t most_runs = 10'000;
  const Value key = call.body.get_value("partition_key");
  if (call.at("dag_id") == any_id) throw Refusal{400, "Runs are chosen by their partition in one Dag: name it in place of `~`"};
  (void)call.api->dag(call.at("dag_id"));
  store::RunList list{.limit = most_runs + 1};
  list.conditions.dag_id = call.at("dag_id");
  list.conditions.partition_date = {.gte = call.body_date("partition_date_start"), .lte = call.body_date("partition_date_end")};
  const bool is_plain = key.is_string() && key.as_string().find_first_of(" |~") == std::string::npos;
  if (is_plain) list.conditions.like_partition_key.prefix = key.as_string();
  const auto found = [key, then = std::move(then)](const store::RunPage& page) -> net::HttpServerResponse {
    std::vector<DagRun> runs = page.runs;
    if (key.is_string()) std::erase_if(runs, [&](const DagRun& run) { return run.partition_key != key.as_string(); });
    if (page.runs.size() > most_runs)
      throw Refusal{400, fmt::format("More than {} runs would be looked at: narrow the partition dates", most_runs)};
    then(runs);
    return {.status = 0};  // it is answered when they are
  };
  call.api->page(std::move(list), only_answers(reply), found);
}

void clear_partitions(const Call& call, const Reply& reply) {
  find_partitions(call, reply, [call, reply](const std::vector<DagRun>& runs) { clear_runs(call, reply, runs); });
}

// They are not those of their partition any more, and run again where that is asked for too.
void forget_partitions(const Call& call, const Reply& reply, const std::vector<DagRun>& runs) {
  const bool dry_run = call.body.get_bool("dry_run", true), clears = call.body.get_bool("clear_task_instances");
  std::vector<Value> commands;
  for (const DagRun& run : runs) {
    const Object of{{"dag_id", run.dag_id}, {"run_id", run.run_id}, {"user", call.user}};
    if (!dry_run) {
      Object command = of;
      command.set("command", "dags forget-partition");
      commands.emplace_back(std::move(command));
    }
    if (!clears) continue;
    Object command = of;
    command.set("command", "tasks clear");
    command.set("dry_run", dry_run);
    commands.emplace_back(std::move(command));
  }
  run_all(call, std::move(commands), reply, [count = runs.size(), dry_run](const Outcomes& outcomes, const Array& results) {
    for (const auto& error : outcomes) {
      if (error) throw refusal_of(*error);
    }
    std::int64_t cleared = 0;
    for (const Value& result : results) cleared += result.get_int("changed", 0);
    return json(Object{
        {"dag_runs_cleared", static_cast<std::int64_t>(count)}, {"task_instances_cleared", cleared}, {"dry_run", dry_run}});
  });
}

void clear_dag_run_partitions(const Call& call, const Reply& reply) {
  const Value run_id = call.body.get_value("run_id");
  const auto from = call.body_date("partition_date_start"), to = call.body_date("partition_date_end");
  const int selectors =
      (run_id.is_null() ? 0 : 1) + (call.body.get_value("partition_key").is_null() ? 0 : 1) + (from || to ? 1 : 0);
  const auto refuse = [&](const char* what) {
    throw Refusal{422, Array{problem("value_error", {Value("body")}, std::string("Value error, ") + what, call.body)}};
  };
  if (selectors != 1)
    refuse(
        "Exactly one of run_id, partition_key, or a partition date window (partition_date_start / partition_date_end) must be "
        "provided.");
  if (from && to && *from > *to) refuse("partition_date_start must be on or before partition_date_end.");
  if (run_id.is_string()) {
    (void)call.api->dag(call.at("dag_id"));
    return forget_partitions(call, reply, {find_run(*call.api, call.at("dag_id"), run_id.as_string())});
  }
  find_partitions(call, reply, [call, reply](const std::vector<DagRun>& runs) { forget_partitions(call, reply, runs); });
}

void clear_dag_runs(const Call& call, const Reply& reply) {
  const Value given = call.body.get_value("dag_runs");
  const bool names_runs = given.is_array() && !given.as_array().empty();
  const bool has_key = call.body.get("partition_key") != nullptr;
  const bool has_dates = call.body.get("partition_date_start") != nullptr || call.body.get("partition_date_end") != nullptr;
  const int selectors = (names_runs ? 1 : 0) + (has_key ? 1 : 0) + (has_dates ? 1 : 0);
  if (selectors == 0) throw Refusal{400, "`dag_runs` names no run"};
  if (selectors > 1)
    throw Refusal{422,
                  Array{problem("value_error", {Value("body")},
                                "Value error, `dag_runs`, `partition_key` and partition dates exclude each other", call.body)}};
  if (names_runs)
    clear_runs(call, reply, named_runs(call, given.as_array()));
  else
    clear_partitions(call, reply);
}

// ---- task instances ------------------------------------------------------------------------------------------------------

struct InstanceAddress {
  RunAddress run;
  std::string task_id;
  std::optional<std::int64_t> map_index;
};

InstanceAddress instance_address(const Call& call, const Value& entity) {
  InstanceAddress at{{call.at("dag_id"), call.at("dag_run_id")}, entity_id("task_id", entity), {}};
  if (entity.is_object()) {
    if (const std::string id = entity.get_string("dag_id"); !id.empty()) at.run.dag_id = id;
    if (const std::string id = entity.get_string("dag_run_id"); !id.empty()) at.run.run_id = id;
    if (const Value* index = entity.get("map_index")) at.map_index = index->as_int();
  }
  if (at.run.dag_id == any_id || at.run.run_id == any_id)
    throw Refusal{400, fmt::format("When using wildcard in path, dag_id and dag_run_id must be specified in request body for "
                                   "task_id: {}",
                                   at.task_id)};
  return at;
}

bool is_instance(const Call& call, const Value& entity) {
  const auto at = instance_address(call, entity);
  const auto run = must(call.api->reader().run(at.run.dag_id, at.run.run_id));
  return run && has_task_instance(*call.api, *run, at.task_id, at.map_index);
}

Value changed_instance_command(const Call& call, const Value& entity, const Entities::Mask& mask) {
  const auto at = instance_address(call, entity);
  Object command{{"dag_id", at.run.dag_id}, {"run_id", at.run.run_id}, {"user", call.user}};
  const bool has_note = add_note_of(entity, mask, command);
  const Value* state = takes(mask, "new_state") ? entity.get("new_state") : nullptr;
  if (state == nullptr) {
    if (!has_note) throw Refusal{422, "Value error, `new_state` or `note` is needed"};
    command.set("command", "notes set");
    command.set("task_id", at.task_id);
    if (at.map_index) command.set("map_index", *at.map_index);
    return command;
  }
  (void)wanted_state(*state);
  Object task{{"task_id", at.task_id}};
  if (at.map_index && *at.map_index >= 0) task.set("map_index", *at.map_index);
  command.set("command", "tasks set-state");
  command.set("tasks", Array{Value(std::move(task))});
  command.set("state", *state);
  add_spread(entity, command);
  return command;
}

constexpr Field bulk_instance[] = {{"task_id", Field::Type::text, true, false},
                                   {"map_index", Field::Type::integer},
                                   {"dag_id", Field::Type::text},
                                   {"dag_run_id", Field::Type::text},
                                   {"new_state", Field::Type::text},
                                   {"note", Field::Type::text},
                                   {"include_upstream", Field::Type::boolean, false, false},
                                   {"include_downstream", Field::Type::boolean, false, false},
                                   {"include_future", Field::Type::boolean, false, false},
                                   {"include_past", Field::Type::boolean, false, false}};

void bulk_task_instances(const Call& call, const Reply& reply) {
  bulk(call, reply,
       {.what = "task instances",
        .ids = "identifiers",
        .id = "task_id",
        .members = bulk_instance,
        .name =
            [](const Call& of, const Value& entity) {
              const auto at = instance_address(of, entity);
              return fmt::format("{}.{}.{}[{}]", at.run.dag_id, at.run.run_id, at.task_id, at.map_index.value_or(-1));
            },
        .is_there = is_instance,
        .no_create = "Task instances bulk create is not supported",
        .update = changed_instance_command,
        .remove = [](const Call&, const Value&) -> Value {
          throw Refusal{405, "Task instances are not deleted: their run would not know whether they ran"};
        }});
}

constexpr Field clear_runs_members[] = {{"dag_runs", Field::Type::array, false, false},
                                        {"dry_run", Field::Type::boolean, false, false},
                                        {"only_failed", Field::Type::boolean, false, false},
                                        {"only_new", Field::Type::boolean, false, false, false},
                                        {"run_on_latest_version", Field::Type::boolean},
                                        {"note", Field::Type::text},
                                        {"partition_key", Field::Type::text},
                                        {"partition_date_start", Field::Type::date},
                                        {"partition_date_end", Field::Type::date}};
constexpr Field clear_partitions_members[] = {{"run_id", Field::Type::text},
                                              {"partition_key", Field::Type::text},
                                              {"partition_date_start", Field::Type::date},
                                              {"partition_date_end", Field::Type::date},
                                              {"clear_task_instances", Field::Type::boolean, false, false},
                                              {"dry_run", Field::Type::boolean, false, false}};
#define OF_RUNS "/api/v2/dags/{dag_id}/dagRuns"

}  // namespace

TaskState wanted_state(const Value& word) {
  const auto state = word.is_string() ? parse_task_state(word.as_string()) : std::nullopt;
  if (state == TaskState::success || state == TaskState::failed || state == TaskState::skipped) return *state;
  throw Refusal{422,
                Array{problem("value_error", {Value("body"), Value("new_state")},
                              fmt::format("Value error, '{}' is not a valid state. Valid states are: success, failed, skipped",
                                          word.is_string() ? word.as_string() : to_json(word)),
                              word)}};
}

void add_spread(const Value& body, Object& command) {
  for (const auto& [member, name] : {std::pair("include_upstream", "upstream"), std::pair("include_downstream", "downstream"),
                                     std::pair("include_future", "future"), std::pair("include_past", "past")})
    command.set(name, body.get_bool(member));
}

std::span<const Endpoint> many_endpoints() {
  static const Endpoint list[] = {
      {"PATCH", OF_RUNS, "bulk_dag_runs", Permission::user, bulk_dag_runs, {}, bulk_body},
      {"POST",
       "/api/v2/dags/{dag_id}/clearDagRuns",
       "clear_dag_runs",
       Permission::user,
       clear_dag_runs,
       {},
       clear_runs_members},
      {"POST",
       "/api/v2/dags/{dag_id}/clearPartitions",
       "clear_dag_run_partitions",
       Permission::user,
       clear_dag_run_partitions,
       {},
       clear_partitions_members},
      {"PATCH",
       OF_RUNS "/{dag_run_id}/taskInstances",
       "bulk_task_instances",
       Permission::user,
       bulk_task_instances,
       {},
       bulk_body},
  };
  return list;
}

}  // namespace venturi::api
