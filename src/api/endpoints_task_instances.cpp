#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "api/bodies.h"
#include "api/endpoints.h"
#include "api/list_filters.h"

namespace venturi::api {
namespace {

std::int32_t index_of(const Call& call) {
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(call.path_integer("map_index"), -1, INT32_MAX));
}

// 404 where the path names a DAG or a run that is not there.
store::TaskInstanceList list_of(const Call& call) {
  const std::string &dag_id = call.at("dag_id"), &run_id = call.at("dag_run_id");
  if (dag_id != any_id && run_id != any_id)
    (void)find_run(*call.api, dag_id, run_id);
  else if (dag_id != any_id)
    (void)call.api->dag(dag_id);
  return task_instance_list(call);
}

void get_task_instances(const Call& call, const Reply& reply) {
  call.api->page(list_of(call), reply,
                 [api = call.api](const store::TaskInstancePage& page) { return task_instance_page(*api, page); });
}

void get_mapped_task_instances(const Call& call, const Reply& reply) {
  store::TaskInstanceList list = list_of(call);
  list.task_id = call.at("task_id");
  list.only_mapped = true;
  call.api->page(std::move(list), reply,
                 [api = call.api](const store::TaskInstancePage& page) { return task_instance_page(*api, page); });
}

using Found = FoundTaskInstance;

void get_task_instance(const Call& call, const Reply& reply) {
  const Found found = find_task_instance(call, {});
  Object body = task_instance_body(of_found(*call.api, found.run, found.page), found.ti);
  body.set("rendered_fields", rendered_fields(call.api->reader(), found.ti));
  reply(json(body));
}

void get_mapped_task_instance(const Call& call, const Reply& reply) {
  const Found found = find_task_instance(call, index_of(call));
  Object body = task_instance_body(of_found(*call.api, found.run, found.page), found.ti);
  body.set("rendered_fields", rendered_fields(call.api->reader(), found.ti));
  reply(json(body));
}

void tries(const Call& call, const Reply& reply, const Found& found) {
  const OfRun of = of_found(*call.api, found.run, found.page);
  Array rows;
  for (const TaskInstance& ti : must(call.api->lists().ended_tries(found.ti.no))) {
    if (ti.try_number < found.ti.try_number) rows.push_back(task_instance_history_body(of, ti));
  }
  rows.push_back(task_instance_history_body(of, found.ti));
  const std::size_t total = rows.size();
  reply(page_of("task_instances", std::move(rows), total));
}

void get_tries(const Call& call, const Reply& reply) {
  tries(call, reply, find_task_instance(call, map_index_of_query(call)));
}
void get_mapped_tries(const Call& call, const Reply& reply) {
  tries(call, reply, find_task_instance(call, index_of(call)));
}

void delete_task_instance(const Call& call, const Reply& reply) {
  const std::int32_t map_index = map_index_of_query(call).value_or(-1);
  std::string missing =
      fmt::format("The Task Instance with dag_id: `{}`, run_id: `{}`, task_id: `{}`, and map_index: `{}` was not found",
                  call.at("dag_id"), call.at("dag_run_id"), call.at("task_id"), map_index);
  call.run(
      Object{{"command", "tasks delete"},
             {"dag_id", call.at("dag_id")},
             {"run_id", call.at("dag_run_id")},
             {"task_id", call.at("task_id")},
             {"map_index", map_index}},
      reply, [](const Value&) { return json(Value()); },
      [missing = std::move(missing)](const Error& error) -> net::HttpServerResponse {
        if (error.kind == ErrorKind::not_found) throw Refusal{404, missing};
        throw refusal_of(error);
      });
}

constexpr Field tries_query[] = {{"map_index", Field::Type::integer}};

#define OF_RUN "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances"

}  // namespace

FoundTaskInstance find_task_instance(const Call& call, std::optional<std::int32_t> map_index) {
  const std::string& task_id = call.at("task_id");
  DagRun run = find_run(*call.api, call.at("dag_id"), call.at("dag_run_id"));
  auto page = find_in_run(*call.api, run, task_id, map_index.value_or(-1));
  if (!page.task_instances.empty()) {
    TaskInstance ti = page.task_instances.front();
    return {std::move(run), std::move(ti), std::move(page)};
  }
  if (!map_index && !find_in_run(*call.api, run, task_id, {}).task_instances.empty())
    throw Refusal{404, "Task instance is mapped, add the map_index value to the URL"};
  throw Refusal{
      404,
      map_index
          ? fmt::format(
                "The Mapped Task Instance with dag_id: `{}`, run_id: `{}`, task_id: `{}`, and map_index: `{}` was not found",
                run.dag_id, run.run_id, task_id, *map_index)
          : fmt::format("The Task Instance with dag_id: `{}`, run_id: `{}` and task_id: `{}` was not found", run.dag_id,
                        run.run_id, task_id)};
}

std::span<const Endpoint> task_instance_endpoints() {
  static const Endpoint list[] = {
      {"GET", OF_RUN, "get_task_instances", Permission::viewer, get_task_instances, task_instance_list_query},
      {"GET", OF_RUN "/{task_id}", "get_task_instance", Permission::viewer, get_task_instance},
      {"DELETE", OF_RUN "/{task_id}", "delete_task_instance", Permission::user, delete_task_instance, tries_query},
      {"GET", OF_RUN "/{task_id}/listMapped", "get_mapped_task_instances", Permission::viewer, get_mapped_task_instances,
       task_instance_list_query},
      {"GET", OF_RUN "/{task_id}/{map_index}", "get_mapped_task_instance", Permission::viewer, get_mapped_task_instance},
      {"GET", OF_RUN "/{task_id}/tries", "get_task_instance_tries", Permission::viewer, get_tries, tries_query},
      {"GET", OF_RUN "/{task_id}/{map_index}/tries", "get_mapped_task_instance_tries", Permission::viewer, get_mapped_tries},
  };
  return list;
}

}  // namespace venturi::api
