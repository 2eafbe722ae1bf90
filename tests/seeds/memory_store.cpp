#include "seeds/memory_store.h"

#include <algorithm>
#include <ranges>

namespace venturi::seeds {

namespace {

constexpr std::int64_t below_all = 0;

// next_... of a table whose rows are numbered from 1.
template <class Rows>
std::int64_t next_number(const Rows& rows) {
  return (rows.empty() ? below_all : rows.rbegin()->first) + 1;
}

}  // namespace

Result<void> MemoryStore::commit(const store::Batch& batch) {
  std::map<std::pair<std::string, std::string>, RunNo> ids;
  for (const DagRun& run : batch.runs) {
    const std::pair id(run.dag_id, run.run_id);
    const auto found = runs_by_id_.find(id);
    const bool is_taken = found != runs_by_id_.end() && found->second != run.no;
    if (is_taken || ids.try_emplace(id, run.no).first->second != run.no)
      return fail(ErrorKind::internal, "two runs with the id " + run.run_id, "dag " + run.dag_id);
  }
  for (const auto& dag : batch.dags) {
    versions_[dag->version_id] = dag;
    current_[dag->dag_id] = dag;
  }
  for (const std::string& dag_id : batch.gone_dags) current_.erase(dag_id);
  for (const DagState& row : batch.dag_states) dag_states_[row.dag_id] = row;
  for (const DagRun& row : batch.runs) {
    runs_[row.no] = row;
    runs_by_id_[{row.dag_id, row.run_id}] = row.no;
    next_run_ = std::max(next_run_, row.no + 1);
    if (row.first_task_instance >= next_task_instance_) next_task_instance_ = row.first_task_instance + task_instance_numbers;
  }
  for (const TaskInstance& row : batch.task_instances) {
    task_instances_[row.no] = row;
    if (row.token.sequence != 0) by_token_[row.token] = row.no;
    next_task_instance_ = std::max(next_task_instance_, row.no + 1);
  }
  for (const OutboxEntry& row : batch.outbox) {
    outbox_[row.no] = row;
    next_outbox_ = std::max(next_outbox_, row.no + 1);
  }
  for (const std::int64_t no : batch.outbox_done) outbox_.erase(no);
  for (const PoolRecord& row : batch.pools) pools_[row.pool] = row;
  for (const std::string& name : batch.deleted_pools) pools_.erase(name);
  for (const AssetRecord& row : batch.assets) assets_[row.no] = row;
  for (const AssetAliasRecord& row : batch.asset_aliases) asset_aliases_[row.no] = row;
  for (const AliasedAsset& row : batch.aliased_assets) aliased_assets_.insert({row.alias, row.asset});
  for (const PartitionedRun& row : batch.partitioned_runs) partitioned_runs_[row.no] = row;
  for (const PartitionedEvent& row : batch.partitioned_events) partitioned_events_[{row.partitioned_run, row.event}] = row;
  for (const AssetEvent& row : batch.asset_events) asset_events_[row.no] = row;
  for (const QueuedAsset& row : batch.queued_assets) queued_assets_[{row.dag_id, row.asset}] = row;
  for (const QueuedAsset& row : batch.unqueued_assets) queued_assets_.erase({row.dag_id, row.asset});
  for (const Backfill& row : batch.backfills) backfills_[row.id] = row;
  for (const BackfillDagRun& row : batch.backfill_dag_runs) backfill_dag_runs_[{row.backfill_id, row.sort_ordinal}] = row;
  for (const store::XComWrite& x : batch.xcoms) xcoms_[{x.run, x.key.task_id, x.key.map_index, x.key.key}] = x.length;
  for (const store::XComKey& key : batch.deleted_xcoms) {
    if (const DagRun* run = find_run(key.dag_id, key.run_id)) xcoms_.erase({run->no, key.task_id, key.map_index, key.key});
  }
  if (batch.next_sequence) next_sequence_ = std::max(next_sequence_, *batch.next_sequence);
  if (batch.worker_id) worker_id_ = *batch.worker_id;
  return {};
}

store::ActiveState MemoryStore::active() const {
  store::ActiveState s;
  s.epoch = epoch_;
  s.worker_id = worker_id_;
  std::map<std::string, std::shared_ptr<const Dag>> older;
  for (const auto& [no, run] : runs_) {
    if (is_finished(run.state)) continue;
    s.runs.push_back(run);
    older.emplace(run.dag_version_id, versions_.at(run.dag_version_id));
    std::ranges::move(instances_of(run), std::back_inserter(s.task_instances));
  }
  for (const auto& [dag_id, dag] : current_) {
    s.dags.push_back(dag);
    older.erase(dag->version_id);
  }
  std::ranges::copy(older | std::views::values, std::back_inserter(s.older_versions));
  std::ranges::copy(dag_states_ | std::views::values, std::back_inserter(s.dag_states));
  for (const auto& [address, length] : xcoms_) {
    const auto& [run, task_id, map_index, key] = address;
    if (length && !is_finished(runs_.at(run).state)) s.xcom_lengths.push_back({run, task_id, map_index, key, *length});
  }
  std::ranges::copy(outbox_ | std::views::values, std::back_inserter(s.outbox));
  std::ranges::copy(pools_ | std::views::values, std::back_inserter(s.pools));
  std::ranges::copy(assets_ | std::views::values, std::back_inserter(s.assets));
  std::ranges::copy(queued_assets_ | std::views::values, std::back_inserter(s.queued_assets));
  for (const auto& [id, row] : backfills_) {
    const bool has_runs = std::ranges::any_of(s.runs, [id](const DagRun& run) { return run.backfill_id == id; });
    if (!row.completed_at || has_runs) s.backfills.push_back(row);
  }
  s.next_backfill = next_number(backfills_);
  s.next_asset = next_number(assets_);
  s.next_asset_event = next_number(asset_events_);
  std::ranges::copy(asset_aliases_ | std::views::values, std::back_inserter(s.asset_aliases));
  for (const auto& [alias, asset] : aliased_assets_) s.aliased_assets.push_back({alias, asset});
  s.next_asset_alias = next_number(asset_aliases_);
  for (const auto& [no, row] : partitioned_runs_) {
    if (row.run == 0) s.partitioned_runs.push_back(row);
  }
  for (const auto& [numbers, row] : partitioned_events_) {
    if (partitioned_runs_.at(row.partitioned_run).run == 0) s.partitioned_events.push_back(row);
  }
  s.next_partitioned_run = next_number(partitioned_runs_);
  s.next_run = next_run_;
  s.next_task_instance = next_task_instance_;
  s.next_outbox = next_outbox_;
  s.next_sequence = next_sequence_;
  return s;
}

const TaskInstance* MemoryStore::find(LaunchToken token) const {
  const auto found = by_token_.find(token);
  return found == by_token_.end() ? nullptr : &task_instances_.at(found->second);
}

const DagRun* MemoryStore::find_run(std::string_view dag_id, std::string_view run_id) const {
  const auto found = runs_by_id_.find(std::pair(std::string(dag_id), std::string(run_id)));
  return found == runs_by_id_.end() ? nullptr : &runs_.at(found->second);
}

std::vector<TaskInstance> MemoryStore::instances_of(const DagRun& run) const {
  std::vector<TaskInstance> list;
  const auto end = task_instances_.lower_bound(run.first_task_instance + run.created_task_instances);
  for (auto i = task_instances_.lower_bound(run.first_task_instance); i != end; ++i) list.push_back(i->second);
  return list;
}

}  // namespace venturi::seeds
