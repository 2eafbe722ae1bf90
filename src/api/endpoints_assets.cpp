// Assets, their events, and what is queued of them.
#include <algorithm>

#include <fmt/format.h>

#include "api/bodies.h"
#include "api/endpoints.h"
#include "schedule/asset_condition.h"

namespace venturi::api {
namespace {

using schedule::AssetCondition;

// The assets, aliases aside, that the DAG is scheduled on.
std::vector<AssetKey> scheduled_on(const Dag& dag) {
  std::vector<AssetKey> keys;
  const Value* var = dag.timetable.get("__var");
  const Value* condition = var == nullptr ? nullptr : var->get("asset_condition");
  const auto read =
      condition == nullptr ? Result<AssetCondition>(std::unexpected(Error{})) : AssetCondition::from_serialized(*condition);
  if (read) read->each_leaf([&](const AssetCondition& leaf) { keys.push_back({leaf.name(), leaf.uri()}); });
  return keys;
}

bool is_meant(const AssetKey& by, const AssetKey& asset) {
  return (by.name.empty() || by.name == asset.name) && (by.uri.empty() || by.uri == asset.uri);
}

bool is_on(const Dag& dag, const AssetKey& asset) {
  const auto keys = scheduled_on(dag);
  return std::ranges::any_of(keys, [&](const AssetKey& key) { return is_meant(key, asset); });
}

Value asset_body(Api& api, const AssetRecord& asset, const std::vector<std::shared_ptr<const Dag>>& dags) {
  const std::string created = format_time(asset.created);
  Array scheduled, producing;
  for (const auto& dag : dags) {
    if (is_on(*dag, asset.key))
      scheduled.emplace_back(Object{{"dag_id", dag->dag_id}, {"created_at", created}, {"updated_at", created}});
    for (const Task& task : dag->tasks) {
      if (std::ranges::any_of(task.outlets, [&](const Outlet& outlet) { return outlet.key == asset.key; }))
        producing.emplace_back(
            Object{{"dag_id", dag->dag_id}, {"task_id", task.task_id}, {"created_at", created}, {"updated_at", created}});
    }
  }
  Value last;
  for (const AssetEvent& event : must(api.reader().asset_events({.assets = {asset.no}, .newest_first = true, .limit = 1})))
    last = Object{{"id", event.no}, {"timestamp", format_time(event.at)}};
  return Object{{"id", asset.no},
                {"name", asset.key.name},
                {"uri", asset.key.uri},
                {"group", asset.group.empty() ? "asset" : asset.group},
                {"extra", asset.extra.is_object() ? asset.extra : Value(Object{})},
                {"created_at", created},
                {"updated_at", created},
                {"scheduled_dags", std::move(scheduled)},
                {"producing_tasks", std::move(producing)},
                {"consuming_tasks", Array{}},
                {"aliases", Array{}},
                {"watchers", Array{}},
                {"last_asset_event", std::move(last)}};
}

AssetRecord find_asset(Api& api, std::int64_t no) {
  for (AssetRecord& asset : must(api.reader().assets())) {
    if (asset.no == no) return std::move(asset);
  }
  throw Refusal{404, fmt::format("The Asset with ID: `{}` was not found", no)};
}

void get_assets(const Call& call, const Reply& reply) {
  const auto page = call.page();
  const auto uri = call.text("uri_pattern"), name = call.text("name_pattern");
  const auto dags = must(call.api->reader().dags());
  Array rows;
  std::size_t total = 0;
  for (const AssetRecord& asset : must(call.api->reader().assets())) {
    if ((uri && !fits_pattern(asset.key.uri, *uri)) || (name && !fits_pattern(asset.key.name, *name))) continue;
    if (total++ >= page.offset && rows.size() < page.limit) rows.push_back(asset_body(*call.api, asset, dags));
  }
  reply(page_of("assets", std::move(rows), total));
}

void get_asset(const Call& call, const Reply& reply) {
  reply(json(asset_body(*call.api, find_asset(*call.api, call.path_integer("asset_id")), must(call.api->reader().dags()))));
}

// ---- events --------------------------------------------------------------------------------------------------------------

class EventBodies {
 public:
  explicit EventBodies(Api& api) : api_(api) {
    for (AssetRecord& asset : must(api.reader().assets())) assets_.emplace(asset.no, std::move(asset));
    for (const auto& dag : must(api.reader().dags())) {
      for (const DagRun& run :
           must(api.reader().runs({.dag_id = dag->dag_id, .limit = -1, .run_type = RunType::asset_triggered})))
        runs_.push_back(run);
    }
  }
  [[nodiscard]] Value of(const AssetEvent& event) {
    const AssetRecord& asset = assets_.at(event.asset);
    Array created;
    for (const DagRun& run : runs_) {
      if (event.no <= run.assets_after || event.no > run.assets_up_to) continue;
      const auto dag = api_.version(run.dag_version_id);
      if (!dag || !is_on(*dag, asset.key)) continue;
      created.emplace_back(Object{{"run_id", run.run_id},
                                  {"dag_id", run.dag_id},
                                  {"logical_date", date_or_null(run.logical_date)},
                                  {"start_date", date_or_null(run.start_date)},
                                  {"end_date", date_or_null(run.end_date)},
                                  {"state", std::string(to_string(run.state))},
                                  {"data_interval_start", date_or_null(run.data_interval_start)},
                                  {"data_interval_end", date_or_null(run.data_interval_end)},
                                  {"partition_key", Value()}});
    }
    return Object{{"id", event.no},
                  {"asset_id", event.asset},
                  {"uri", asset.key.uri},
                  {"name", asset.key.name},
                  {"group", asset.group},
                  {"extra", event.extra.is_object() ? event.extra : Value(Object{})},
                  {"source_task_id", text_or_null(event.source_task_id)},
                  {"source_dag_id", text_or_null(event.source_dag_id)},
                  {"source_run_id", text_or_null(event.source_run_id)},
                  {"source_map_index", event.source_map_index},
                  {"created_dagruns", std::move(created)},
                  {"timestamp", format_time(event.at)},
                  {"partition_key", Value()}};
  }

 private:
  Api& api_;
  std::map<std::int64_t, AssetRecord> assets_;
  std::vector<DagRun> runs_;
};

void get_asset_events(const Call& call, const Reply& reply) {
  const auto page = call.page();
  store::AssetEventFilter filter;
  if (call.text("asset_id")) filter.assets.push_back(call.integer("asset_id", 0));
  filter.newest_first = call.is_descending("timestamp");
  const auto dag_id = call.text("source_dag_id"), task_id = call.text("source_task_id"), run_id = call.text("source_run_id");
  EventBodies bodies(*call.api);
  Array rows;
  std::size_t total = 0;
  for (const AssetEvent& event : must(call.api->reader().asset_events(filter))) {
    if ((dag_id && event.source_dag_id != *dag_id) || (task_id && event.source_task_id != *task_id) ||
        (run_id && event.source_run_id != *run_id))
      continue;
    if (total++ >= page.offset && rows.size() < page.limit) rows.push_back(bodies.of(event));
  }
  reply(page_of("asset_events", std::move(rows), total));
}

void create_asset_event(const Call& call, const Reply& reply) {
  const AssetRecord asset = find_asset(*call.api, call.body.at("asset_id").as_int());
  Object extra;
  if (const Value* given = call.body.get("extra")) extra = given->as_object();
  extra.set("from_rest_api", true);
  Api* api = call.api;
  api->command(Object{{"command", "assets make-event"}, {"asset", asset.no}, {"extra", std::move(extra)}, {"user", call.user}},
               reply, [api, no = asset.no](const Value&) {
                 const auto newest = must(api->reader().asset_events({.assets = {no}, .newest_first = true, .limit = 1}));
                 return json(EventBodies(*api).of(newest.at(0)));
               });
}

void get_upstream_asset_events(const Call& call, const Reply& reply) {
  const DagRun run = find_run(*call.api, call.at("dag_id"), call.at("dag_run_id"));
  Array rows;
  const auto dag = call.api->version(run.dag_version_id);
  if (dag && run.run_type == RunType::asset_triggered) {
    store::AssetEventFilter filter{.after = run.assets_after, .up_to = run.assets_up_to};
    for (const AssetRecord& asset : must(call.api->reader().assets())) {
      if (is_on(*dag, asset.key)) filter.assets.push_back(asset.no);
    }
    EventBodies bodies(*call.api);
    if (!filter.assets.empty()) {
      for (const AssetEvent& event : must(call.api->reader().asset_events(filter))) rows.push_back(bodies.of(event));
    }
  }
  const std::size_t total = rows.size();
  reply(page_of("asset_events", std::move(rows), total));
}

// ---- what is queued ------------------------------------------------------------------------------------------------------

void queued_events(const Call& call, const Reply& reply, const std::string& dag_id, std::optional<std::int64_t> asset) {
  Array rows;
  for (const QueuedAsset& queued : must(call.api->reader().queued_assets())) {
    if ((!dag_id.empty() && queued.dag_id != dag_id) || (asset && queued.asset != *asset)) continue;
    rows.emplace_back(Object{{"dag_id", queued.dag_id},
                             {"asset_id", queued.asset},
                             {"created_at", format_time(queued.at)},
                             {"dag_display_name", queued.dag_id}});
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
  queued_events(call, reply, call.at("dag_id"), find_asset(*call.api, call.path_integer("asset_id")).no);
}

void delete_dag_asset_queued_events(const Call& call, const Reply& reply) {
  (void)call.api->dag(call.at("dag_id"));
  call.api->command(Object{{"command", "assets clear-queue"}, {"dag_id", call.at("dag_id")}}, reply,
                    [](const Value&) { return no_content(); });
}
void delete_dag_asset_queued_event(const Call& call, const Reply& reply) {
  const AssetRecord asset = find_asset(*call.api, call.path_integer("asset_id"));
  call.api->command(Object{{"command", "assets clear-queue"}, {"dag_id", call.at("dag_id")}, {"asset", asset.no}}, reply,
                    [](const Value&) { return no_content(); });
}

constexpr Field asset_query[] = {{"limit", Field::Type::integer},
                                 {"offset", Field::Type::integer},
                                 {"uri_pattern", Field::Type::text},
                                 {"name_pattern", Field::Type::text}};
constexpr Field event_query[] = {{"limit", Field::Type::integer},      {"offset", Field::Type::integer},
                                 {"order_by", Field::Type::text},      {"asset_id", Field::Type::integer},
                                 {"source_dag_id", Field::Type::text}, {"source_task_id", Field::Type::text},
                                 {"source_run_id", Field::Type::text}};
constexpr Field new_event[] = {{"asset_id", Field::Type::integer, true, false},
                               {"extra", Field::Type::object, false, false},
                               {"partition_key", Field::Type::text, false, true, false},
                               {"access_control", Field::Type::any, false, true, false}};

}  // namespace

std::span<const Endpoint> asset_endpoints() {
  static const Endpoint list[] = {
      {"GET", "/api/v2/assets", "get_assets", Permission::viewer, get_assets, asset_query},
      {"GET", "/api/v2/assets/events", "get_asset_events", Permission::viewer, get_asset_events, event_query},
      {"POST", "/api/v2/assets/events", "create_asset_event", Permission::user, create_asset_event, {}, new_event},
      {"GET", "/api/v2/assets/{asset_id}", "get_asset", Permission::viewer, get_asset},
      {"GET", "/api/v2/assets/{asset_id}/queuedEvents", "get_asset_queued_events", Permission::viewer, get_asset_queued_events},
      {"GET", "/api/v2/dags/{dag_id}/assets/queuedEvents", "get_dag_asset_queued_events", Permission::viewer,
       get_dag_asset_queued_events},
      {"DELETE", "/api/v2/dags/{dag_id}/assets/queuedEvents", "delete_dag_asset_queued_events", Permission::user,
       delete_dag_asset_queued_events},
      {"GET", "/api/v2/dags/{dag_id}/assets/{asset_id}/queuedEvents", "get_dag_asset_queued_event", Permission::viewer,
       get_dag_asset_queued_event},
      {"DELETE", "/api/v2/dags/{dag_id}/assets/{asset_id}/queuedEvents", "delete_dag_asset_queued_event", Permission::user,
       delete_dag_asset_queued_event},
      {"GET", "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/upstreamAssetEvents", "get_upstream_asset_events", Permission::viewer,
       get_upstream_asset_events},
  };
  return list;
}

}  // namespace venturi::api
