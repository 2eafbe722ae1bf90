#include <fmt/format.h>

#include <algorithm>

#include "seeds/memory_store.h"
#include "seeds/story.h"

namespace venturi::seeds {

namespace {

std::string name_of(const std::shared_ptr<const Dag>& dag) {
  return "version " + dag->version_id;
}
std::string name_of(const DagState& row) {
  return "dag " + row.dag_id;
}
std::string name_of(const DagRun& row) {
  return fmt::format("run {} ({}, {})", row.no, row.run_id, to_string(row.state));
}
std::string name_of(const TaskInstance& row) {
  return fmt::format("task instance {} ({}, {})", row.no, words(row), to_string(row.state));
}
std::string name_of(const XComLength& row) {
  return fmt::format("length of {} of {}[{}] of run {}: {}", row.key, row.task_id, row.map_index, row.run, row.length);
}
std::string name_of(const OutboxEntry& row) {
  return fmt::format("callback {} ({})", row.no, row.key);
}
std::string name_of(const PoolRecord& row) {
  return fmt::format("pool {} of {}", row.pool, row.slots);
}
std::string name_of(const AssetRecord& row) {
  return fmt::format("asset {} ({})", row.no, row.key.name);
}
std::string name_of(const AssetAliasRecord& row) {
  return fmt::format("asset alias {} ({})", row.no, row.name);
}
std::string name_of(const AliasedAsset& row) {
  return fmt::format("asset {} of alias {}", row.asset, row.alias);
}
std::string name_of(const PartitionedRun& row) {
  return fmt::format("partition {} ({} of {})", row.no, row.partition_key, row.dag_id);
}
std::string name_of(const PartitionedEvent& row) {
  return fmt::format("event {} of partition {}", row.event, row.partitioned_run);
}
std::string name_of(const QueuedAsset& row) {
  return fmt::format("asset {} queued for {}", row.asset, row.dag_id);
}
std::string name_of(const Backfill& row) {
  return fmt::format("backfill {}", row.id);
}
std::string name_of(std::int64_t number) {
  return std::to_string(number);
}
std::string name_of(std::uint64_t number) {
  return std::to_string(number);
}

template <class Row>
bool same(const Row& a, const Row& b) {
  return a == b;
}
bool same(const std::shared_ptr<const Dag>& a, const std::shared_ptr<const Dag>& b) {
  return a->version_id == b->version_id;
}

template <class Rows>
std::string difference_of(const char* what, const Rows& a, const Rows& b) {
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    if (i < a.size() && i < b.size() && same(a[i], b[i])) continue;
    return fmt::format("{}: {} against {}", what, i < a.size() ? name_of(a[i]) : "nothing",
                       i < b.size() ? name_of(b[i]) : "nothing");
  }
  return {};
}

// Of a run that follows other tasks than it began with some are stored of instances that are not there any more.
std::vector<XComLength> lengths_of(const engine::Snapshot& snapshot) {
  std::vector<XComLength> lengths = snapshot.xcom_lengths;
  for (const DagRun& run : snapshot.runs) {
    if (run.is_renumbered) std::erase_if(lengths, [&](const XComLength& length) { return length.run == run.no; });
  }
  return lengths;
}

template <class Number>
std::string difference_of_numbers(const char* what, Number a, Number b) {
  return a == b ? std::string() : fmt::format("{}: {} against {}", what, name_of(a), name_of(b));
}

}  // namespace

std::string difference(const engine::Snapshot& a, const engine::Snapshot& b) {
  std::string found;
  const auto rows = [&](const char* what, const auto& of_a, const auto& of_b) {
    if (found.empty()) found = difference_of(what, of_a, of_b);
  };
  const auto numbers = [&](const char* what, auto of_a, auto of_b) {
    if (found.empty()) found = difference_of_numbers(what, of_a, of_b);
  };
  rows("dags", a.dags, b.dags);
  rows("older versions", a.older_versions, b.older_versions);
  rows("states of dags", a.dag_states, b.dag_states);
  rows("runs", a.runs, b.runs);
  rows("task instances", a.task_instances, b.task_instances);
  rows("lengths of XComs", lengths_of(a), lengths_of(b));
  rows("outbox", a.outbox, b.outbox);
  rows("pools", a.pools, b.pools);
  rows("assets", a.assets, b.assets);
  rows("asset aliases", a.asset_aliases, b.asset_aliases);
  rows("aliased assets", a.aliased_assets, b.aliased_assets);
  rows("partitions", a.partitioned_runs, b.partitioned_runs);
  rows("events of partitions", a.partitioned_events, b.partitioned_events);
  rows("queued assets", a.queued_assets, b.queued_assets);
  rows("backfills", a.backfills, b.backfills);
  numbers("next backfill", a.next_backfill, b.next_backfill);
  numbers("next run", a.next_run, b.next_run);
  numbers("next task instance", a.next_task_instance, b.next_task_instance);
  numbers("next callback", a.next_outbox, b.next_outbox);
  numbers("next asset", a.next_asset, b.next_asset);
  // Not the next partition: the number of one that was dropped with its row, the last one, is free again after a start.
  numbers("next asset alias", a.next_asset_alias, b.next_asset_alias);
  numbers("next asset event", a.next_asset_event, b.next_asset_event);
  numbers("next launch token", a.next_sequence, b.next_sequence);
  return found;
}

}  // namespace venturi::seeds
