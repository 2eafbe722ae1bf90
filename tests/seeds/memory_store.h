// The metadata database in memory: what the SQLite store keeps and answers, as far as scheduling asks for it.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "store/store.h"

namespace venturi::seeds {

class MemoryStore final : public store::Store {
 public:
  explicit MemoryStore(std::uint64_t epoch) : epoch_(epoch) {}

  [[nodiscard]] Result<void> commit(const store::Batch& batch) override;
  [[nodiscard]] Result<store::ActiveState> load_active() override { return active(); }
  // Sees what is committed later too.
  [[nodiscard]] Result<std::unique_ptr<store::Reader>> open_reader() override;

  [[nodiscard]] store::ActiveState active() const;
  [[nodiscard]] const std::map<RunNo, DagRun>& runs() const { return runs_; }
  [[nodiscard]] const std::map<TaskInstanceNo, TaskInstance>& task_instances() const { return task_instances_; }
  [[nodiscard]] const std::map<std::string, std::shared_ptr<const Dag>>& versions() const { return versions_; }
  [[nodiscard]] const std::map<std::int64_t, AssetRecord>& assets() const { return assets_; }
  [[nodiscard]] const std::map<std::int64_t, AssetEvent>& asset_events() const { return asset_events_; }
  [[nodiscard]] const std::map<std::int64_t, PartitionedRun>& partitioned_runs() const { return partitioned_runs_; }
  [[nodiscard]] const std::map<std::int64_t, Backfill>& backfills() const { return backfills_; }
  [[nodiscard]] const TaskInstance* find(LaunchToken token) const;

 private:
  friend class MemoryReader;
  using XComAddress = std::tuple<RunNo, std::string, std::int32_t, std::string>;

  [[nodiscard]] const DagRun* find_run(std::string_view dag_id, std::string_view run_id) const;
  [[nodiscard]] std::vector<TaskInstance> instances_of(const DagRun& run) const;

  std::uint64_t epoch_;
  std::string worker_id_;
  std::map<std::string, std::shared_ptr<const Dag>> versions_, current_;
  std::map<std::string, DagState> dag_states_;
  std::map<RunNo, DagRun> runs_;
  std::map<std::pair<std::string, std::string>, RunNo, std::less<>> runs_by_id_;
  std::map<TaskInstanceNo, TaskInstance> task_instances_;
  std::map<LaunchToken, TaskInstanceNo> by_token_;
  std::map<std::int64_t, OutboxEntry> outbox_;
  std::map<std::string, PoolRecord> pools_;
  std::map<std::int64_t, AssetRecord> assets_;
  std::map<std::int64_t, PartitionedRun> partitioned_runs_;
  std::map<std::pair<std::int64_t, std::int64_t>, PartitionedEvent> partitioned_events_;
  std::map<std::int64_t, AssetAliasRecord> asset_aliases_;
  std::set<std::pair<std::int64_t, std::int64_t>> aliased_assets_;
  std::map<std::int64_t, AssetEvent> asset_events_;
  std::map<std::pair<std::string, std::int64_t>, QueuedAsset> queued_assets_;
  std::map<std::int64_t, Backfill> backfills_;
  std::map<std::pair<std::int64_t, std::int32_t>, BackfillDagRun> backfill_dag_runs_;
  std::map<XComAddress, std::optional<std::int32_t>> xcoms_;
  RunNo next_run_ = 1;
  TaskInstanceNo next_task_instance_ = 1;
  std::int64_t next_outbox_ = 1;
  std::uint64_t next_sequence_ = 1;
};

// What differs between two states that an engine can be rebuilt from, in words; empty: nothing. Versions of DAGs are compared
// by their ids.
[[nodiscard]] std::string difference(const engine::Snapshot& a, const engine::Snapshot& b);

}  // namespace venturi::seeds
