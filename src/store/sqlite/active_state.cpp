#include "store/sqlite/active_state.h"

#include <algorithm>
#include <iterator>

#include "store/sqlite/batch_writer.h"
#include "store/sqlite/dag_rows.h"
#include "store/sqlite/rows.h"

namespace venturi::store {

namespace {

constexpr std::string_view active = "state IN ('queued', 'running')";

// Adds the DAGs of a statement to `dags`, those that are unreadable to the rest of what it fills.
Result<void> add_dags(const Database& db, const std::string& sql, Time now, std::vector<std::shared_ptr<const Dag>>& dags,
                      ActiveState& state) {
  Statement statement(db, sql);
  auto rows = read_dags(db, statement.bind(), now);
  if (!rows) return std::unexpected(rows.error());
  dags = std::move(rows->dags);
  std::ranges::move(rows->unreadable, std::back_inserter(state.import_errors));
  return {};
}

template <class R>
Result<void> add_rows(const Database& db, std::string_view rest, std::vector<R>& target) {
  Statement statement(db, select_sql<R>(rest));
  auto rows = read_rows<R>(db, statement.bind());
  if (!rows) return std::unexpected(rows.error());
  target = std::move(*rows);
  return {};
}

// Runs whose DAG this program cannot read wait in the database, with an import error that says so.
void leave_out_unreadable(ActiveState& state) {
  std::vector<std::string_view> readable;
  for (const auto* dags : {&state.dags, &state.older_versions}) {
    for (const auto& dag : *dags) readable.push_back(dag->version_id);
  }
  std::ranges::sort(readable);
  std::erase_if(state.runs,
                [&](const DagRun& run) { return !std::ranges::binary_search(readable, std::string_view(run.dag_version_id)); });
}

Result<void> add_task_instances(const Database& db, ActiveState& state) {
  Statement statement(db, select_sql<TaskInstance>("WHERE no >= ?1 AND no < ?2 ORDER BY no"));
  for (const DagRun& run : state.runs) {
    auto rows = read_rows<TaskInstance>(
        db, statement.bind(run.first_task_instance, run.first_task_instance + run.created_task_instances));
    if (!rows) return std::unexpected(rows.error());
    std::ranges::move(*rows, std::back_inserter(state.task_instances));
  }
  return {};
}

// Only runs of DAGs with mapped tasks have some; a run's XComs would be read for nothing.
Result<void> add_xcom_lengths(const Database& db, ActiveState& state) {
  std::vector<std::string_view> mapped;
  for (const auto* dags : {&state.dags, &state.older_versions}) {
    for (const auto& dag : *dags) {
      if (std::ranges::any_of(dag->tasks, &Task::is_mapped)) mapped.push_back(dag->version_id);
    }
  }
  Statement statement(db, std::string(xcom_lengths_sql));
  for (const DagRun& run : state.runs) {
    if (std::ranges::find(mapped, std::string_view(run.dag_version_id)) == mapped.end()) continue;
    if (auto done = read_xcom_lengths(db, statement.bind(run.no), state.xcom_lengths); !done) return done;
  }
  return {};
}

Result<ActiveState> load(Database& db, Time now) {
  ActiveState state;
  const auto counters = read_counters(db);
  if (!counters) return std::unexpected(counters.error());
  state.epoch = counters->epoch;
  state.next_run = counters->next_run;
  state.next_task_instance = counters->next_task_instance;
  state.next_outbox = counters->next_outbox;
  state.next_sequence = counters->next_sequence;
  auto worker_id = db.text("SELECT worker_id FROM home");
  if (!worker_id) return std::unexpected(std::move(worker_id.error()));
  state.worker_id = std::move(*worker_id);

  const std::string older_sql =
      select_dags_sql("WHERE v.version_id IN (SELECT dag_version_id FROM dag_run WHERE " + std::string(active) +
                      ") AND v.version_id NOT IN (SELECT version_id FROM dag WHERE is_stale = 0 AND version_id IS NOT NULL) "
                      "ORDER BY v.no");
  Result<void> done = add_dags(db, current_dags_sql(), now, state.dags, state);
  if (done) done = add_dags(db, older_sql, now, state.older_versions, state);
  if (done) done = add_rows(db, "WHERE is_paused IS NOT NULL ORDER BY dag_id", state.dag_states);
  if (done) done = add_rows(db, "WHERE " + std::string(active) + " ORDER BY no", state.runs);
  if (done) {
    leave_out_unreadable(state);
    done = add_task_instances(db, state);
  }
  if (done) done = add_xcom_lengths(db, state);
  if (done) done = add_rows(db, "ORDER BY no", state.outbox);
  if (done) done = add_rows(db, "ORDER BY pool", state.pools);
  if (done) done = add_rows(db, "ORDER BY no", state.assets);
  if (done) done = add_rows(db, "ORDER BY no", state.asset_aliases);
  if (done) done = add_rows(db, "ORDER BY alias_no, asset_no", state.aliased_assets);
  if (done) done = add_rows(db, "ORDER BY dag_id, asset_no", state.queued_assets);
  if (done) done = add_rows(db, "WHERE run_no = 0 ORDER BY no", state.partitioned_runs);
  if (done) {
    done = add_rows(db,
                    "WHERE partitioned_run_no IN (SELECT no FROM partitioned_run WHERE run_no = 0) "
                    "ORDER BY partitioned_run_no, event_no",
                    state.partitioned_events);
  }
  if (done) {
    const auto last = db.integer("SELECT ifnull(max(no), 0) FROM partitioned_run");
    if (!last) return std::unexpected(last.error());
    state.next_partitioned_run = *last + 1;
  }
  if (done) {
    done = add_rows(
        db,
        "WHERE completed_at IS NULL OR id IN (SELECT backfill_id FROM dag_run WHERE " + std::string(active) + ") ORDER BY id",
        state.backfills);
  }
  if (done) {
    const auto last = db.integer("SELECT ifnull(max(id), 0) FROM backfill");
    if (!last) return std::unexpected(last.error());
    state.next_backfill = *last + 1;
  }
  if (!done) return std::unexpected(std::move(done.error()));
  if (!state.assets.empty()) state.next_asset = state.assets.back().no + 1;
  if (!state.asset_aliases.empty()) state.next_asset_alias = state.asset_aliases.back().no + 1;
  const auto last = db.integer("SELECT ifnull(max(no), 0) FROM asset_event");
  if (!last) return std::unexpected(last.error());
  state.next_asset_event = *last + 1;
  return state;
}

}  // namespace

Result<void> read_xcom_lengths(const Database& db, Statement& statement, std::vector<XComLength>& target) {
  while (statement.next()) {
    XComLength& l = target.emplace_back();
    statement.row().read(l.run, l.task_id, l.map_index, l.key, l.length);
  }
  if (!statement.ok()) return std::unexpected(db.error("reading lengths of XComs"));
  return {};
}

Result<ActiveState> load_active_state(Database& db, Time now) {
  // One read transaction: all of it is of the same moment.
  if (auto begun = db.execute("BEGIN"); !begun) return std::unexpected(begun.error());
  auto state = load(db, now);
  auto ended = db.execute("ROLLBACK");
  if (!state) return state;
  if (!ended) return std::unexpected(ended.error());
  sqlite3_db_release_memory(db.handle());  // what was read once is not needed again
  return state;
}

}  // namespace venturi::store
