#include <fmt/format.h>

#include "api/bodies.h"
#include "api/endpoints.h"
#include "base/json.h"
#include "server/xcom_files.h"
#include "task/msgpack.h"

namespace venturi::api {
namespace {

Object entry_of(const DagRun& run, const store::XComKey& key) {
  return Object{{"key", key.key},
                {"timestamp", format_time(run.run_after)},
                {"logical_date", date_or_null(run.logical_date)},
                {"map_index", key.map_index},
                {"task_id", key.task_id},
                {"dag_id", key.dag_id},
                {"run_id", key.run_id},
                {"dag_display_name", key.dag_id},
                {"task_display_name", key.task_id},
                {"run_after", format_time(run.run_after)}};
}

void get_xcom_entries(const Call& call, const Reply& reply) {
  const DagRun run = find_run(*call.api, call.at("dag_id"), call.at("dag_run_id"));
  const auto page = call.page();
  const auto key = call.text("xcom_key");
  const auto map_index = call.text("map_index") ? std::optional(call.integer("map_index", -1)) : std::nullopt;
  Array rows;
  std::size_t total = 0;
  for (const auto& [of, value] : must(call.api->reader().xcoms(run.no))) {
    if (call.at("task_id") != any_id && of.task_id != call.at("task_id")) continue;
    if ((key && of.key != *key) || (map_index && of.map_index != *map_index)) continue;
    if (total++ >= page.offset && rows.size() < page.limit) rows.emplace_back(entry_of(run, of));
  }
  reply(page_of("xcom_entries", std::move(rows), total));
}

Value value_of(Api& api, const store::XComKey& key, const std::string& text) {
  const auto file = store::file_of_xcom(text);
  if (!file) return must(parse_json(text));
  return task::decode_msgpack(must(server::read_xcom_file(api.home().xcoms() / key.dag_id / key.run_id / *file)));
}

void get_xcom_entry(const Call& call, const Reply& reply) {
  const DagRun run = find_run(*call.api, call.at("dag_id"), call.at("dag_run_id"));
  const store::XComKey key{run.dag_id, run.run_id, call.at("task_id"), static_cast<std::int32_t>(call.integer("map_index", -1)),
                           call.at("xcom_key")};
  const auto text = must(call.api->reader().xcom(key));
  if (!text) throw Refusal{404, fmt::format("XCom entry with key: `{}` not found", key.key)};
  Value value = value_of(*call.api, key, *text);
  if (call.boolean("stringify", false) && !value.is_string() && !value.is_null()) value = to_json(value);
  Object body = entry_of(run, key);
  body.add("value", std::move(value));
  reply(json(body));
}

constexpr Field xcom_query[] = {{"limit", Field::Type::integer},
                                {"offset", Field::Type::integer},
                                {"xcom_key", Field::Type::text},
                                {"map_index", Field::Type::integer}};
constexpr Field entry_query[] = {
    {"map_index", Field::Type::integer}, {"deserialize", Field::Type::boolean}, {"stringify", Field::Type::boolean}};

#define OF_TASK "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries"

}  // namespace

std::span<const Endpoint> xcom_endpoints() {
  static const Endpoint list[] = {
      {"GET", OF_TASK, "get_xcom_entries", Permission::viewer, get_xcom_entries, xcom_query},
      {"GET", OF_TASK "/{xcom_key}", "get_xcom_entry", Permission::viewer, get_xcom_entry, entry_query},
  };
  return list;
}

}  // namespace venturi::api
