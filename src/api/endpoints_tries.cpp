// Of one task instance: a try, what it waits for, its links.
#include <algorithm>

#include <fmt/format.h>

#include "api/bodies.h"
#include "api/endpoints.h"
#include "base/json.h"

namespace venturi::api {
namespace {

std::int32_t map_index_of_path(const Call& call) {
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(call.path_integer("map_index"), -1, INT32_MAX));
}

void one_try(const Call& call, const Reply& reply, std::optional<std::int32_t> map_index) {
  const std::int64_t number = call.path_integer("task_try_number");
  const FoundTaskInstance found = find_task_instance(call, map_index);
  const OfRun of = of_found(*call.api, found.run, found.page);
  if (number == found.ti.try_number) return reply(json(task_instance_history_body(of, found.ti)));
  for (const TaskInstance& ti : must(call.api->lists().ended_tries(found.ti.no))) {
    if (ti.try_number == number) return reply(json(task_instance_history_body(of, ti)));
  }
  throw Refusal{404, fmt::format("The Task Instance with dag_id: `{}`, run_id: `{}`, task_id: `{}`, try_number: `{}` and "
                                 "map_index: `{}` was not found",
                                 found.run.dag_id, found.run.run_id, found.ti.task_id, number, found.ti.map_index)};
}

void get_try(const Call& call, const Reply& reply) {
  one_try(call, reply, map_index_of_query(call));
}
void get_mapped_try(const Call& call, const Reply& reply) {
  one_try(call, reply, map_index_of_path(call));
}

void dependencies(const Call& call, const Reply& reply, std::optional<std::int32_t> map_index) {
  const FoundTaskInstance found = find_task_instance(call, map_index);
  const auto none = [] { return json(Object{{"dependencies", Array{}}}); };
  if (found.ti.state != TaskState::none && found.ti.state != TaskState::scheduled) return reply(none());
  call.api->command(
      Object{{"command", "tasks failed-deps"},
             {"dag_id", found.run.dag_id},
             {"run_id", found.run.run_id},
             {"task_id", found.ti.task_id},
             {"map_index", found.ti.map_index}},
      reply,
      [](const Value& result) {
        Array rows = result.at("dependencies").as_array();
        std::ranges::sort(rows, {}, [](const Value& row) { return row.get_string("name"); });
        return json(Object{{"dependencies", std::move(rows)}});
      },
      [none](const Error& error) {
        if (error.kind == ErrorKind::not_found || error.kind == ErrorKind::conflict) return none();  // the run has ended
        throw refusal_of(error);
      });
}

void get_dependencies(const Call& call, const Reply& reply) {
  dependencies(call, reply, map_index_of_query(call));
}
void get_mapped_dependencies(const Call& call, const Reply& reply) {
  dependencies(call, reply, map_index_of_path(call));
}

// Airflow's operators leave theirs as XComs, whose keys the serialized task names.
void get_extra_links(const Call& call, const Reply& reply) {
  const FoundTaskInstance found = find_task_instance(call, map_index_of_query(call));
  const auto dag = call.api->version(found.run.dag_version_id);
  const auto index = dag ? dag->find_task(found.ti.task_id) : std::nullopt;
  if (!index) throw Refusal{404, fmt::format("Task with ID = {} not found", found.ti.task_id)};
  Object links;
  const Value declared = dag->tasks[*index].serialized.get_value("_operator_extra_links");
  if (declared.is_object()) {
    for (const auto& [name, key] : declared.as_object()) {
      const auto text = must(call.api->reader().xcom({found.run.dag_id, found.run.run_id, found.ti.task_id, found.ti.map_index,
                                                      key.is_string() ? key.as_string() : name}));
      const auto value = text ? parse_json(*text) : Value();
      links.set(name, value && value->is_string() ? *value : Value());
    }
  }
  const auto total = static_cast<std::int64_t>(links.size());
  reply(json(Object{{"extra_links", std::move(links)}, {"total_entries", total}}));
}

constexpr Field of_map_index[] = {{"map_index", Field::Type::integer}};

#define OF_TRY "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}"

}  // namespace

std::span<const Endpoint> try_endpoints() {
  static const Endpoint list[] = {
      {"GET", OF_TRY "/tries/{task_try_number}", "get_task_instance_try_details", Permission::viewer, get_try, of_map_index},
      {"GET", OF_TRY "/{map_index}/tries/{task_try_number}", "get_mapped_task_instance_try_details", Permission::viewer,
       get_mapped_try},
      {"GET", OF_TRY "/dependencies", "get_task_instance_dependencies", Permission::viewer, get_dependencies, of_map_index},
      {"GET", OF_TRY "/{map_index}/dependencies", "get_task_instance_dependencies_by_map_index", Permission::viewer,
       get_mapped_dependencies},
      {"GET", OF_TRY "/links", "get_extra_links", Permission::viewer, get_extra_links, of_map_index},
  };
  return list;
}

}  // namespace venturi::api
