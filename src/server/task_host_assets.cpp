// What tasks ask about assets, as Airflow's Task Execution API answers it.
//
//   GetAssetByName, GetAssetByUri, GetAssetsByAlias
//   GetAssetEventByAsset, GetAssetEventByAssetAlias   between two times, both included; in the order of time, or its reverse
//   GetDagRun                                         with consumed_asset_events. They are not in StartupDetails: a task that
//                                                     looks at them asks, and thousands that do not cost nothing
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "server/asset_events.h"
#include "server/task_host.h"
#include "server/time_value.h"

namespace venturi::server {
namespace {

Value extra_of(const Value& extra) {
  return extra.is_object() ? extra : Value(Object{});
}

Object asset_value(const AssetRecord& asset) {
  return {{"name", asset.key.name},
          {"uri", asset.key.uri},
          {"group", asset.group.empty() ? "asset" : asset.group},
          {"extra", extra_of(asset.extra)}};
}

Value text_or_null(const std::string& text) {
  return text.empty() ? Value() : Value(text);
}

// Some megabytes; they are read in the server's loop.
constexpr int most_events = 10'000;

// What AssetEventResponse and AssetEventDagRunReference have in common.
Object event_value(const AssetEvent& event) {
  return {{"timestamp", format_time(event.at)},
          {"extra", extra_of(event.extra)},
          {"source_task_id", text_or_null(event.source_task_id)},
          {"source_dag_id", text_or_null(event.source_dag_id)},
          {"source_run_id", text_or_null(event.source_run_id)},
          {"source_map_index", event.source_map_index},
          {"partition_key", event.partition_key ? Value(*event.partition_key) : Value()}};
}

Result<AssetRecord> asset_by_number(store::Reader& reader, std::map<std::int64_t, AssetRecord>& known, std::int64_t no) {
  if (const auto found = known.find(no); found != known.end()) return found->second;
  auto rows = reader.assets({.no = no});
  if (!rows) return std::unexpected(rows.error());
  if (rows->empty()) return fail(ErrorKind::corrupt, "an event is of asset " + std::to_string(no) + ", which is not there");
  return known.emplace(no, std::move(rows->front())).first->second;
}

// Bounds of `after` and `before`; throws ValueError.
std::optional<Time> bound(const Value& body, const char* name) {
  const Value given = body.get_value(name);
  if (given.is_null()) return std::nullopt;
  const auto time = parse_time(given.as_string());
  if (!time) throw ValueError(std::string("'") + name + "' is '" + given.as_string() + "', which is no date");
  return time;
}

}  // namespace

std::optional<Reply> TaskHost::question_about_assets(const std::string& type, const Value& body) {
  try {
    if (type == "GetAssetByName") return get_asset({.name = body.at("name").as_string()});
    if (type == "GetAssetByUri") return get_asset({.uri = body.at("uri").as_string()});
    if (type == "GetAssetsByAlias") return get_assets_by_alias(body.at("alias_name").as_string());
    if (type == "GetAssetEventByAsset" || type == "GetAssetEventByAssetAlias") return get_asset_events(type, body);
  } catch (const ValueError& e) {
    return refusal("API_SERVER_ERROR", std::string("the question cannot be answered: ") + e.what());
  }
  return std::nullopt;
}

Reply TaskHost::get_asset(const store::AssetFilter& filter) {
  const auto found = reader_.assets(filter);
  if (!found) return of_error(found.error());
  if (found->empty())
    return not_found("ASSET_NOT_FOUND", filter.name ? Object{{"name", *filter.name}} : Object{{"uri", *filter.uri}});
  Object value = asset_value(found->back());
  value.add("type", "AssetResult");
  return {std::move(value), {}};
}

Result<std::optional<std::int64_t>> TaskHost::alias_number(const std::string& name) {
  const auto aliases = reader_.asset_aliases();
  if (!aliases) return std::unexpected(aliases.error());
  const auto alias = std::ranges::find(*aliases, name, &AssetAliasRecord::name);
  return alias == aliases->end() ? std::nullopt : std::optional(alias->no);
}

Reply TaskHost::get_assets_by_alias(const std::string& name) {
  const auto alias = alias_number(name);
  if (!alias) return of_error(alias.error());
  const auto links = reader_.aliased_assets();
  if (!links) return of_error(links.error());
  Array assets;
  std::map<std::int64_t, AssetRecord> known;
  for (const AliasedAsset& link : *links) {
    if (!*alias || link.alias != **alias) continue;
    const auto asset = asset_by_number(reader_, known, link.asset);
    if (!asset) return of_error(asset.error());
    assets.emplace_back(asset_value(*asset));
  }
  return {Object{{"type", "AssetsByAliasResult"}, {"assets", std::move(assets)}}, {}};
}

Reply TaskHost::get_asset_events(const std::string& type, const Value& body) {
  store::AssetEventFilter filter{.from_time = bound(body, "after"), .to_time = bound(body, "before")};
  const Value limit = body.get_value("limit");
  if (!limit.is_null() && limit.as_int() != 0)
    filter.limit = static_cast<int>(std::clamp<std::int64_t>(limit.as_int(), 0, std::numeric_limits<int>::max()));
  filter.newest_first = !body.get_bool("ascending", true);
  std::map<std::int64_t, AssetRecord> known;
  if (type == "GetAssetEventByAssetAlias") {
    const auto alias = alias_number(body.at("alias_name").as_string());
    if (!alias) return of_error(alias.error());
    if (*alias) filter.aliases.push_back(**alias);
  } else {
    store::AssetFilter by;
    if (const std::string name = body.get_string("name"); !name.empty()) by.name = name;
    if (const std::string uri = body.get_string("uri"); !uri.empty()) by.uri = uri;
    if (!by.name && !by.uri) return refusal("API_SERVER_ERROR", "of which asset? name and uri cannot both be None");
    auto assets = reader_.assets(by);
    if (!assets) return of_error(assets.error());
    for (AssetRecord& asset : *assets) {
      filter.assets.push_back(asset.no);
      known.emplace(asset.no, std::move(asset));
    }
  }
  Array list;
  if (!filter.assets.empty() || !filter.aliases.empty()) {
    const bool has_limit = filter.limit >= 0 && filter.limit <= most_events;
    if (!has_limit) filter.limit = most_events + 1;
    const auto events = reader_.asset_events(filter);
    if (!events) return of_error(events.error());
    if (!has_limit && events->size() > most_events) {
      return refusal("API_SERVER_ERROR",
                     fmt::format("there are more than {} events: ask with `after`, `before` or a `limit` of at most "
                                 "that",
                                 most_events));
    }
    const RunsOfEvents runs(reader_, scheduler_.engine().dags(), [this](const std::string& id) { return version(id); });
    for (const AssetEvent& event : *events) {
      const auto asset = asset_by_number(reader_, known, event.asset);
      if (!asset) return of_error(asset.error());
      const auto created = runs.of(asset->key, event);
      if (!created) return of_error(created.error());
      Array created_dagruns;
      for (const DagRun& run : *created) {
        created_dagruns.emplace_back(Object{{"run_id", run.run_id},
                                            {"dag_id", run.dag_id},
                                            {"logical_date", time_value(run.logical_date)},
                                            {"start_date", time_value(run.start_date)},
                                            {"end_date", time_value(run.end_date)},
                                            {"state", to_string(run.state)},
                                            {"data_interval_start", time_value(run.data_interval_start)},
                                            {"data_interval_end", time_value(run.data_interval_end)},
                                            {"partition_key", run.partition_key ? Value(*run.partition_key) : Value()}});
      }
      Object value = event_value(event);
      value.add("id", event.no);
      value.add("asset", asset_value(*asset));
      value.add("created_dagruns", std::move(created_dagruns));
      list.emplace_back(std::move(value));
    }
  }
  return {Object{{"type", "AssetEventsResult"}, {"asset_events", std::move(list)}}, {}};
}

// nullptr also where the store has it and this program cannot read it: as if its run were gone.
std::shared_ptr<const Dag> TaskHost::version(const std::string& version_id) {
  for (const auto& dag : scheduler_.engine().dags()) {
    if (dag->version_id == version_id) return dag;
  }
  if (!last_version_ || last_version_->version_id != version_id)
    last_version_ = reader_.dag_version(version_id).value_or(nullptr);
  return last_version_;
}

Result<Value> TaskHost::consumed_events(const DagRun& run) {
  Array list;
  const auto dag = run.run_type != RunType::asset_triggered ? nullptr : version(run.dag_version_id);
  if (dag == nullptr) return list;
  const auto events = consumed_asset_events(reader_, *dag, run);
  if (!events) return std::unexpected(events.error());
  std::map<std::int64_t, AssetRecord> known;
  for (const AssetEvent& event : *events) {
    const auto asset = asset_by_number(reader_, known, event.asset);
    if (!asset) return std::unexpected(asset.error());
    Array aliases;
    if (event.source_aliases.is_array()) {
      for (const Value& name : event.source_aliases.as_array()) aliases.emplace_back(Object{{"name", name}});
    }
    Object value = event_value(event);
    value.add("asset", Object{{"name", asset->key.name}, {"uri", asset->key.uri}, {"extra", extra_of(asset->extra)}});
    value.add("source_aliases", std::move(aliases));
    list.emplace_back(std::move(value));
  }
  return list;
}

}  // namespace venturi::server
