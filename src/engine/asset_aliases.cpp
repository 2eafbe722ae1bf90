// Asset aliases: a task that has one among its outlets says while it runs which assets it made. Each of these is one of the
// alias' from then on, and is made where nobody has named it before; its event names the aliases that it came through
// (Airflow's TaskInstance.register_asset_changes_in_db).
#include <algorithm>
#include <utility>

#include "engine/engine_state.h"

namespace venturi::engine {

AssetAliasMachine& Engine::State::alias_of(const std::string& name, const std::string& group) {
  const auto [found, is_new] = asset_aliases.try_emplace(name);
  if (is_new) {
    found->second.row = {next_asset_alias++, name, group};
    changes.asset_aliases.push_back(found->second.row);
  }
  return found->second;
}

// What was told of an asset through several aliases, and is the same, is one event.
void Engine::State::produce_by_aliases(const Run& run, SlotIndex slot, const std::vector<OutletEvent>& told, Time now) {
  const Task& task = run.declared(slot);
  struct Made {
    const OutletEvent* of;
    Array aliases;
  };
  std::vector<Made> all;
  std::map<AssetKey, std::vector<std::size_t>> of_asset;  // places in `all`
  for (const OutletEvent& of : told) {
    if (of.source_alias.empty()) continue;
    const auto alias = std::ranges::find(task.outlet_aliases, of.source_alias, &OutletAlias::name);
    if (alias == task.outlet_aliases.end()) continue;  // as in Airflow: outlets alone have events
    std::vector<std::size_t>& places = of_asset[of.key];
    const auto place = std::ranges::find_if(
        places, [&](std::size_t i) { return all[i].of->extra == of.extra && all[i].of->asset_extra == of.asset_extra; });
    Made& made = place == places.end() ? all.emplace_back(&of, Array{}) : all[*place];
    if (place == places.end()) places.push_back(all.size() - 1);
    if (std::ranges::find(made.aliases, Value(of.source_alias)) == made.aliases.end())
      made.aliases.emplace_back(of.source_alias);
  }
  for (Made& made : all) {
    AssetMachine& asset = asset_of(made.of->key, "asset", made.of->asset_extra, now);
    for (const Value& name : made.aliases) {
      const auto declared = std::ranges::find(task.outlet_aliases, name.as_string(), &OutletAlias::name);
      AssetAliasMachine& alias = alias_of(declared->name, declared->group);
      if (alias.assets.insert(asset.row.no).second) changes.aliased_assets.push_back({alias.row.no, asset.row.no});
    }
    AssetEvent event = event_of(run, slot, now);
    if (made.of->extra.is_object()) event.extra = made.of->extra;
    event.source_aliases = std::move(made.aliases);
    add_asset_event(asset, std::move(event), run.row.partition_date);
  }
}

void Engine::State::load_aliases(Snapshot& snapshot) {
  next_asset_alias = snapshot.next_asset_alias;
  std::map<std::int64_t, AssetAliasMachine*> by_number;
  for (AssetAliasRecord& row : snapshot.asset_aliases) {
    AssetAliasMachine& alias = asset_aliases[row.name];
    alias.row = std::move(row);
    by_number.emplace(alias.row.no, &alias);
  }
  for (const AliasedAsset& aliased : snapshot.aliased_assets) by_number.at(aliased.alias)->assets.insert(aliased.asset);
}

}  // namespace venturi::engine
