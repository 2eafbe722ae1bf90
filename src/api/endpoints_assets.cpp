// Assets, their events, and what is queued of them.
#include <algorithm>

#include <fmt/format.h>

#include "api/bodies.h"
#include "api/endpoints.h"
#include "server/asset_events.h"

namespace venturi::api {
namespace {

// All aliases, each with the numbers of its assets.
struct Aliases {
  explicit Aliases(store::Reader& reader) : rows(must(reader.asset_aliases())), links(must(reader.aliased_assets())) {}
  std::vector<AssetAliasRecord> rows;
  std::vector<AliasedAsset> links;
};

Value alias_body(const AssetAliasRecord& alias) {
  return Object{{"id", alias.no}, {"name", alias.name}, {"group", alias.group}};
}

bool names(const std::vector<Outlet>& assets, const AssetKey& key) {
  return std::ranges::find(assets, key, &Outlet::key) != assets.end();
}

Value asset_body(Api& api, const AssetRecord& asset, const std::vector<std::shared_ptr<const Dag>>& dags,
                 const Aliases& all_aliases) {
  const std::string created = format_time(asset.created);
  Array scheduled, producing, consuming, aliases;
  for (const auto& dag : dags) {
    if (server::ScheduledAssets(*dag).names(asset.key))
      scheduled.emplace_back(Object{{"dag_id", dag->dag_id}, {"created_at", created}, {"updated_at", created}});
    for (const Task& task : dag->tasks) {
      const Object task_body{
          {"dag_id", dag->dag_id}, {"task_id", task.task_id}, {"created_at", created}, {"updated_at", created}};
      if (names(task.outlets, asset.key)) producing.emplace_back(task_body);
      if (names(task.inlets, asset.key)) consuming.emplace_back(task_body);
    }
  }
  for (const AliasedAsset& link : all_aliases.links) {
    if (link.asset == asset.no)
      aliases.push_back(alias_body(*std::ranges::find(all_aliases.rows, link.alias, &AssetAliasRecord::no)));
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
                {"consuming_tasks", std::move(consuming)},
                {"aliases", std::move(aliases)},
                {"watchers", Array{}},
                {"last_asset_event", std::move(last)}};
}

AssetRecord find_asset(Api& api, std::int64_t no) {
  auto found = must(api.reader().assets({.no = no}));
  if (found.empty()) throw Refusal{404, fmt::format("The Asset with ID: `{}` was not found", no)};
  return std::move(found.front());
}

void get_assets(const Call& call, const Reply& reply) {
  const auto page = call.page();
  const auto uri = call.text("uri_pattern"), name = call.text("name_pattern");
  const auto dags = must(call.api->reader().dags());
  const Aliases aliases(call.api->reader());
  Array rows;
  std::size_t total = 0;
  for (const AssetRecord& asset : must(call.api->reader().assets({}))) {
    if ((uri && !fits_pattern(asset.key.uri, *uri)) || (name && !fits_pattern(asset.key.name, *name))) continue;
    if (total++ >= page.offset && rows.size() < page.limit) rows.push_back(asset_body(*call.api, asset, dags, aliases));
  }
  reply(page_of("assets", std::move(rows), total));
}

void get_asset(const Call& call, const Reply& reply) {
  store::Reader& reader = call.api->reader();
  reply(
      json(asset_body(*call.api, find_asset(*call.api, call.path_integer("asset_id")), must(reader.dags()), Aliases(reader))));
}

void get_asset_aliases(const Call& call, const Reply& reply) {
  const auto page = call.page();
  const auto name = call.text("name_pattern");
  Array rows;
  std::size_t total = 0;
  for (const AssetAliasRecord& alias : must(call.api->reader().asset_aliases())) {
    if (name && !fits_pattern(alias.name, *name)) continue;
    if (total++ >= page.offset && rows.size() < page.limit) rows.push_back(alias_body(alias));
  }
  reply(page_of("asset_aliases", std::move(rows), total));
}

void get_asset_alias(const Call& call, const Reply& reply) {
  const std::int64_t no = call.path_integer("asset_alias_id");
  const auto aliases = must(call.api->reader().asset_aliases());
  const auto found = std::ranges::find(aliases, no, &AssetAliasRecord::no);
  if (found == aliases.end()) throw Refusal{404, fmt::format("The Asset Alias with ID: `{}` was not found", no)};
  reply(json(alias_body(*found)));
}

// ---- events --------------------------------------------------------------------------------------------------------------

class EventBodies {
 public:
  explicit EventBodies(Api& api)
      : api_(api), runs_(api.reader(), must(api.reader().dags()), [&api](const std::string& id) { return api.version(id); }) {}
  [[nodiscard]] Value of(const AssetEvent& event) {
    const AssetRecord& asset = asset_of(event);
    Array created;
    for (const DagRun& run : must(runs_.of(asset.key, event))) {
      created.emplace_back(Object{{"run_id", run.run_id},
                                  {"dag_id", run.dag_id},
                                  {"logical_date", date_or_null(run.logical_date)},
                                  {"start_date", date_or_null(run.start_date)},
                                  {"end_date", date_or_null(run.end_date)},
                                  {"state", std::string(to_string(run.state))},
                                  {"data_interval_start", date_or_null(run.data_interval_start)},
                                  {"data_interval_end", date_or_null(run.data_interval_end)},
                                  {"partition_key", run.partition_key ? Value(*run.partition_key) : Value()},
                                  {"triggering", is_last_of(run, event)}});
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
                  {"partition_key", event.partition_key ? Value(*event.partition_key) : Value()}};
  }

 private:
  const AssetRecord& asset_of(const AssetEvent& event) {
    const auto known = assets_.find(event.asset);
    return known != assets_.end() ? known->second : assets_.emplace(event.asset, find_asset(api_, event.asset)).first->second;
  }
  // Of those that the run took, the one that made it.
  bool is_last_of(const DagRun& run, const AssetEvent& event) {
    auto last = last_.find(run.no);
    if (last == last_.end()) {
      const auto dag = api_.version(run.dag_version_id);
      const auto events = dag ? must(server::consumed_asset_events(api_.reader(), *dag, run, 1)) : std::vector<AssetEvent>();
      last = last_.emplace(run.no, events.empty() ? 0 : events.front().no).first;
    }
    return last->second == event.no;
  }

  Api& api_;
  server::RunsOfEvents runs_;
  std::map<std::int64_t, AssetRecord> assets_;
  std::map<RunNo, std::int64_t> last_;
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
  api->command(Object{{"command", "assets make-event"},
                      {"asset", asset.no},
                      {"extra", std::move(extra)},
                      {"user", call.user},
                      {"partition_key", call.body.get_value("partition_key")}},
               reply, [api, no = asset.no](const Value&) {
                 const auto newest = must(api->reader().asset_events({.assets = {no}, .newest_first = true, .limit = 1}));
                 return json(EventBodies(*api).of(newest.at(0)));
               });
}

void get_upstream_asset_events(const Call& call, const Reply& reply) {
  const DagRun run = find_run(*call.api, call.at("dag_id"), call.at("dag_run_id"));
  Array rows;
  const auto dag = call.api->version(run.dag_version_id);
  if (dag) {
    EventBodies bodies(*call.api);
    for (const AssetEvent& event : must(server::consumed_asset_events(call.api->reader(), *dag, run)))
      rows.push_back(bodies.of(event));
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
constexpr Field alias_query[] = {
    {"limit", Field::Type::integer}, {"offset", Field::Type::integer}, {"name_pattern", Field::Type::text}};
constexpr Field event_query[] = {{"limit", Field::Type::integer},      {"offset", Field::Type::integer},
                                 {"order_by", Field::Type::text},      {"asset_id", Field::Type::integer},
                                 {"source_dag_id", Field::Type::text}, {"source_task_id", Field::Type::text},
                                 {"source_run_id", Field::Type::text}};
constexpr Field new_event[] = {{"asset_id", Field::Type::integer, true, false},
                               {"extra", Field::Type::object, false, false},
                               {"partition_key", Field::Type::text, false, true},
                               {"access_control", Field::Type::any, false, true, false}};

}  // namespace

std::span<const Endpoint> asset_endpoints() {
  static const Endpoint list[] = {
      {"GET", "/api/v2/assets", "get_assets", Permission::viewer, get_assets, asset_query},
      {"GET", "/api/v2/assets/events", "get_asset_events", Permission::viewer, get_asset_events, event_query},
      {"POST", "/api/v2/assets/events", "create_asset_event", Permission::user, create_asset_event, {}, new_event},
      {"GET", "/api/v2/assets/aliases", "get_asset_aliases", Permission::viewer, get_asset_aliases, alias_query},
      {"GET", "/api/v2/assets/aliases/{asset_alias_id}", "get_asset_alias", Permission::viewer, get_asset_alias},
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
