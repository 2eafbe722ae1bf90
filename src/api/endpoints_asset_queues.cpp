// What came of assets and waits for the runs of the DAGs that are scheduled on them.
#include <optional>

#include <fmt/format.h>

#include "api/bodies.h"
#include "api/bulk.h"
#include "api/endpoints.h"

namespace venturi::api {
namespace {

Value queued_body(const QueuedAsset& queued) {
  return Object{{"dag_id", queued.dag_id},
                {"asset_id", queued.asset},
                {"created_at", format_time(queued.at)},
                {"dag_display_name", queued.dag_id}};
}

void queued_events(const Call& call, const Reply& reply, const std::string& dag_id, std::optional<std::int64_t> asset) {
  Array rows;
  for (const QueuedAsset& queued : must(call.api->reader().queued_assets())) {
    if ((!dag_id.empty() && queued.dag_id != dag_id) || (asset && queued.asset != *asset)) continue;
    if (const auto before = call.date("before"); before && queued.at >= *before) continue;
    rows.push_back(queued_body(queued));
  }
  if (rows.empty())
    throw Refusal{404, asset ? fmt::format("Queue event with asset_id: `{}` was not found", *asset)
                             : fmt::format("Queue event with dag_id: `{}` was not found", dag_id)};
  const std::size_t total = rows.size();
  reply(page_of("queued_events", std::move(rows), total));
}

void get_dag_asset_queued_events(const Call& call, const Reply& reply) {
  queued_events(call, reply, call.at("dag_id"), {});
}
void get_asset_queued_events(const Call& call, const Reply& reply) {
  queued_events(call, reply, {}, find_asset(*call.api, call.path_integer("asset_id")).no);
}
void get_dag_asset_queued_event(const Call& call, const Reply& reply) {
  const std::string& dag_id = call.at("dag_id");
  const std::int64_t asset = call.path_integer("asset_id");
  const auto before = call.date("before");
  for (const QueuedAsset& queued : must(call.api->reader().queued_assets())) {
    const bool is_meant = queued.dag_id == dag_id && queued.asset == asset;
    if (is_meant && (!before || queued.at < *before)) return reply(json(queued_body(queued)));
  }
  throw Refusal{404, fmt::format("Queued event with dag_id: `{}` and asset_id: `{}` was not found", dag_id, asset)};
}

// What is queued for these, of one DAG or of all; nothing is 404, as in Airflow.
void delete_queued(const Call& call, const Reply& reply, const std::string& dag_id, std::optional<std::int64_t> asset) {
  std::vector<Value> commands;
  for (const QueuedAsset& queued : must(call.api->reader().queued_assets())) {
    const bool is_meant = (dag_id.empty() || queued.dag_id == dag_id) && (!asset || queued.asset == *asset);
    const auto before = call.date("before");
    if (is_meant && (!before || queued.at < *before))
      commands.emplace_back(Object{{"command", "assets clear-queue"}, {"dag_id", queued.dag_id}, {"asset", queued.asset}});
  }
  if (commands.empty())
    throw Refusal{404, asset && !dag_id.empty()
                           ? fmt::format("Queued event with dag_id: `{}` and asset_id: `{}` was not found", dag_id, *asset)
                       : asset ? fmt::format("Queue event with asset_id: `{}` was not found", *asset)
                               : fmt::format("Queue event with dag_id: `{}` was not found", dag_id)};
  run_all(call, std::move(commands), reply, [](const Outcomes& outcomes, const Array&) {
    for (const auto& error : outcomes) {
      if (error) throw refusal_of(*error);
    }
    return no_content();
  });
}

void delete_dag_asset_queued_events(const Call& call, const Reply& reply) {
  delete_queued(call, reply, call.at("dag_id"), {});
}
void delete_asset_queued_events(const Call& call, const Reply& reply) {
  delete_queued(call, reply, {}, find_asset(*call.api, call.path_integer("asset_id")).no);
}
void delete_dag_asset_queued_event(const Call& call, const Reply& reply) {
  delete_queued(call, reply, call.at("dag_id"), call.path_integer("asset_id"));
}

constexpr Field before_query[] = {{"before", Field::Type::date}};

}  // namespace

std::span<const Endpoint> asset_queue_endpoints() {
  static const Endpoint list[] = {
      {"GET", "/api/v2/assets/{asset_id}/queuedEvents", "get_asset_queued_events", Permission::viewer, get_asset_queued_events,
       before_query},
      {"DELETE", "/api/v2/assets/{asset_id}/queuedEvents", "delete_asset_queued_events", Permission::op,
       delete_asset_queued_events, before_query},
      {"GET", "/api/v2/dags/{dag_id}/assets/queuedEvents", "get_dag_asset_queued_events", Permission::viewer,
       get_dag_asset_queued_events, before_query},
      {"DELETE", "/api/v2/dags/{dag_id}/assets/queuedEvents", "delete_dag_asset_queued_events", Permission::op,
       delete_dag_asset_queued_events, before_query},
      {"GET", "/api/v2/dags/{dag_id}/assets/{asset_id}/queuedEvents", "get_dag_asset_queued_event", Permission::viewer,
       get_dag_asset_queued_event, before_query},
      {"DELETE", "/api/v2/dags/{dag_id}/assets/{asset_id}/queuedEvents", "delete_dag_asset_queued_event", Permission::op,
       delete_dag_asset_queued_event, before_query},
  };
  return list;
}

}  // namespace venturi::api
