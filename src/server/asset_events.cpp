#include "server/asset_events.h"

#include <algorithm>
#include <utility>

#include "schedule/asset_condition.h"

namespace venturi::server {

using schedule::AssetCondition;

ScheduledAssets::ScheduledAssets(const Dag& dag) {
  const Value* var = dag.timetable.get("__var");
  const Value* condition = var == nullptr ? nullptr : var->get("asset_condition");
  if (condition == nullptr) return;
  const auto read = AssetCondition::from_serialized(*condition);
  if (!read) return;  // whoever took the DAG has checked it: one that cannot be read is scheduled on nothing
  read->each_leaf([this](const AssetCondition& leaf) {
    if (leaf.kind() == AssetCondition::Kind::alias)
      aliases_.push_back(leaf.name());
    else
      assets_.push_back({leaf.name(), leaf.uri()});
  });
}

bool ScheduledAssets::names(const AssetKey& asset) const {
  return std::ranges::any_of(assets_, [&](const AssetKey& by) {
    return (by.name.empty() || by.name == asset.name) && (by.uri.empty() || by.uri == asset.uri);
  });
}

bool ScheduledAssets::has(const AssetKey& asset, const AssetEvent& event) const {
  if (names(asset)) return true;
  return event.source_aliases.is_array() && std::ranges::any_of(event.source_aliases.as_array(), [&](const Value& alias) {
           return std::ranges::find(aliases_, alias.as_string()) != aliases_.end();
         });
}

Result<std::vector<AssetEvent>> consumed_asset_events(store::Reader& reader, const Dag& dag, const DagRun& run,
                                                      std::optional<int> newest) {
  store::AssetEventFilter filter{.newest_first = newest.has_value(), .limit = newest.value_or(-1)};
  if (run.partition_key) {
    filter.of_partitioned_run = run.no;
    return reader.asset_events(filter);
  }
  if (run.assets_up_to == 0) return {};
  const ScheduledAssets scheduled(dag);
  filter.after = run.assets_after;
  filter.up_to = run.assets_up_to;
  for (const AssetKey& key : scheduled.assets()) {
    store::AssetFilter by;
    if (!key.name.empty()) by.name = key.name;
    if (!key.uri.empty()) by.uri = key.uri;
    const auto found = reader.assets(by);
    if (!found) return std::unexpected(found.error());
    for (const AssetRecord& asset : *found) filter.assets.push_back(asset.no);
  }
  if (!scheduled.aliases().empty()) {
    const auto aliases = reader.asset_aliases();
    if (!aliases) return std::unexpected(aliases.error());
    for (const AssetAliasRecord& alias : *aliases) {
      if (std::ranges::find(scheduled.aliases(), alias.name) != scheduled.aliases().end()) filter.aliases.push_back(alias.no);
    }
  }
  if (filter.assets.empty() && filter.aliases.empty()) return {};
  return reader.asset_events(filter);
}

RunsOfEvents::RunsOfEvents(store::Reader& reader, const std::vector<std::shared_ptr<const Dag>>& dags, FindVersion find_version)
    : reader_(reader), find_version_(std::move(find_version)) {
  for (const auto& dag : dags) {
    if (!ScheduledAssets(*dag).empty()) dag_ids_.push_back(dag->dag_id);
  }
}

Result<std::vector<DagRun>> RunsOfEvents::of(const AssetKey& asset, const AssetEvent& event) const {
  auto partitioned = reader_.partitioned_runs_of_event(event.no);
  if (!partitioned) return partitioned;
  std::vector<DagRun> runs = *std::move(partitioned);
  for (const std::string& dag_id : dag_ids_) {
    auto run = reader_.run_of_asset_event(dag_id, event.no);
    if (!run) return std::unexpected(run.error());
    if (!*run) continue;
    const auto version = find_version_((**run).dag_version_id);
    if (version != nullptr && ScheduledAssets(*version).has(asset, event)) runs.push_back(std::move(**run));
  }
  return runs;
}

}  // namespace venturi::server
