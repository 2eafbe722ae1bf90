#include "store/sqlite/reader.h"
#include "store/sqlite/active_state.h"

#include <algorithm>

#include "store/sqlite/asset_event_rows.h"
#include "store/sqlite/dag_rows.h"
#include "store/sqlite/event_log_rows.h"
#include "store/sqlite/history_record.h"
#include "store/sqlite/rows.h"
#include "store/sqlite/secret_rows.h"

namespace venturi::store {

namespace {

constexpr int reader_cache_kib = 256;
// The numbers of a run's task instances are consecutive.
constexpr std::string_view of_run =
    "WHERE no >= (SELECT first_task_instance FROM dag_run WHERE no = ?1) AND "
    "no < (SELECT first_task_instance + created_task_instances FROM dag_run WHERE no = ?1) ORDER BY no";

const std::string of_task = std::string(of_run.substr(0, of_run.find(" ORDER"))) + " AND task_id = ?2";

// Of a RunFilter besides dag_id and state, and the newest first.
const std::string filter_conditions =
    " AND (?5 IS NULL OR logical_date >= ?5) AND (?6 IS NULL OR logical_date <= ?6) AND (?7 = 0 OR run_type <> 'backfill') "
    "ORDER BY no DESC LIMIT ?3 OFFSET ?4";

// Whether there are more rows than go at once with a DAG that is deleted.
std::string has_many(const std::string& rows, int most = 500) {
  return "(SELECT count(*) FROM (SELECT 1 FROM " + rows + " LIMIT " + std::to_string(most + 1) + ")) > " + std::to_string(most);
}

class SqliteReader final : public Reader {
 public:
  SqliteReader(Database db, const Cipher& cipher) : db_(std::move(db)), cipher_(cipher) {}

  Result<std::vector<std::shared_ptr<const Dag>>> dags() override { return dags_where(dags_.bind()); }
  Result<std::vector<std::shared_ptr<const Dag>>> stale_dags() override { return dags_where(stale_dags_.bind()); }
  Result<std::vector<std::string>> favorites(std::string_view user) override;
  Result<std::pair<std::vector<EventLog>, std::int64_t>> event_logs(const EventLogFilter& filter) override {
    return read_event_logs(db_, filter);
  }
  Result<std::int64_t> last_event_log() override;
  Result<std::vector<RevokedToken>> revoked_tokens() override {
    return read_all<RevokedToken>(revoked_tokens_.bind(), "reading tokens that were given up",
                                  [](Columns& row, RevokedToken& token) { row.read(token.id, token.until); });
  }
  Result<std::pair<std::vector<StoredState>, std::int64_t>> task_states(const TaskStateKey& of, std::int64_t offset,
                                                                        std::int64_t limit) override {
    return with_count(read_states(task_states_.bind(of.run, of.task_id, of.map_index, limit, offset)),
                      count_task_states_.bind(of.run, of.task_id, of.map_index));
  }
  Result<std::optional<StoredState>> task_state(const TaskStateKey& of, std::string_view key) override {
    return first(read_states(task_state_.bind(of.run, of.task_id, of.map_index, key)));
  }
  Result<std::pair<std::vector<StoredState>, std::int64_t>> asset_states(std::int64_t asset, std::int64_t offset,
                                                                         std::int64_t limit) override {
    return with_count(read_states(asset_states_.bind(asset, limit, offset)), count_asset_states_.bind(asset));
  }
  Result<std::optional<StoredState>> asset_state(std::int64_t asset, std::string_view key) override {
    return first(read_states(asset_state_.bind(asset, key)));
  }
  Result<std::vector<RunCount>> run_counts() override;
  Result<std::shared_ptr<const Dag>> dag(std::string_view dag_id) override { return one_dag(dag_.bind(dag_id)); }
  Result<std::shared_ptr<const Dag>> dag_version(std::string_view version_id) override {
    return one_dag(dag_version_.bind(version_id));
  }
  Result<std::vector<std::pair<std::string, std::string>>> current_versions() override;
  Result<std::vector<DagState>> dag_states() override { return read_rows<DagState>(db_, dag_states_.bind()); }
  Result<std::vector<ImportError>> import_errors() override { return read_rows<ImportError>(db_, import_errors_.bind()); }

  Result<bool> has_import_error(std::string_view bundle, std::string_view filename) override {
    std::int64_t found = 0;
    if (import_error_.bind(filename, bundle).next()) import_error_.row().read(found);
    import_error_.reset();
    if (!import_error_.ok()) return std::unexpected(db_.error("reading import errors"));
    return found != 0;
  }
  Result<std::vector<DagRun>> runs(const RunFilter& filter) override;
  Result<std::int64_t> count_runs(const RunFilter& filter) override;
  Result<std::vector<DagVersionRow>> dag_versions(std::string_view dag_id) override;
  Result<std::optional<DagRun>> run(std::string_view dag_id, std::string_view run_id) override {
    return first(read_rows<DagRun>(db_, run_.bind(dag_id, run_id)));
  }
  Result<std::optional<DagRun>> run_before(std::string_view dag_id, Time logical_date, bool without_manual) override {
    return first(read_rows<DagRun>(db_, run_before_.bind(dag_id, logical_date, without_manual)));
  }
  Result<std::vector<RunOutcome>> last_outcomes(std::string_view dag_id, std::int32_t most) override;
  Result<bool> had_task_before(std::string_view dag_id, Time logical_date, std::string_view task_id) override;
  Result<std::vector<PoolRecord>> pools() override { return read_rows<PoolRecord>(db_, pools_.bind()); }
  Result<std::vector<AssetRecord>> assets(const AssetFilter& filter) override;
  Result<std::vector<AssetAliasRecord>> asset_aliases() override {
    return read_rows<AssetAliasRecord>(db_, asset_aliases_.bind());
  }
  Result<std::vector<AliasedAsset>> aliased_assets() override { return read_rows<AliasedAsset>(db_, aliased_assets_.bind()); }
  Result<std::optional<DagRun>> run_of_asset_event(std::string_view dag_id, std::int64_t event) override;
  Result<std::vector<AssetEvent>> asset_events(const AssetEventFilter& filter) override {
    return read_asset_events(db_, filter);
  }
  Result<std::vector<QueuedAsset>> queued_assets() override { return read_rows<QueuedAsset>(db_, queued_assets_.bind()); }
  Result<std::vector<DagRun>> partitioned_runs_of_event(std::int64_t event) override {
    return read_rows<DagRun>(db_, partitioned_runs_of_event_.bind(event));
  }
  Result<std::optional<Backfill>> backfill(std::int64_t id) override {
    return first(read_rows<Backfill>(db_, backfill_.bind(id)));
  }
  Result<std::vector<Backfill>> backfills(const std::optional<std::string>& dag_id) override {
    return read_rows<Backfill>(db_, backfills_.bind(dag_id));
  }
  Result<std::vector<BackfillDagRun>> backfill_dag_runs(std::int64_t backfill_id) override {
    return read_rows<BackfillDagRun>(db_, backfill_dag_runs_.bind(backfill_id));
  }
  Result<bool> has_many_rows_of(std::string_view dag_id) override {
    bool has_many = false;
    if (many_rows_.bind(dag_id).next()) many_rows_.row().read(has_many);
    many_rows_.reset();
    if (!many_rows_.ok()) return std::unexpected(db_.error("counting rows of a DAG"));
    return has_many;
  }
  Result<bool> has_rows_to_sweep() override {
    const bool found = rows_to_sweep_.bind().next();
    rows_to_sweep_.reset();
    if (!rows_to_sweep_.ok()) return std::unexpected(db_.error("reading deleted runs"));
    return found;
  }
  Result<std::vector<TaskInstance>> task_instances(RunNo run) override {
    return read_rows<TaskInstance>(db_, task_instances_.bind(run));
  }
  Result<std::vector<TaskInstance>> task_instances(RunNo run, TaskInstanceNo from, std::int64_t limit) override {
    return read_rows<TaskInstance>(db_, some_task_instances_.bind(run, from, limit));
  }
  Result<std::vector<TaskInstance>> task_instances_of(RunNo run, std::string_view task_id, std::int64_t offset,
                                                      std::int64_t limit) override {
    return read_rows<TaskInstance>(db_, task_instances_of_.bind(run, task_id, offset, limit));
  }
  Result<std::optional<TaskInstance>> task_instance(RunNo run, std::string_view task_id, std::int32_t map_index) override {
    return first(read_rows<TaskInstance>(db_, task_instance_.bind(run, task_id, map_index)));
  }
  Result<std::vector<TaskCount>> task_counts(RunNo run) override;
  Result<std::vector<TaskInstance>> ended_tries(RunNo run) override {
    return read_rows<TaskInstance>(db_, ended_tries_.bind(run));
  }
  Result<std::vector<std::pair<Time, Transition>>> history(RunNo run) override;
  Result<std::optional<std::string>> rendered_fields(TaskInstanceNo task_instance) override {
    return one_text(rendered_.bind(task_instance), "rendered fields");
  }
  Result<std::vector<RenderedMapIndex>> rendered_map_indexes(RunNo run) override;
  Result<std::vector<Note>> notes(RunNo run) override;

  Result<std::optional<std::string>> xcom(const XComKey& key) override {
    return one_text(xcom_.bind(key.dag_id, key.run_id, key.task_id, key.map_index, key.key), "an XCom");
  }
  Result<std::vector<XComKey>> xcom_keys(RunNo run) override { return read_keys(xcom_keys_.bind(run)); }
  Result<std::vector<XComKey>> xcom_keys(RunNo run, std::string_view task_id, std::int32_t map_index) override {
    return read_keys(xcom_keys_of_.bind(run, task_id, map_index));
  }
  Result<std::vector<std::string>> xcom_sequence(const XComKey& key, std::int64_t offset, std::int64_t limit) override;
  Result<std::int64_t> xcom_count(const XComKey& key) override {
    std::int64_t count = 0;
    if (xcom_count_.bind(key.dag_id, key.run_id, key.task_id, key.key).next()) xcom_count_.row().read(count);
    xcom_count_.reset();
    if (!xcom_count_.ok()) return std::unexpected(db_.error("counting XComs"));
    return count;
  }
  Result<std::vector<XComLength>> xcom_lengths(RunNo run) override {
    std::vector<XComLength> lengths;
    if (auto done = read_xcom_lengths(db_, xcom_lengths_.bind(run), lengths); !done) return std::unexpected(done.error());
    return lengths;
  }
  Result<std::vector<std::string>> xcom_files(RunNo run) override;

  Result<std::optional<Connection>> connection(std::string_view conn_id) override {
    return first(read_connections(db_, cipher_, connection_.bind(conn_id)));
  }
  Result<std::vector<Connection>> connections() override { return read_connections(db_, cipher_, connections_.bind()); }
  Result<std::optional<VariableRow>> variable(std::string_view key) override {
    return first(read_variables(db_, cipher_, variable_.bind(key)));
  }
  Result<std::vector<VariableRow>> variables() override { return read_variables(db_, cipher_, variables_.bind()); }

 private:
  template <class T>
  static Result<std::optional<T>> first(Result<std::vector<T>> rows) {
    if (!rows) return std::unexpected(std::move(rows.error()));
    if (rows->empty()) return std::optional<T>();
    return std::move(rows->front());
  }
  Result<std::vector<std::shared_ptr<const Dag>>> dags_where(Statement& statement) {
    auto rows = read_dags(db_, statement, Time{});
    if (!rows) return std::unexpected(std::move(rows.error()));
    return std::move(rows->dags);
  }
  Result<std::shared_ptr<const Dag>> one_dag(Statement& statement) {
    auto rows = read_dags(db_, statement, Time{});
    if (!rows) return std::unexpected(std::move(rows.error()));
    if (!rows->unreadable.empty()) return fail(ErrorKind::corrupt, rows->unreadable.front().stacktrace, db_.path());
    return rows->dags.empty() ? nullptr : std::move(rows->dags.front());
  }
  // What `read` makes of each row.
  template <class T, class Read>
  Result<std::vector<T>> read_all(Statement& statement, std::string_view what, Read read) {
    std::vector<T> all;
    while (statement.next()) {
      Columns columns = statement.row();
      read(columns, all.emplace_back());
    }
    if (!statement.ok()) return std::unexpected(db_.error(std::string(what)));
    return all;
  }
  Result<std::optional<std::string>> one_text(Statement& statement, std::string_view what) {
    std::optional<std::string> text;
    if (statement.next()) statement.row().read(text);
    statement.reset();
    if (!statement.ok()) return std::unexpected(db_.error("reading " + std::string(what)));
    return text;
  }
  Result<std::vector<XComKey>> read_keys(Statement& statement);
  Result<std::vector<StoredState>> read_states(Statement& statement) {
    return read_all<StoredState>(statement, "reading a state store", [](Columns& row, StoredState& state) {
      row.read(state.key, state.value_json, state.updated_at, state.expires_at);
    });
  }
  Result<std::pair<std::vector<StoredState>, std::int64_t>> with_count(Result<std::vector<StoredState>> page,
                                                                       Statement& count) {
    if (!page) return std::unexpected(std::move(page.error()));
    std::int64_t all = 0;
    if (count.next()) count.row().read(all);
    count.reset();
    if (!count.ok()) return std::unexpected(db_.error("counting a state store"));
    return std::pair(std::move(*page), all);
  }

  Database db_;
  const Cipher& cipher_;
  Statement dags_{db_, current_dags_sql()};
  Statement stale_dags_{db_, stale_dags_sql()};
  Statement favorites_{db_, "SELECT dag_id FROM dag_favorite WHERE user = ?1 ORDER BY dag_id"};
  Statement revoked_tokens_{db_, "SELECT id, until FROM revoked_token"};
  Statement task_states_{db_,
                         "SELECT key, value, updated_at, expires_at FROM task_state_store WHERE run_no = ?1 AND task_id = ?2 "
                         "AND map_index = ?3 ORDER BY key LIMIT ?4 OFFSET ?5"};
  Statement task_state_{db_,
                        "SELECT key, value, updated_at, expires_at FROM task_state_store WHERE run_no = ?1 AND task_id = ?2 "
                        "AND map_index = ?3 AND key = ?4"};
  Statement count_task_states_{db_,
                               "SELECT count(*) FROM task_state_store WHERE run_no = ?1 AND task_id = ?2 AND map_index = ?3"};
  Statement asset_states_{
      db_, "SELECT key, value, updated_at, NULL FROM asset_state_store WHERE asset_no = ?1 ORDER BY key LIMIT ?2 OFFSET ?3"};
  Statement asset_state_{db_, "SELECT key, value, updated_at, NULL FROM asset_state_store WHERE asset_no = ?1 AND key = ?2"};
  Statement count_asset_states_{db_, "SELECT count(*) FROM asset_state_store WHERE asset_no = ?1"};
  Statement dag_{db_, select_dags_sql("JOIN dag AS d ON d.version_id = v.version_id WHERE d.dag_id = ?1 AND d.is_stale = 0")};
  Statement dag_version_{db_, select_dags_sql("WHERE v.version_id = ?1")};
  Statement dag_versions_{db_, "SELECT version_id, bundle, created FROM dag_version WHERE dag_id = ?1 ORDER BY no"};
  Statement current_versions_{db_, "SELECT dag_id, version_id FROM dag WHERE is_stale = 0 AND version_id IS NOT NULL"};
  Statement dag_states_{db_, select_sql<DagState>("WHERE is_paused IS NOT NULL ORDER BY dag_id")};
  Statement import_errors_{db_, select_sql<ImportError>("ORDER BY filename")};
  Statement import_error_{db_, "SELECT EXISTS (SELECT 1 FROM import_error WHERE filename = ?1 AND bundle = ?2)"};
  // ?1 state, ?2 dag_id; the rest of the filter is filter_conditions. The comparison with +state keeps the planner from walking
  // other DAGs' active runs; literals let it use dag_run_active.
  Statement runs_{db_, select_sql<DagRun>("WHERE (?1 IS NULL OR state = ?1)" + filter_conditions)};
  Statement active_runs_{db_, select_sql<DagRun>("WHERE state IN ('queued', 'running') AND +state = ?1 AND "
                                                 "(?2 IS NULL OR dag_id = ?2)" +
                                                 filter_conditions)};
  Statement runs_of_dag_{db_, select_sql<DagRun>("INDEXED BY dag_run_by_dag WHERE dag_id = ?2 AND (?1 IS NULL OR state = ?1)" +
                                                 filter_conditions)};
  // Sensors of other DAGs ask for a date, often: what they cost does not grow with the DAG's history.
  Statement runs_on_date_{db_, select_sql<DagRun>("INDEXED BY dag_run_by_logical_date WHERE dag_id = ?2 AND logical_date = ?5 "
                                                  "AND (?1 IS NULL OR state = ?1)" +
                                                  filter_conditions)};
  Statement run_{db_, select_sql<DagRun>("WHERE dag_id = ?1 AND run_id = ?2")};
  Statement run_before_{db_,
                        select_sql<DagRun>("INDEXED BY dag_run_by_logical_date WHERE dag_id = ?1 AND logical_date < ?2 AND "
                                           "(?3 = 0 OR run_type <> 'manual') ORDER BY logical_date DESC LIMIT 1")};
  Statement last_outcomes_{
      db_,
      "SELECT no, state, date FROM (SELECT no, state, logical_date AS date FROM dag_run INDEXED BY dag_run_by_logical_date "
      "WHERE dag_id = ?1 AND logical_date IS NOT NULL ORDER BY logical_date DESC, no DESC LIMIT ?2) UNION ALL "
      "SELECT no, state, date FROM (SELECT no, state, run_after AS date FROM dag_run INDEXED BY dag_run_without_date "
      "WHERE dag_id = ?1 AND logical_date IS NULL ORDER BY run_after DESC, no DESC LIMIT ?2) "
      "ORDER BY date DESC, no DESC LIMIT ?2"};
  Statement had_task_before_{
      db_,
      "SELECT EXISTS (SELECT 1 FROM dag_run AS r INDEXED BY dag_run_by_logical_date JOIN task_instance AS t "
      "ON t.no >= r.first_task_instance AND t.no < r.first_task_instance + r.created_task_instances "
      "WHERE r.dag_id = ?1 AND r.logical_date < ?2 AND t.task_id = ?3)"};
  Statement assets_{db_, select_sql<AssetRecord>("ORDER BY no")};
  Statement asset_{db_, select_sql<AssetRecord>("WHERE no = ?1")};
  Statement assets_by_name_{db_, select_sql<AssetRecord>("WHERE name = ?1 AND (?2 IS NULL OR uri = ?2) ORDER BY no")};
  Statement assets_by_uri_{db_, select_sql<AssetRecord>("WHERE uri = ?1 ORDER BY no")};
  Statement asset_aliases_{db_, select_sql<AssetAliasRecord>("ORDER BY no")};
  Statement aliased_assets_{db_, select_sql<AliasedAsset>("ORDER BY alias_no, asset_no")};
  Statement run_of_asset_event_{
      db_, select_sql<DagRun>("WHERE dag_id = ?1 AND assets_up_to > 0 AND assets_up_to >= ?2 ORDER BY assets_up_to LIMIT 1")};
  Statement queued_assets_{db_, select_sql<QueuedAsset>("ORDER BY dag_id, asset_no")};
  Statement partitioned_runs_of_event_{
      db_, select_sql<DagRun>("WHERE no IN (SELECT run_no FROM partitioned_run WHERE no IN (SELECT partitioned_run_no FROM "
                              "partitioned_event WHERE event_no = ?1)) ORDER BY no")};
  Statement pools_{db_, select_sql<PoolRecord>("ORDER BY pool")};
  Statement backfill_{db_, select_sql<Backfill>("WHERE id = ?1")};
  Statement backfills_{db_, select_sql<Backfill>("WHERE ?1 IS NULL OR dag_id = ?1 ORDER BY id")};
  Statement backfill_dag_runs_{db_, select_sql<BackfillDagRun>("WHERE backfill_id = ?1 ORDER BY sort_ordinal")};
  Statement task_instances_{db_, select_sql<TaskInstance>(of_run)};
  Statement some_task_instances_{
      db_, select_sql<TaskInstance>("WHERE no >= max(?2, (SELECT first_task_instance FROM dag_run WHERE no = ?1)) AND "
                                    "no < (SELECT first_task_instance + created_task_instances FROM dag_run WHERE no = ?1) "
                                    "ORDER BY no LIMIT ?3")};
  Statement task_instances_of_{db_, select_sql<TaskInstance>(of_task + " ORDER BY map_index LIMIT ?4 OFFSET ?3")};
  Statement task_instance_{db_, select_sql<TaskInstance>(of_task + " AND map_index = ?3")};
  Statement task_counts_{
      db_,
      "SELECT task_id, state, max(map_index >= 0), count(*), max(try_number), min(start_date), max(end_date) "
      "FROM task_instance " +
          std::string(of_run.substr(0, of_run.find(" ORDER"))) + " GROUP BY task_id, state ORDER BY min(no)"};
  Statement ended_tries_{db_, select_sql<TaskInstance>(std::string(of_run) + ", try_number, id", "task_instance_history")};
  Statement history_{db_, "SELECT at, transitions FROM history WHERE run_no = ?1 ORDER BY batch_no"};
  Statement rendered_{db_, "SELECT rendered_fields FROM rendered_task_instance_fields WHERE task_instance_no = ?1"};
  Statement rendered_map_indexes_{db_,
                                  "SELECT task_instance_no, name FROM rendered_map_index WHERE "
                                  "task_instance_no >= (SELECT first_task_instance FROM dag_run WHERE no = ?1) AND "
                                  "task_instance_no < (SELECT first_task_instance + created_task_instances FROM dag_run "
                                  "WHERE no = ?1) ORDER BY task_instance_no"};
  Statement many_rows_{db_, "SELECT " +
                                has_many("partitioned_event WHERE partitioned_run_no IN "
                                         "(SELECT no FROM partitioned_run WHERE dag_id = ?1)") +
                                " OR " + has_many("partitioned_run WHERE dag_id = ?1") + " OR " +
                                has_many("backfill_dag_run WHERE backfill_id IN (SELECT id FROM backfill WHERE dag_id = ?1)") +
                                " OR " +
                                has_many("dag_version WHERE dag_id = ?1 AND version_id NOT IN "
                                         "(SELECT version_id FROM dag WHERE version_id IS NOT NULL)",
                                         4)};
  Statement rows_to_sweep_{db_, "SELECT 1 FROM deleted_run LIMIT 1"};
  Statement notes_{db_, "SELECT run_no, task_instance_no, content FROM note WHERE run_no = ?1 ORDER BY task_instance_no"};
  Statement xcom_{db_,
                  "SELECT value FROM xcom WHERE run_no = (SELECT no FROM dag_run WHERE dag_id = ?1 AND run_id = ?2) "
                  "AND task_id = ?3 AND map_index = ?4 AND key = ?5"};
  Statement xcom_sequence_{db_,
                           "SELECT value FROM xcom WHERE run_no = (SELECT no FROM dag_run WHERE dag_id = ?1 AND run_id = ?2) "
                           "AND task_id = ?3 AND key = ?4 ORDER BY map_index LIMIT ?6 OFFSET ?5"};
  Statement xcom_count_{db_,
                        "SELECT count(*) FROM xcom WHERE run_no = (SELECT no FROM dag_run WHERE dag_id = ?1 AND run_id = ?2) "
                        "AND task_id = ?3 AND key = ?4"};
  static constexpr std::string_view xcom_key_columns =
      "SELECT r.dag_id, r.run_id, x.task_id, x.map_index, x.key FROM xcom AS x JOIN dag_run AS r ON r.no = x.run_no "
      "WHERE x.run_no = ?1";
  Statement xcom_keys_{db_, std::string(xcom_key_columns) + " ORDER BY x.task_id, x.map_index, x.key"};
  Statement xcom_keys_of_{db_, std::string(xcom_key_columns) + " AND x.task_id = ?2 AND x.map_index = ?3 ORDER BY x.key"};
  Statement xcom_lengths_{db_, std::string(xcom_lengths_sql)};
  Statement xcom_files_{db_, "SELECT substr(value, 2) FROM xcom WHERE run_no = ?1 AND substr(value, 1, 1) = '@'"};
  Statement connection_{db_, std::string(connection_columns) + "WHERE conn_id = ?1"};
  Statement connections_{db_, std::string(connection_columns) + "ORDER BY conn_id"};
  Statement variable_{db_, std::string(variable_columns) + "WHERE key = ?1"};
  Statement variables_{db_, std::string(variable_columns) + "ORDER BY key"};
};

Result<std::vector<RenderedMapIndex>> SqliteReader::rendered_map_indexes(RunNo run) {
  return read_all<RenderedMapIndex>(rendered_map_indexes_.bind(run), "reading rendered map indexes",
                                    [](Columns& row, auto& index) { row.read(index.task_instance, index.name); });
}

Result<std::vector<std::pair<std::string, std::string>>> SqliteReader::current_versions() {
  return read_all<std::pair<std::string, std::string>>(current_versions_.bind(), "reading the DAGs' versions",
                                                       [](Columns& row, auto& dag) { row.read(dag.first, dag.second); });
}

Result<std::vector<TaskCount>> SqliteReader::task_counts(RunNo run) {
  return read_all<TaskCount>(task_counts_.bind(run), "counting task instances", [](Columns& row, TaskCount& of) {
    std::optional<TaskState> state;
    row.read(of.task_id, state, of.is_mapped, of.count, of.try_number, of.start_date, of.end_date);
    of.state = state.value_or(TaskState::none);
  });
}

Result<std::vector<Note>> SqliteReader::notes(RunNo run) {
  return read_all<Note>(notes_.bind(run), "reading notes",
                        [](Columns& row, Note& note) { row.read(note.run, note.task_instance, note.content); });
}

Result<std::vector<RunOutcome>> SqliteReader::last_outcomes(std::string_view dag_id, std::int32_t most) {
  return read_all<RunOutcome>(last_outcomes_.bind(dag_id, most), "reading how runs ended",
                              [](Columns& row, RunOutcome& of) { row.read(of.no, of.state, of.date); });
}

Result<std::vector<std::string>> SqliteReader::favorites(std::string_view user) {
  return read_all<std::string>(favorites_.bind(user), "reading favorites",
                               [](Columns& row, std::string& dag_id) { row.read(dag_id); });
}

Result<std::int64_t> SqliteReader::last_event_log() {
  const auto last = db_.integer("SELECT ifnull(max(no), 0) FROM event_log");
  if (!last) return std::unexpected(last.error());
  return *last;
}

Result<std::vector<RunCount>> SqliteReader::run_counts() {
  Statement statement(db_, "SELECT dag_id, state, sum(runs) FROM dag_run_count GROUP BY dag_id, state HAVING sum(runs) > 0");
  return read_all<RunCount>(statement.bind(), "counting runs",
                            [](Columns& row, RunCount& of) { row.read(of.dag_id, of.state, of.count); });
}

// Of a filter that none of the statements above is made for.
std::string conditions_of(const RunFilter& filter) {
  std::string where = "WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR dag_id = ?2) AND (?3 IS NULL OR run_type = ?3)";
  if (filter.without_backfill) where += " AND run_type <> 'backfill'";
  return where + " AND (?4 IS NULL OR logical_date >= ?4) AND (?5 IS NULL OR logical_date <= ?5)";
}

constexpr std::string_view column_of(RunFilter::Order order) {
  switch (order) {
    case RunFilter::Order::run_id:
      return "run_id";
    case RunFilter::Order::run_after:
      return "run_after";
    case RunFilter::Order::logical_date:
      return "logical_date";
    case RunFilter::Order::start_date:
      return "start_date";
    case RunFilter::Order::end_date:
      return "end_date";
    case RunFilter::Order::state:
      return "state";
    case RunFilter::Order::number:
      break;
  }
  return "no";
}

template <class T>
std::optional<std::string_view> word_of(const std::optional<T>& value) {
  return value ? std::optional(to_string(*value)) : std::nullopt;
}

Result<std::int64_t> SqliteReader::count_runs(const RunFilter& filter) {
  Statement statement(db_, "SELECT count(*) FROM dag_run " + conditions_of(filter));
  std::int64_t count = 0;
  statement.bind(word_of(filter.state), filter.dag_id, word_of(filter.run_type), filter.logical_date_from,
                 filter.logical_date_to);
  if (statement.next()) statement.row().read(count);
  if (!statement.ok()) return std::unexpected(db_.error("counting runs"));
  return count;
}

Result<std::vector<DagVersionRow>> SqliteReader::dag_versions(std::string_view dag_id) {
  return read_all<DagVersionRow>(dag_versions_.bind(dag_id), "reading versions of a DAG",
                                 [](Columns& row, DagVersionRow& of) { row.read(of.version_id, of.bundle, of.created); });
}

Result<std::vector<DagRun>> SqliteReader::runs(const RunFilter& filter) {
  if (filter.run_type || filter.order != RunFilter::Order::number || filter.ascending) {
    const std::string direction = filter.ascending ? " ASC" : " DESC";
    Statement ordered(db_, select_sql<DagRun>(conditions_of(filter) + " ORDER BY " + std::string(column_of(filter.order)) +
                                              direction + ", no" + direction + " LIMIT ?6 OFFSET ?7"));
    return read_rows<DagRun>(db_, ordered.bind(word_of(filter.state), filter.dag_id, word_of(filter.run_type),
                                               filter.logical_date_from, filter.logical_date_to, filter.limit, filter.offset));
  }
  const std::optional<std::string_view> state = filter.state ? std::optional(to_string(*filter.state)) : std::nullopt;
  const bool one_date = filter.dag_id && filter.logical_date_from && filter.logical_date_from == filter.logical_date_to;
  Statement& statement = one_date                                      ? runs_on_date_
                         : filter.state && !is_finished(*filter.state) ? active_runs_
                         : filter.dag_id                               ? runs_of_dag_
                                                                       : runs_;
  return read_rows<DagRun>(db_, statement.bind(state, filter.dag_id, filter.limit, filter.offset, filter.logical_date_from,
                                               filter.logical_date_to, filter.without_backfill));
}

Result<std::vector<AssetRecord>> SqliteReader::assets(const AssetFilter& filter) {
  if (filter.no) return read_rows<AssetRecord>(db_, asset_.bind(*filter.no));
  if (filter.name) return read_rows<AssetRecord>(db_, assets_by_name_.bind(*filter.name, filter.uri));
  if (filter.uri) return read_rows<AssetRecord>(db_, assets_by_uri_.bind(*filter.uri));
  return read_rows<AssetRecord>(db_, assets_.bind());
}

// The windows of a DAG's runs follow each other: the first that ends behind the event is the only one that can have it.
Result<std::optional<DagRun>> SqliteReader::run_of_asset_event(std::string_view dag_id, std::int64_t event) {
  auto run = first(read_rows<DagRun>(db_, run_of_asset_event_.bind(dag_id, event)));
  if (run && *run && (**run).assets_after >= event) run->reset();
  return run;
}

Result<bool> SqliteReader::had_task_before(std::string_view dag_id, Time logical_date, std::string_view task_id) {
  bool had = false;
  if (had_task_before_.bind(dag_id, logical_date, task_id).next()) had_task_before_.row().read(had);
  had_task_before_.reset();
  if (!had_task_before_.ok()) return std::unexpected(db_.error("reading earlier runs"));
  return had;
}

Result<std::vector<std::pair<Time, Transition>>> SqliteReader::history(RunNo run) {
  std::vector<std::pair<Time, Transition>> all;
  history_.bind(run);
  while (history_.next()) {
    Time at{};
    std::string record;
    history_.row().read(at, record);
    auto transitions = read_record(record);
    if (!transitions) {
      history_.reset();
      return unreadable_row(db_, "history", "run_no " + std::to_string(run) + ": " + transitions.error().what);
    }
    for (Transition& transition : *transitions) all.emplace_back(at, std::move(transition));
  }
  if (!history_.ok()) return std::unexpected(db_.error("reading history"));
  return all;
}

Result<std::vector<std::string>> SqliteReader::xcom_sequence(const XComKey& key, std::int64_t offset, std::int64_t limit) {
  return read_all<std::string>(xcom_sequence_.bind(key.dag_id, key.run_id, key.task_id, key.key, offset, limit),
                               "reading XComs", [](Columns& row, std::string& text) { row.read(text); });
}

Result<std::vector<std::string>> SqliteReader::xcom_files(RunNo run) {
  return read_all<std::string>(xcom_files_.bind(run), "reading XComs", [](Columns& row, std::string& name) { row.read(name); });
}

Result<std::vector<XComKey>> SqliteReader::read_keys(Statement& statement) {
  return read_all<XComKey>(statement, "reading XComs", [](Columns& row, XComKey& key) {
    row.read(key.dag_id, key.run_id, key.task_id, key.map_index, key.key);
  });
}

}  // namespace

Result<std::unique_ptr<Reader>> open_sqlite_reader(const std::string& path, const Cipher& cipher) {
  auto db = Database::open(path, Database::Access::read_only, reader_cache_kib);
  if (!db) return std::unexpected(std::move(db.error()));
  return std::make_unique<SqliteReader>(std::move(*db), cipher);
}

}  // namespace venturi::store
