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
  for (const OutletEvent& of : told) {
    if (of.source_alias.empty()) continue;
    const auto alias = std::ranges::find(task.outlet_aliases, of.source_alias, &OutletAlias::name);
    if (alias == task.outlet_aliases.end()) continue;  // as in Airflow: outlets alone have events
    auto made = std::ranges::find_if(all, [&](const Made& m) {
      return m.of->key == of.key && m.of->extra == of.extra && m.of->asset_extra == of.asset_extra;
    });
    if (made == all.end()) made = all.insert(all.end(), {&of, {}});
    if (std::ranges::find(made->aliases, Value(of.source_alias)) == made->aliases.end())
      made->aliases.emplace_back(of.source_alias);
  }
  for (Made& made : all) {
    AssetMachine& asset = asset_of(made.of->key, "asset", made.of->asset_extra, now);
    for (const Value& name : made.aliases) {
      const auto declared = std::ranges::find(task.outlet_aliases, name.as_string(), &OutletAlias::name);
      AssetAliasMachine& alias = alias_of(declared->name, declared->group);
      if (alias.assets.insert(asset.row.no).second) changes.aliased_assets.push_back({alias.row.no, asset.row.no});
    }
    AssetEvent event;
    event.source_dag_id = run.row.dag_id;
    event.source_task_id = task.task_id;
    event.source_run_id = run.row.run_id;
    event.source_map_index = run.slots[slot].map_index;
    event.at = now;
    event.extra = made.of->extra.is_object() ? made.of->extra : Value(Object{});
    event.partition_key = run.row.partition_key;
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
