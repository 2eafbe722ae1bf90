// Assets: what tasks make, and what other DAGs are scheduled on. A machine of its own: a task's success makes an event, which
// has its place in the one order of all events; each DAG that is scheduled on the asset queues that it has one, and when its
// condition holds it has a run, which takes all events of its assets since those that its run before took (Airflow's
// AssetManager.register_asset_change and SchedulerJobRunner._create_dag_runs_asset_triggered).
//
//   success ─▶ event at position n ─▶ queued for each consumer that is not paused ─condition holds─▶ run of (last position, n]
//
// What came through an alias is also queued for whoever is scheduled on that (asset_aliases.cpp).
// Events that come while a consumer is paused are queued for nobody; the next run that it has takes them too, as in Airflow.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "engine/engine_state.h"
#include "model/partition_key.h"
#include "schedule/asset_condition.h"
#include "schedule/timetable.h"

namespace venturi::engine {

using schedule::AssetCondition;

namespace {

bool means(const AssetCondition& leaf, const AssetKey& asset) {
  if (leaf.kind() == AssetCondition::Kind::asset) return asset.name == leaf.name() && asset.uri == leaf.uri();
  if (leaf.kind() != AssetCondition::Kind::ref) return false;
  return leaf.name().empty() ? asset.uri == leaf.uri() : asset.name == leaf.name();
}

}  // namespace

AssetMachine& Engine::State::asset_of(const AssetKey& key, const std::string& group, const Value& extra, Time now) {
  auto& slot = assets[key];
  if (!slot) {
    slot = std::make_unique<AssetMachine>();
    slot->row = {next_asset++, key, group, extra, now};
    assets_by_number.emplace(slot->row.no, slot.get());
    changes.assets.push_back(slot->row);
    for (const std::int64_t number : referring) {  // they came before it
      DagMachine& m = *machines_by_number.at(number);
      m.timetable->asset_condition()->each_leaf([&](const AssetCondition& leaf) {
        if (means(leaf, key)) consume(m, *slot);
      });
    }
  }
  return *slot;
}

// The asset that a leaf of a condition means; nullptr for a reference to one that nobody has declared.
AssetMachine* Engine::State::asset_of(const AssetCondition& leaf) {
  if (leaf.kind() == AssetCondition::Kind::asset) {
    const auto found = assets.find({leaf.name(), leaf.uri()});
    return found == assets.end() ? nullptr : found->second.get();
  }
  for (auto& [key, asset] : assets) {
    if (means(leaf, key)) return asset.get();
  }
  return nullptr;
}

void Engine::State::consume(DagMachine& m, AssetMachine& asset) {
  asset.consumers.insert(m.number);
  m.consumes.insert(asset.row.no);
}

void Engine::State::disconnect_assets(DagMachine& m) {
  for (const std::int64_t no : std::exchange(m.consumes, {})) assets_by_number.at(no)->consumers.erase(m.number);
  for (const std::string& name : std::exchange(m.consumes_aliases, {})) asset_aliases.at(name).consumers.erase(m.number);
  referring.erase(m.number);
}

// The assets that the DAG names, and whom it consumes from now on.
void Engine::State::connect_assets(DagMachine& m, Time now) {
  disconnect_assets(m);
  if (!m.dag || m.is_gone) return;
  for (const Task& task : m.dag->tasks) {
    for (const auto* list : {&task.outlets, &task.inlets}) {
      for (const Outlet& asset : *list) (void)asset_of(asset.key, asset.group, asset.extra, now);
    }
    for (const auto* list : {&task.outlet_aliases, &task.inlet_aliases}) {
      for (const OutletAlias& alias : *list) (void)alias_of(alias.name, alias.group);
    }
  }
  const AssetCondition* condition = m.timetable ? m.timetable->asset_condition() : nullptr;
  if (condition == nullptr) return;
  condition->each_leaf([&](const AssetCondition& leaf) {
    if (leaf.kind() == AssetCondition::Kind::alias) {
      alias_of(leaf.name(), leaf.group()).consumers.insert(m.number);
      m.consumes_aliases.insert(leaf.name());
      return;
    }
    if (leaf.kind() == AssetCondition::Kind::asset) (void)asset_of({leaf.name(), leaf.uri()}, leaf.group(), leaf.extra(), now);
    if (leaf.kind() == AssetCondition::Kind::ref) referring.insert(m.number);
    if (AssetMachine* asset = asset_of(leaf)) consume(m, *asset);
  });
}

void Engine::State::add_asset_event(AssetMachine& asset, AssetEvent event, std::optional<Time> partition_date) {
  event.no = next_asset_event++;
  event.asset = asset.row.no;
  changes.asset_events.push_back(event);
  std::set<std::int64_t> consumers = asset.consumers;
  if (event.source_aliases.is_array()) {
    for (const Value& name : event.source_aliases.as_array()) {
      const AssetAliasMachine& alias = asset_aliases.at(name.as_string());
      consumers.insert(alias.consumers.begin(), alias.consumers.end());
    }
  }
  for (const std::int64_t number : consumers) queue_for(*machines_by_number.at(number), event, partition_date);
}

void Engine::State::queue_for(DagMachine& m, const AssetEvent& event, std::optional<Time> partition_date) {
  if (m.row.is_paused || m.is_gone) return;
  const bool is_partitioned = m.timetable && m.timetable->partition_mappers() != nullptr;
  if (is_partitioned) return collect(m, event, partition_date);
  if (event.partition_key) return;  // as in Airflow: a partition is nothing to who does not know of any
  if (m.queued_assets.emplace(event.asset, event.at).second) queue_asset({m.row.dag_id, event.asset, event.at}, true);
  assets_due.insert(m.number);
}

// In a batch the last word on each counts.
void Engine::State::queue_asset(QueuedAsset queued, bool is_queued) {
  const auto is_same = [&](const QueuedAsset& other) { return other.dag_id == queued.dag_id && other.asset == queued.asset; };
  std::erase_if(changes.queued_assets, is_same);
  std::erase_if(changes.unqueued_assets, is_same);
  (is_queued ? changes.queued_assets : changes.unqueued_assets).push_back(std::move(queued));
}

// Of no asset yet.
AssetEvent Engine::State::event_of(const Run& run, SlotIndex slot, Time now) {
  AssetEvent event;
  event.source_dag_id = run.row.dag_id;
  event.source_task_id = run.declared(slot).task_id;
  event.source_run_id = run.row.run_id;
  event.source_map_index = run.slots[slot].map_index;
  event.at = now;
  event.extra = Object{};
  event.partition_key = run.row.partition_key;
  return event;
}

// Those that a task declares, for the instance that succeeded; what it said of them goes along. One event each, or one for each
// partition that it named.
void Engine::State::produce(const Run& run, SlotIndex slot, const std::vector<OutletEvent>& told, Time now) {
  const Task& task = run.declared(slot);
  for (const Outlet& outlet : task.outlets) {
    AssetEvent event = event_of(run, slot, now);
    AssetMachine& asset = asset_of(outlet.key, outlet.group, outlet.extra, now);
    bool was_told = false;
    for (const OutletEvent& of : told) {
      if (!of.source_alias.empty() || !(of.key == outlet.key || (of.key.name.empty() && of.key.uri == outlet.key.uri)))
        continue;
      was_told = true;
      AssetEvent one = event;
      one.extra = of.extra;
      if (of.partition_key) one.partition_key = of.partition_key;
      // The run's date is of the run's key.
      const bool is_of_run = one.partition_key == run.row.partition_key;
      add_asset_event(asset, std::move(one), is_of_run ? run.row.partition_date : std::nullopt);
    }
    if (!was_told) add_asset_event(asset, std::move(event), run.row.partition_date);
  }
  produce_by_aliases(run, slot, told, now);
}

void Engine::State::make_asset_events(const MakeAssetEvents& e, Time now) {
  const auto found = assets_by_number.find(e.asset);
  if (found == assets_by_number.end()) {
    return answer(
        e.command,
        Error{ErrorKind::not_found, "there is no asset " + std::to_string(e.asset), "", "GET /api/v2/assets lists them"}, {});
  }
  if (e.partition_key) {
    if (auto trouble = partition_key_trouble(*e.partition_key)) return answer(e.command, std::move(trouble), {});
  }
  for (const Value& extra : e.extras) {
    AssetEvent event;
    event.at = now;
    event.extra = extra;
    event.partition_key = e.partition_key;
    add_asset_event(*found->second, std::move(event));
  }
  answer(e.command, {}, {});
}

void Engine::State::clear_asset_queue(const ClearAssetQueue& e) {
  DagMachine* m = find_machine(e.dag_id);
  if (m != nullptr) {
    std::erase_if(m->queued_assets, [&](const auto& queued) {
      if (e.asset && queued.first != *e.asset) return false;
      queue_asset({e.dag_id, queued.first, {}}, false);
      return true;
    });
  }
  answer(e.command, {}, {});
}

// An alias is as good as any of the assets that came through it; one that has none holds never.
bool Engine::State::holds(const DagMachine& m, const AssetCondition& condition) {
  return condition.holds([&](const AssetCondition& leaf) {
    if (leaf.kind() == AssetCondition::Kind::alias) {
      const auto alias = asset_aliases.find(leaf.name());
      return alias != asset_aliases.end() &&
             std::ranges::any_of(alias->second.assets, [&](std::int64_t asset) { return m.queued_assets.contains(asset); });
    }
    const AssetMachine* asset = asset_of(leaf);
    return asset != nullptr && m.queued_assets.contains(asset->row.no);
  });
}

// After all events of a step: one run where several of them make the condition hold.
void Engine::State::make_asset_runs(Time now) {
  while (!assets_due.empty()) {
    DagMachine& m = *machines_by_number.at(*assets_due.begin());
    assets_due.erase(assets_due.begin());
    const AssetCondition* condition = m.timetable ? m.timetable->asset_condition() : nullptr;
    if (condition == nullptr || m.is_gone) continue;
    make_partitioned_runs(m, now);
    if (!m.may_start_runs() || m.queued_assets.empty()) continue;
    if (m.timetable->partition_mappers() != nullptr) continue;  // what was queued before waits for a schedule that takes it
    if (!holds(m, *condition)) continue;
    DagRun row;
    row.run_type = RunType::asset_triggered;
    row.run_after = now;
    row.run_id = fmt::format("{}_{}", schedule::make_run_id(RunType::asset_triggered, now), random_letters());
    row.assets_after = m.row.last_asset_event;
    row.assets_up_to = m.row.last_asset_event = next_asset_event - 1;
    for (const auto& [asset, at] : m.queued_assets) queue_asset({m.row.dag_id, asset, {}}, false);
    m.queued_assets.clear();
    mark(m);
    create_run(m, std::move(row), now);
    start_runs(m, now);
  }
}

void Engine::State::load_assets(Snapshot& snapshot) {
  next_asset = snapshot.next_asset;
  next_asset_event = snapshot.next_asset_event;
  for (AssetRecord& row : snapshot.assets) {
    auto asset = std::make_unique<AssetMachine>();
    asset->row = std::move(row);
    assets_by_number.emplace(asset->row.no, asset.get());
    assets.emplace(asset->row.key, std::move(asset));
  }
  load_aliases(snapshot);
  load_partitions(snapshot);
  for (const QueuedAsset& queued : snapshot.queued_assets)
    machine_of(queued.dag_id).queued_assets.emplace(queued.asset, queued.at);
}

}  // namespace venturi::engine
