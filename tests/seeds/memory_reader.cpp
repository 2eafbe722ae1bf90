// The questions that the server's own code puts to a store about runs (look_back, find_dates, change_run, trigger_run).
#include <algorithm>
#include <functional>
#include <ranges>

#include "seeds/memory_store.h"

namespace venturi::seeds {

namespace {

std::unexpected<Error> not_kept() {
  return fail(ErrorKind::internal, "the store in memory does not keep this");
}

}  // namespace

class MemoryReader final : public store::Reader {
 public:
  explicit MemoryReader(const MemoryStore& store) : store_(store) {}

  Result<std::shared_ptr<const Dag>> dag_version(std::string_view version_id) override {
    const auto found = store_.versions_.find(std::string(version_id));
    return found == store_.versions_.end() ? nullptr : found->second;
  }
  // Newest first, by number or logical date.
  Result<std::vector<DagRun>> runs(const store::RunFilter& filter) override {
    std::vector<DagRun> list;
    for (const auto& [no, run] : std::views::reverse(store_.runs_)) {
      if (filter.dag_id && run.dag_id != *filter.dag_id) continue;
      if (filter.logical_date_from && (!run.logical_date || *run.logical_date < *filter.logical_date_from)) continue;
      if (filter.logical_date_to && (!run.logical_date || *run.logical_date > *filter.logical_date_to)) continue;
      list.push_back(run);
    }
    if (filter.order == store::RunFilter::Order::logical_date)
      std::ranges::sort(list, std::greater<>(), [](const DagRun& run) { return std::pair(run.logical_date, run.no); });
    list.erase(list.begin(), list.begin() + std::min<std::ptrdiff_t>(filter.offset, std::ssize(list)));
    if (filter.limit >= 0) list.resize(std::min(list.size(), static_cast<std::size_t>(filter.limit)));
    return list;
  }
  Result<std::optional<DagRun>> run(std::string_view dag_id, std::string_view run_id) override {
    const DagRun* found = store_.find_run(dag_id, run_id);
    return found == nullptr ? std::nullopt : std::optional(*found);
  }
  Result<std::optional<DagRun>> run_before(std::string_view dag_id, Time logical_date, bool without_manual) override {
    std::optional<DagRun> previous;
    for (const auto& [no, run] : store_.runs_) {
      if (run.dag_id != dag_id || !run.logical_date || *run.logical_date >= logical_date) continue;
      if (without_manual && run.run_type == RunType::manual) continue;
      if (!previous || *previous->logical_date < *run.logical_date) previous = run;
    }
    return previous;
  }
  Result<std::vector<RunOutcome>> last_outcomes(std::string_view dag_id, std::int32_t most) override {
    std::vector<RunOutcome> all;
    for (const auto& [no, run] : store_.runs_) {
      if (run.dag_id == dag_id) all.push_back({no, run.state, run.logical_date.value_or(run.run_after)});
    }
    std::ranges::sort(all, std::greater<>(), [](const RunOutcome& outcome) { return std::pair(outcome.date, outcome.no); });
    all.resize(std::min(all.size(), static_cast<std::size_t>(most)));
    return all;
  }
  Result<bool> had_task_before(std::string_view dag_id, Time logical_date, std::string_view task_id) override {
    return std::ranges::any_of(store_.runs_, [&](const auto& entry) {
      const DagRun& run = entry.second;
      return run.dag_id == dag_id && run.logical_date && *run.logical_date < logical_date &&
             std::ranges::any_of(store_.instances_of(run), [&](const TaskInstance& ti) { return ti.task_id == task_id; });
    });
  }
  Result<std::vector<TaskInstance>> task_instances(RunNo run) override {
    const auto found = store_.runs_.find(run);
    return found == store_.runs_.end() ? std::vector<TaskInstance>() : store_.instances_of(found->second);
  }
  Result<std::vector<TaskInstance>> task_instances(RunNo run, TaskInstanceNo from, std::int64_t limit) override {
    auto list = *task_instances(run);
    std::erase_if(list, [from](const TaskInstance& ti) { return ti.no < from; });
    if (limit >= 0) list.resize(std::min(list.size(), static_cast<std::size_t>(limit)));
    return list;
  }
  Result<std::vector<XComLength>> xcom_lengths(RunNo run) override {
    std::vector<XComLength> list;
    for (const auto& [address, length] : store_.xcoms_) {
      const auto& [of, task_id, map_index, key] = address;
      if (of == run && length) list.push_back({of, task_id, map_index, key, *length});
    }
    return list;
  }
  Result<std::vector<store::XComKey>> xcom_keys(RunNo run) override {
    std::vector<store::XComKey> list;
    for (const auto& [address, length] : store_.xcoms_) {
      const auto& [of, task_id, map_index, key] = address;
      if (of == run) list.push_back({{}, {}, task_id, map_index, key});
    }
    return list;
  }
  Result<std::vector<store::XComKey>> xcom_keys(RunNo run, std::string_view task_id, std::int32_t map_index) override {
    auto list = xcom_keys(run);
    std::erase_if(*list, [&](const store::XComKey& key) { return key.task_id != task_id || key.map_index != map_index; });
    return list;
  }
  Result<std::optional<Backfill>> backfill(std::int64_t id) override {
    const auto found = store_.backfills_.find(id);
    return found == store_.backfills_.end() ? std::nullopt : std::optional(found->second);
  }

  Result<std::vector<std::shared_ptr<const Dag>>> dags() override { return not_kept(); }
  Result<std::vector<std::shared_ptr<const Dag>>> stale_dags() override { return not_kept(); }
  Result<std::vector<std::string>> favorites(std::string_view) override { return not_kept(); }
  Result<std::pair<std::vector<store::EventLog>, std::int64_t>> event_logs(const store::EventLogFilter&) override {
    return not_kept();
  }
  Result<std::int64_t> last_event_log() override { return not_kept(); }
  Result<std::vector<store::RevokedToken>> revoked_tokens() override { return not_kept(); }
  Result<std::pair<std::vector<store::StoredState>, std::int64_t>> task_states(const store::TaskStateKey&, std::int64_t,
                                                                               std::int64_t) override {
    return not_kept();
  }
  Result<std::optional<store::StoredState>> task_state(const store::TaskStateKey&, std::string_view) override {
    return not_kept();
  }
  Result<std::pair<std::vector<store::StoredState>, std::int64_t>> asset_states(std::int64_t, std::int64_t,
                                                                                std::int64_t) override {
    return not_kept();
  }
  Result<std::optional<store::StoredState>> asset_state(std::int64_t, std::string_view) override { return not_kept(); }
  Result<std::vector<store::RunCount>> run_counts() override { return not_kept(); }
  Result<std::shared_ptr<const Dag>> dag(std::string_view) override { return not_kept(); }
  Result<std::vector<store::DagVersionRow>> dag_versions(std::string_view) override { return not_kept(); }
  Result<std::vector<DagState>> dag_states() override { return not_kept(); }
  Result<std::vector<std::pair<std::string, std::string>>> current_versions() override { return not_kept(); }
  Result<std::vector<TaskInstance>> task_instances_of(RunNo, std::string_view, std::int64_t, std::int64_t) override {
    return not_kept();
  }
  Result<std::optional<TaskInstance>> task_instance(RunNo, std::string_view, std::int32_t) override { return not_kept(); }
  Result<std::vector<store::TaskCount>> task_counts(RunNo) override { return not_kept(); }
  Result<std::vector<store::ImportError>> import_errors() override { return not_kept(); }
  Result<bool> has_import_error(std::string_view, std::string_view) override { return not_kept(); }
  Result<std::int64_t> xcom_count(const store::XComKey&) override { return not_kept(); }
  Result<std::int64_t> count_runs(const store::RunFilter&) override { return not_kept(); }
  Result<std::vector<TaskInstance>> ended_tries(RunNo) override { return not_kept(); }
  Result<std::vector<std::pair<Time, Transition>>> history(RunNo) override { return not_kept(); }
  Result<std::optional<std::string>> rendered_fields(TaskInstanceNo) override { return not_kept(); }
  Result<std::vector<store::RenderedMapIndex>> rendered_map_indexes(RunNo) override { return not_kept(); }
  Result<bool> has_many_rows_of(std::string_view) override { return not_kept(); }
  Result<bool> has_rows_to_sweep() override { return not_kept(); }
  Result<std::vector<store::Note>> notes(RunNo) override { return not_kept(); }
  Result<std::optional<std::string>> xcom(const store::XComKey&) override { return not_kept(); }
  Result<std::vector<std::string>> xcom_sequence(const store::XComKey&, std::int64_t, std::int64_t) override {
    return not_kept();
  }
  Result<std::vector<std::string>> xcom_files(RunNo) override { return not_kept(); }
  Result<std::optional<Connection>> connection(std::string_view) override { return not_kept(); }
  Result<std::vector<Connection>> connections() override { return not_kept(); }
  Result<std::optional<store::VariableRow>> variable(std::string_view) override { return not_kept(); }
  Result<std::vector<store::VariableRow>> variables() override { return not_kept(); }
  Result<std::vector<PoolRecord>> pools() override { return not_kept(); }
  Result<std::vector<AssetRecord>> assets(const store::AssetFilter&) override { return not_kept(); }
  Result<std::vector<AssetAliasRecord>> asset_aliases() override { return not_kept(); }
  Result<std::vector<AliasedAsset>> aliased_assets() override { return not_kept(); }
  Result<std::optional<DagRun>> run_of_asset_event(std::string_view, std::int64_t) override { return not_kept(); }
  Result<std::vector<AssetEvent>> asset_events(const store::AssetEventFilter&) override { return not_kept(); }
  Result<std::vector<QueuedAsset>> queued_assets() override { return not_kept(); }
  Result<std::vector<DagRun>> partitioned_runs_of_event(std::int64_t) override { return not_kept(); }
  Result<std::vector<Backfill>> backfills(const std::optional<std::string>&) override { return not_kept(); }
  Result<std::vector<BackfillDagRun>> backfill_dag_runs(std::int64_t) override { return not_kept(); }

 private:
  const MemoryStore& store_;
};

Result<std::unique_ptr<store::Reader>> MemoryStore::open_reader() {
  return std::make_unique<MemoryReader>(*this);
}

}  // namespace venturi::seeds
