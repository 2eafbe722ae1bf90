// Runs for partitions: what DAGs make that are scheduled on partitioned assets (Airflow's AssetManager._queue_partitioned_dags
// and SchedulerJobRunner._create_dagruns_for_partitioned_asset_dags).
//
//   event with a key ─mapper of its asset─▶ keys of runs ─▶ collected for each ─condition holds─▶ a run with that key
//
// A run takes the events that were collected for it, and those alone. What comes for its key later is collected anew.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/engine_state.h"
#include "schedule/asset_condition.h"
#include "schedule/partition_mapper.h"
#include "schedule/timetable.h"

namespace venturi::engine {

using schedule::AssetCondition;

// Events without a key, and those whose key the mapper refuses, are nothing to the DAG, as in Airflow; the latter are told.
void Engine::State::collect(DagMachine& m, const AssetEvent& event, std::optional<Time> partition_date) {
  if (!event.partition_key) return;
  const schedule::PartitionMappers& mappers = *m.timetable->partition_mappers();
  const AssetKey& asset = assets_by_number.at(event.asset)->row.key;
  const schedule::PartitionMapper& mapper = mappers.of(asset.name, asset.uri);
  if (mapper.asks()) return wait_for_mapper(m, event);
  schedule::OwnMapperAnswers none;
  const auto keys = mapper.to_downstream(*event.partition_key, none);
  const PartitionedEvent taken{
      .partitioned_run = 0, .event = event.no, .asset = event.asset, .source_partition_key = *event.partition_key};
  if (!keys) return refuse_partition(m, taken, keys.error().what);
  if (!may_make(m, mapper, taken, keys->size())) return;
  const std::optional<Time> carried = mapper.carries_date() ? partition_date : std::nullopt;
  add_to_partitions(m, event, *keys, std::vector<std::optional<Time>>(keys->size(), carried));
}

bool Engine::State::may_make(const DagMachine& m, const schedule::PartitionMapper& mapper, const PartitionedEvent& event,
                             std::size_t keys) {
  const std::int64_t most = mapper.max_downstream_keys.value_or(config.partition_mapper_max_downstream_keys);
  if (static_cast<std::int64_t>(keys) <= most) return true;
  refuse_partition(m, event, fmt::format("it would make {} runs, and {} is the most", keys, most));
  return false;
}

void Engine::State::refuse_partition(const DagMachine& m, const PartitionedEvent& event, std::string why) {
  effects.emplace_back(PartitionRefused{m.row.dag_id, assets_by_number.at(event.asset)->row.key.name,
                                        event.source_partition_key, std::move(why)});
}

void Engine::State::add_to_partitions(DagMachine& m, const AssetEvent& event, const std::vector<std::string>& keys,
                                      const std::vector<std::optional<Time>>& dates) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string& key = keys[i];
    const std::optional<Time> carried = dates[i];
    PartitionMachine& partition = m.partitions[key];
    const bool is_new = partition.row.no == 0;
    const std::optional<Time> date_before = partition.row.partition_date;
    if (is_new)
      partition.row = {
          next_partitioned_run++, m.row.dag_id, key, carried, m.timetable->partition_mappers()->definition(), event.at};
    else if (!date_before)
      partition.row.partition_date = carried;
    else if (carried && carried != date_before)
      partition.row.partition_date.reset();  // the assets do not agree
    if (is_new || partition.row.partition_date != date_before) changed_partition(partition.row);
    if (partition.events.empty() || partition.events.back().event != event.no) {  // a mapper may give a key twice
      partition.events.push_back({partition.row.no, event.no, event.asset, *event.partition_key});
      partition.keys[event.asset].insert(*event.partition_key);
      changes.partitioned_events.push_back(partition.events.back());
    }
    m.partitions_due.insert(key);
  }
  assets_due.insert(m.number);
}

void Engine::State::changed_partition(const PartitionedRun& row) {
  std::erase_if(changes.partitioned_runs, [&](const PartitionedRun& other) { return other.no == row.no; });
  changes.partitioned_runs.push_back(row);
}

// The DAG is another one, perhaps: what was collected by other mappers counts no more, and the condition may hold now.
void Engine::State::check_partitions(DagMachine& m) {
  const schedule::PartitionMappers* mappers = m.timetable ? m.timetable->partition_mappers() : nullptr;
  m.partitions_due.clear();
  for (auto entry = m.partitions.begin(); entry != m.partitions.end();) {
    PartitionedRun& row = entry->second.row;
    if (mappers != nullptr && row.mappers == mappers->definition()) {
      m.partitions_due.insert(entry->first);
      ++entry;
      continue;
    }
    row.run = -1;
    changed_partition(row);
    entry = m.partitions.erase(entry);
  }
  check_unmapped(m);
}

// An asset counts when it has had an event for the partition; where its keys are rolled up, when all of them have come that its
// mapper waits for.
bool Engine::State::holds(const DagMachine& m, const PartitionMachine& partition) {
  const auto has_come = [&](std::int64_t no) {
    const auto keys = partition.keys.find(no);
    if (keys == partition.keys.end()) return false;
    const AssetKey& asset = assets_by_number.at(no)->row.key;
    return m.timetable->partition_mappers()
        ->of(asset.name, asset.uri)
        .is_satisfied(partition.row.partition_key, keys->second)
        .value_or(false);  // a key that its mapper cannot read back is never complete, as in Airflow
  };
  return m.timetable->asset_condition()->holds([&](const AssetCondition& leaf) {
    if (leaf.kind() == AssetCondition::Kind::alias) {
      const auto alias = asset_aliases.find(leaf.name());
      return alias != asset_aliases.end() && std::ranges::any_of(alias->second.assets, has_come);
    }
    const AssetMachine* asset = asset_of(leaf);
    return asset != nullptr && has_come(asset->row.no);
  });
}

// What the mappers of the assets that have come say of the key; where none says anything, what the events brought.
std::optional<Time> Engine::State::date_of(const DagMachine& m, const PartitionMachine& partition) {
  std::set<Time> dates;
  for (const auto& [no, keys] : partition.keys) {
    const AssetKey& asset = assets_by_number.at(no)->row.key;
    const auto date = m.timetable->partition_mappers()->of(asset.name, asset.uri).partition_date(partition.row.partition_key);
    if (!date) return std::nullopt;
    if (*date) dates.insert(**date);
  }
  if (dates.empty()) return partition.row.partition_date;
  return dates.size() == 1 ? std::optional(*dates.begin()) : std::nullopt;
}

void Engine::State::make_partitioned_runs(DagMachine& m, Time now) {
  if (!m.timetable || m.timetable->partition_mappers() == nullptr) return;
  std::vector<PartitionMachine*> due;
  for (const std::string& key : std::exchange(m.partitions_due, {})) due.push_back(&m.partitions.at(key));
  std::ranges::sort(due, {}, [](const PartitionMachine* p) { return p->row.no; });
  for (PartitionMachine* partition : due) {
    if (!holds(m, *partition)) continue;
    DagRun row;
    row.run_type = RunType::asset_triggered;
    row.run_after = now;
    row.run_id = fmt::format("{}_{}", schedule::make_run_id(RunType::asset_triggered, now), random_letters());
    row.partition_key = partition->row.partition_key;
    row.partition_date = date_of(m, *partition);
    partition->row.run = create_run(m, std::move(row), now).row.no;
    changed_partition(partition->row);
    m.partitions.erase(std::string(partition->row.partition_key));
  }
  start_runs(m, now);
}

// Airflow's has eight random letters where two runs may be of one moment.
std::string Engine::State::random_letters() {
  return fmt::format("{:08x}", static_cast<std::uint32_t>(config.uuid_salt + next_uuid++));
}

void Engine::State::load_partitions(Snapshot& snapshot) {
  next_partitioned_run = snapshot.next_partitioned_run;
  std::map<std::int64_t, PartitionMachine*> by_number;
  std::map<std::int64_t, UnmappedEvent*> unmapped;
  for (PartitionedRun& row : snapshot.partitioned_runs) {
    if (row.partition_key.empty()) {
      UnmappedEvent& waiting = machine_of(row.dag_id).unmapped[row.no];
      waiting.row = std::move(row);
      unmapped.emplace(waiting.row.no, &waiting);
      continue;
    }
    PartitionMachine& partition = machine_of(row.dag_id).partitions[row.partition_key];
    partition.row = std::move(row);
    by_number.emplace(partition.row.no, &partition);
  }
  for (PartitionedEvent& event : snapshot.partitioned_events) {
    if (const auto waiting = unmapped.find(event.partitioned_run); waiting != unmapped.end()) {
      waiting->second->event = std::move(event);
      continue;
    }
    PartitionMachine& partition = *by_number.at(event.partitioned_run);
    partition.keys[event.asset].insert(event.source_partition_key);
    partition.events.push_back(std::move(event));
  }
}

}  // namespace venturi::engine
