// Assets, their events, and what is queued of them.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "api/bodies.h"
#include "api/endpoints.h"
#include "api/listing.h"
#include "server/asset_events.h"
#include "server/watchers.h"

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
  Array scheduled, producing, consuming, aliases, watchers;
  const auto add_watcher = [&](const std::string& name) {
    const auto is_it = [&](const Value& known) { return known.get_string("name") == name; };
    if (std::ranges::any_of(watchers, is_it)) return;
    // Triggers have no rows here: their numbers tell those of an asset apart.
    watchers.emplace_back(Object{{"name", name}, {"trigger_id", watchers.size() + 1}, {"created_date", created}});
  };
  for (const auto& dag : dags) {
    for (const server::WatcherOfAsset& watcher : server::watchers_of(*dag)) {
      if (watcher.asset == asset.key) add_watcher(watcher.name);
    }
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
                {"watchers", std::move(watchers)},
                {"last_asset_event", std::move(last)}};
}

bool is_of_dags(const Value& asset, const std::vector<std::string>& dag_ids) {
  const auto names_one = [&](const char* list) {
    return std::ranges::any_of(asset.at(list).as_array(), [&](const Value& of) {
      return std::ranges::find(dag_ids, of.get_string("dag_id")) != dag_ids.end();
    });
  };
  return dag_ids.empty() || names_one("scheduled_dags") || names_one("producing_tasks") || names_one("consuming_tasks");
}

// Airflow's assets that no DAG names any more are not active.
bool is_active(const Value& asset) {
  return std::ranges::any_of(std::array{"scheduled_dags", "producing_tasks", "consuming_tasks"},
                             [&](const char* list) { return !asset.at(list).as_array().empty(); });
}

constexpr std::array<Column<Value>, 5> asset_columns{
    {{"id", [](const Value& row) { return row.get_value("id"); }},
     {"name", [](const Value& row) { return row.get_value("name"); }},
     {"uri", [](const Value& row) { return row.get_value("uri"); }},
     {"created_at", [](const Value& row) { return row.get_value("created_at"); }},
     {"updated_at", [](const Value& row) { return row.get_value("updated_at"); }}}};

void get_assets(const Call& call, const Reply& reply) {
  const auto dags = must(call.api->reader().dags());
  const Aliases aliases(call.api->reader());
  const auto dag_ids = call.texts("dag_ids");
  const bool only_active = call.boolean("only_active", true);
  std::vector<Value> rows;
  for (const AssetRecord& asset : must(call.api->reader().assets({}))) {
    if (!fits_text(call, "uri", asset.key.uri) || !fits_text(call, "name", asset.key.name)) continue;
    Value body = asset_body(*call.api, asset, dags, aliases);
    if (is_of_dags(body, dag_ids) && (!only_active || is_active(body))) rows.push_back(std::move(body));
  }
  order_rows<Value>(call, rows, asset_columns);
  reply(page_of_rows(call, "assets", rows, [](const Value& row) { return row; }));
}

void get_asset(const Call& call, const Reply& reply) {
  store::Reader& reader = call.api->reader();
  reply(
      json(asset_body(*call.api, find_asset(*call.api, call.path_integer("asset_id")), must(reader.dags()), Aliases(reader))));
}

void get_asset_aliases(const Call& call, const Reply& reply) {
  auto rows = must(call.api->reader().asset_aliases());
  std::erase_if(rows, [&](const AssetAliasRecord& alias) { return !fits_text(call, "name", alias.name); });
  constexpr std::array<Column<AssetAliasRecord>, 2> columns{
      {{"id", [](const AssetAliasRecord& a) { return Value(a.no); }},
       {"name", [](const AssetAliasRecord& a) { return Value(a.name); }}}};
  order_rows<AssetAliasRecord>(call, rows, columns);
  reply(page_of_rows(call, "asset_aliases", rows, alias_body));
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
  store::AssetEventFilter filter;
  if (call.text("asset_id")) filter.assets.push_back(call.integer("asset_id", 0));
  std::map<std::int64_t, std::string> names;
  for (const AssetRecord& asset : must(call.api->reader().assets({}))) names.emplace(asset.no, asset.key.name);
  auto events = must(call.api->reader().asset_events(filter));
  std::erase_if(events, [&](const AssetEvent& event) {
    return !fits_any(call, "source_dag_id", event.source_dag_id) || !fits_any(call, "source_task_id", event.source_task_id) ||
           !fits_any(call, "source_run_id", event.source_run_id) ||
           !fits_any(call, "source_map_index", std::to_string(event.source_map_index)) ||
           !fits_text(call, "name", names[event.asset]) || !fits_dates(call, "timestamp", event.at);
  });
  constexpr std::array<Column<AssetEvent>, 6> columns{
      {{"timestamp", [](const AssetEvent& e) { return Value(format_time(e.at)); }},
       {"id", [](const AssetEvent& e) { return Value(e.no); }},
       {"source_dag_id", [](const AssetEvent& e) { return Value(e.source_dag_id); }},
       {"source_task_id", [](const AssetEvent& e) { return Value(e.source_task_id); }},
       {"source_run_id", [](const AssetEvent& e) { return Value(e.source_run_id); }},
       {"source_map_index", [](const AssetEvent& e) { return Value(e.source_map_index); }}}};
  order_rows<AssetEvent>(call, events, columns);
  EventBodies bodies(*call.api);
  reply(page_of_rows(call, "asset_events", events, [&](const AssetEvent& event) { return bodies.of(event); }));
}

void create_asset_event(const Call& call, const Reply& reply) {
  const AssetRecord asset = find_asset(*call.api, call.body.at("asset_id").as_int());
  Object extra;
  if (const Value* given = call.body.get("extra")) extra = given->as_object();
  extra.set("from_rest_api", true);
  Api* api = call.api;
  call.run(Object{{"command", "assets make-event"},
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

// ---- runs that make it ---------------------------------------------------------------------------------------------------

// A run of the one DAG that makes it.
void materialize_asset(const Call& call, const Reply& reply) {
  const std::int64_t asset_id = call.path_integer("asset_id");
  const AssetRecord asset = find_asset(*call.api, asset_id);
  std::vector<std::string> dag_ids;
  for (const auto& dag : must(call.api->reader().dags())) {
    if (std::ranges::any_of(dag->tasks, [&](const Task& task) { return names(task.outlets, asset.key); }))
      dag_ids.push_back(dag->dag_id);
  }
  if (dag_ids.empty()) throw Refusal{404, fmt::format("No Dag materializes asset with ID: {}", asset_id)};
  if (dag_ids.size() > 1) throw Refusal{409, fmt::format("More than one Dag materializes asset with ID: {}", asset_id)};
  trigger_run_of(call, reply, dag_ids.front(), RunType::asset_materialization);
}

constexpr Field asset_query[] = {VENTURI_PAGE,
                                 VENTURI_PATTERNS("uri"),
                                 VENTURI_PATTERNS("name"),
                                 {"dag_ids", Field::Type::array},
                                 {"only_active", Field::Type::boolean}};
constexpr Field alias_query[] = {VENTURI_PAGE, VENTURI_PATTERNS("name")};
constexpr Field event_query[] = {VENTURI_PAGE,
                                 {"asset_id", Field::Type::integer},
                                 {"source_dag_id", Field::Type::text},
                                 {"source_task_id", Field::Type::text},
                                 {"source_run_id", Field::Type::text},
                                 {"source_map_index", Field::Type::integer},
                                 VENTURI_PATTERNS("name"),
                                 VENTURI_DATES("timestamp")};
constexpr Field new_event[] = {{"asset_id", Field::Type::integer, true, false},
                               {"extra", Field::Type::object, false, false},
                               {"partition_key", Field::Type::text, false, true},
                               {"access_control", Field::Type::any, false, true, false}};
constexpr Field materialize_body[] = {
    {"dag_run_id", Field::Type::text},   {"data_interval_start", Field::Type::date}, {"data_interval_end", Field::Type::date},
    {"logical_date", Field::Type::date}, {"run_after", Field::Type::date},           {"conf", Field::Type::object},
    {"note", Field::Type::text},         {"partition_key", Field::Type::text}};

}  // namespace

AssetRecord find_asset(Api& api, std::int64_t no) {
  auto found = must(api.reader().assets({.no = no}));
  if (found.empty()) throw Refusal{404, fmt::format("The Asset with ID: `{}` was not found", no)};
  return std::move(found.front());
}

std::span<const Endpoint> asset_endpoints() {
  static const Endpoint list[] = {
      {"GET", "/api/v2/assets", "get_assets", Permission::viewer, get_assets, asset_query},
      {"GET", "/api/v2/assets/events", "get_asset_events", Permission::viewer, get_asset_events, event_query},
      {"POST", "/api/v2/assets/events", "create_asset_event", Permission::op, create_asset_event, {}, new_event},
      {"GET", "/api/v2/assets/aliases", "get_asset_aliases", Permission::viewer, get_asset_aliases, alias_query},
      {"GET", "/api/v2/assets/aliases/{asset_alias_id}", "get_asset_alias", Permission::viewer, get_asset_alias},
      {"GET", "/api/v2/assets/{asset_id}", "get_asset", Permission::viewer, get_asset},
      {"POST",
       "/api/v2/assets/{asset_id}/materialize",
       "materialize_asset",
       Permission::op,
       materialize_asset,
       {},
       materialize_body},
      {"GET", "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/upstreamAssetEvents", "get_upstream_asset_events", Permission::viewer,
       get_upstream_asset_events},
  };
  return list;
}

}  // namespace venturi::api
