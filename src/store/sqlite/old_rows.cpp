#include "store/sqlite/old_rows.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "base/json.h"
#include "store/sqlite/database.h"

namespace venturi::store {
namespace {

constexpr int finder_cache_kib = 1024;
constexpr std::int64_t runs_in_page = 1000;

// Which runs of a DAG stay and go by their numbers.
struct DagLimits {
  RunNo kept_from = 0;  // these and newer ones stay; 0: all of them
  // Older ones than these are too many: runs, and of those that stay what belongs to them.
  RunNo too_many_to = 0, xcoms_to = 0, files_to = 0, logs_to = 0;
};

class Finder {
 public:
  Finder(const Database& db, const CleaningRules& rules) : db_(db), rules_(rules) {}

  Result<void> find(OldRows& rows, const std::function<bool(const OldRun&)>& each_ended) {
    if (auto done = look_at_dags(); !done) return done;
    if (auto done = look_at_active_runs(); !done) return done;
    if (auto done = count_task_instances(); !done) return done;
    if (auto done = walk(rows, each_ended); !done) return done;
    if (auto done = versions(rows); !done) return done;
    if (auto done = asset_events(rows); !done) return done;
    if (auto done = expired_states(rows); !done) return done;
    return event_logs(rows);
  }

 private:
  Result<void> trouble() { return std::unexpected(db_.error("looking for old rows")); }
  // The number that a statement gives, 0 where it gives none; it is bound already.
  static RunNo number(Statement& statement) {
    RunNo no = 0;
    if (statement.next()) statement.row().read(no);
    statement.reset();
    return no;
  }

  Result<void> look_at_dags() {
    Statement next(db_, "SELECT min(dag_id) FROM dag_run WHERE dag_id > ?1");
    Statement nth(db_, "SELECT no FROM dag_run INDEXED BY dag_run_by_dag WHERE dag_id = ?1 ORDER BY no DESC LIMIT 1 OFFSET ?2");
    const std::string by_date =
        "SELECT no FROM dag_run INDEXED BY dag_run_by_logical_date WHERE dag_id = ?1 AND logical_date IS NOT NULL ";
    const std::string newest = " ORDER BY logical_date DESC LIMIT 1";
    Statement last[] = {Statement(db_, by_date + newest), Statement(db_, by_date + "AND run_type <> 'manual'" + newest),
                        Statement(db_, by_date + "AND state = 'success'" + newest)};
    for (std::string dag_id;;) {
      std::optional<std::string> found;
      if (next.bind(dag_id).next()) next.row().read(found);
      next.reset();
      if (!next.ok()) return trouble();
      if (!found) return {};
      dag_id = std::move(*found);
      DagLimits& limits = dags_[dag_id];
      limits.kept_from = number(nth.bind(dag_id, std::max<std::int64_t>(rules_.keep_runs, 1) - 1));
      for (const auto& [most, to] :
           {std::pair(rules_.runs_per_dag, &limits.too_many_to), std::pair(rules_.xcoms_runs_per_dag, &limits.xcoms_to),
            std::pair(rules_.files_runs_per_dag, &limits.files_to), std::pair(rules_.logs_runs_per_dag, &limits.logs_to)}) {
        if (most > 0) *to = number(nth.bind(dag_id, most - 1));
      }
      for (Statement& statement : last) {
        kept_.insert(number(statement.bind(dag_id)));
        if (!statement.ok()) return trouble();
      }
      if (!nth.ok()) return trouble();
    }
  }

  // How the run before an active one ended decides what depends_on_past (server/look_back.h).
  Result<void> look_at_active_runs() {
    Statement active(db_, "SELECT dag_id, logical_date FROM dag_run WHERE state IN ('queued', 'running') AND logical_date > 0");
    const std::string before =
        "SELECT no FROM dag_run INDEXED BY dag_run_by_logical_date WHERE dag_id = ?1 AND logical_date < ?2 ";
    const std::string newest = " ORDER BY logical_date DESC LIMIT 1";
    Statement last[] = {Statement(db_, before + newest), Statement(db_, before + "AND run_type <> 'manual'" + newest),
                        Statement(db_, before + "AND state = 'success'" + newest)};
    active.bind();
    while (active.next()) {
      std::string dag_id;
      Time date{};
      active.row().read(dag_id, date);
      for (Statement& statement : last) {
        kept_.insert(number(statement.bind(dag_id, date)));
        if (!statement.ok()) return trouble();
      }
    }
    if (!active.ok()) return trouble();
    Statement backfills(db_, "SELECT id FROM backfill WHERE completed_at IS NULL");
    backfills.bind();
    while (backfills.next()) backfills.row().read(backfills_.emplace_back());
    return backfills.ok() ? Result<void>() : trouble();
  }

  Result<void> count_task_instances() {
    if (rules_.max_task_instances <= 0) return {};
    Statement runs(db_, "SELECT no, created_task_instances FROM dag_run WHERE no < ?1 ORDER BY no DESC LIMIT ?2");
    std::int64_t count = 0;
    for (RunNo before = std::numeric_limits<RunNo>::max();;) {
      const RunNo begin = before;
      runs.bind(before, runs_in_page);
      while (runs.next()) {
        std::int64_t of_run = 0;
        runs.row().read(before, of_run);
        count += of_run;
        if (count <= rules_.max_task_instances) continue;
        beyond_ = before;
        runs.reset();
        return {};
      }
      if (!runs.ok()) return trouble();
      if (before == begin) return {};
    }
  }

  Result<void> walk(OldRows& rows, const std::function<bool(const OldRun&)>& each_ended) {
    Statement runs(db_,
                   "SELECT no, dag_id, run_id, ifnull(end_date, queued_at), created_task_instances, backfill_id FROM dag_run "
                   "WHERE no > ?1 AND state IN ('success', 'failed') ORDER BY no LIMIT ?2");
    Statement xcoms(db_, "SELECT count(*) FROM xcom WHERE run_no = ?1");
    for (RunNo after = 0;;) {
      const RunNo begin = after;
      std::vector<OldRun> stay, ended;
      runs.bind(after, runs_in_page);
      while (runs.next()) {
        OldRun run;
        std::int64_t backfill = 0;
        runs.row().read(run.no, run.dag_id, run.run_id, run.ended, run.rows, backfill);
        after = run.no;
        const bool stays = is_kept(run, backfill);
        if (stays || !is_old(run)) {
          const auto found = dags_.find(run.dag_id);
          const DagLimits limits = found == dags_.end() ? DagLimits() : found->second;
          if (!stays && ((rules_.xcoms_before && run.ended < *rules_.xcoms_before) || run.no < limits.xcoms_to))
            stay.push_back(run);
          run.files_are_too_many = run.no < limits.files_to;
          run.logs_are_too_many = run.no < limits.logs_to;
          ended.push_back(std::move(run));
        } else if (rows.runs.size() == rules_.most_runs) {
          rows.is_all = false;
          break;
        } else {
          rows.runs.push_back(std::move(run));
        }
      }
      if (!runs.ok()) return trouble();
      runs.reset();
      // Only now: it works on files, and an open statement keeps the write-ahead log from being begun anew.
      if (each_ended && !std::ranges::all_of(ended, each_ended)) return fail(ErrorKind::unavailable, "the look was ended");
      if (!rows.is_all) return {};
      for (OldRun& run : stay) {
        run.rows = number(xcoms.bind(run.no));
        if (!xcoms.ok()) return trouble();
        if (run.rows > 0) rows.xcoms.push_back(std::move(run));
      }
      if (after == begin) return {};
    }
  }
  bool is_kept(const OldRun& run, std::int64_t backfill) const {
    const auto dag = dags_.find(run.dag_id);
    return !rules_.dags.has(run.dag_id) || dag == dags_.end() || run.no >= dag->second.kept_from || kept_.contains(run.no) ||
           (backfill != 0 && std::ranges::find(backfills_, backfill) != backfills_.end());
  }
  bool is_old(const OldRun& run) const {
    return (rules_.runs_before && run.ended < *rules_.runs_before) || run.no <= beyond_ ||
           run.no < dags_.find(run.dag_id)->second.too_many_to;
  }

  Result<void> versions(OldRows& rows) {
    if (!rules_.versions_before && rules_.versions_per_dag == 0) return {};
    Statement statement(
        db_,
        "SELECT version_id FROM (SELECT version_id, dag_id, created, row_number() OVER (PARTITION BY dag_id ORDER BY no DESC) "
        "AS age FROM dag_version) WHERE (created < ?1 OR (?4 > 0 AND age > ?4)) AND version_id NOT IN (SELECT version_id FROM "
        "dag "
        "WHERE version_id IS NOT NULL) AND version_id NOT IN (SELECT dag_version_id FROM dag_run) AND " +
            of_dags("dag_id", "?2", "?3"));
    const auto only = json_list(rules_.dags.only), without = json_list(rules_.dags.without);  // as long as it is read
    statement.bind(rules_.versions_before, only, without, rules_.versions_per_dag);
    while (statement.next()) statement.row().read(rows.dag_versions.emplace_back());
    return statement.ok() ? Result<void>() : trouble();
  }

  // The newest row behind so many newer ones; 0: there are not so many.
  std::int64_t too_many(const std::string& table, std::int64_t most) const {
    if (most <= 0) return 0;
    Statement nth(db_, "SELECT no FROM " + table + " ORDER BY no DESC LIMIT 1 OFFSET ?1");
    return number(nth.bind(most));
  }

  // Up to the first that somebody may still take: a DAG that waits for other assets too, an active run, a partition. The
  // newest stays, because positions are counted on from it.
  Result<void> asset_events(OldRows& rows) {
    if (!rules_.asset_events_before && rules_.max_asset_events == 0) return {};
    Statement statement(
        db_,
        "SELECT ifnull(max(no), 0) FROM asset_event WHERE (at < ?1 OR no <= ?2) AND no < (SELECT max(no) FROM asset_event) "
        "AND no <= ifnull((SELECT min(d.last_asset_event) FROM asset_queue AS q JOIN dag AS d ON d.dag_id = q.dag_id), 1 << "
        "62) "
        "AND no <= ifnull((SELECT min(assets_after) FROM dag_run WHERE state IN ('queued', 'running') AND assets_up_to > 0), "
        "1 << 62) "
        "AND no < ifnull((SELECT min(event_no) FROM partitioned_event WHERE partitioned_run_no IN "
        "(SELECT no FROM partitioned_run WHERE run_no = 0 OR run_no IN "
        "(SELECT no FROM dag_run WHERE state IN ('queued', 'running')))), 1 << 62)");
    rows.asset_events_up_to =
        number(statement.bind(rules_.asset_events_before, too_many("asset_event", rules_.max_asset_events)));
    if (!statement.ok()) return trouble();
    Statement count(db_, "SELECT count(*) FROM asset_event WHERE no <= ?1 AND " + of_dags("source_dag_id", "?2", "?3"));
    rows.asset_events =
        number(count.bind(rows.asset_events_up_to, json_list(rules_.dags.only), json_list(rules_.dags.without)));
    return count.ok() ? Result<void>() : trouble();
  }

  Result<void> expired_states(OldRows& rows) {
    if (!rules_.states_expired_before) return {};
    Statement count(db_, "SELECT count(*) FROM task_state_store WHERE expires_at < ?1");
    rows.expired_states = number(count.bind(*rules_.states_expired_before));
    return count.ok() ? Result<void>() : trouble();
  }

  Result<void> event_logs(OldRows& rows) {
    if (!rules_.event_logs_before && rules_.max_event_logs == 0) return {};
    // Numbers go with time; the newest stays, so that none is given out twice.
    Statement statement(
        db_, "SELECT ifnull(max(no), 0) FROM event_log WHERE (at < ?1 OR no <= ?2) AND no < (SELECT max(no) FROM event_log)");
    rows.event_logs_up_to = number(statement.bind(rules_.event_logs_before, too_many("event_log", rules_.max_event_logs)));
    Statement count(db_, "SELECT count(*) FROM event_log WHERE no <= ?1 AND " + of_dags("dag_id", "?2", "?3"));
    rows.event_logs = number(count.bind(rows.event_logs_up_to, json_list(rules_.dags.only), json_list(rules_.dags.without)));
    return statement.ok() && count.ok() ? Result<void>() : trouble();
  }

  const Database& db_;
  const CleaningRules& rules_;
  std::map<std::string, DagLimits> dags_;
  std::set<RunNo> kept_;
  std::vector<std::int64_t> backfills_;
  RunNo beyond_ = 0;  // this run and older ones are beyond max_task_instances
};

std::string csv_text(std::string_view cell) {
  if (cell.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(cell);
  std::string out = "\"";
  for (const char c : cell) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string cell(sqlite3_stmt* row, int column) {
  const auto bytes = [&](const void* data) {
    return std::string_view(static_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(row, column)));
  };
  if (sqlite3_column_type(row, column) == SQLITE_NULL) return {};
  if (sqlite3_column_type(row, column) != SQLITE_BLOB) return csv_text(bytes(sqlite3_column_text(row, column)));
  std::string hex;
  for (const char c : bytes(sqlite3_column_blob(row, column))) {
    constexpr std::string_view digits = "0123456789abcdef";
    hex += digits[static_cast<unsigned char>(c) >> 4U];
    hex += digits[static_cast<unsigned char>(c) & 15U];
  }
  return hex;
}

}  // namespace

std::string of_dags(std::string_view column, std::string_view only, std::string_view without) {
  const auto in = [&](std::string_view list, const char* is) {
    return "(" + std::string(list) + " IS NULL OR " + std::string(column) + is + "IN (SELECT value FROM json_each(" +
           std::string(list) + ")))";
  };
  return in(only, " ") + " AND " + in(without, " NOT ") + " AND (" + std::string(column) + " <> '' OR (" + std::string(only) +
         " IS NULL AND " + std::string(without) + " IS NULL))";
}

std::optional<std::string> json_list(const std::vector<std::string>& names) {
  if (names.empty()) return std::nullopt;
  Array list;
  for (const std::string& name : names) list.emplace_back(name);
  return to_json(Value(std::move(list)));
}

Result<OldRows> find_old_rows(const std::string& path, const CleaningRules& rules,
                              const std::function<bool(const OldRun&)>& each_ended) {
  auto db = Database::open(path, Database::Access::read_only, finder_cache_kib);
  if (!db) return std::unexpected(std::move(db.error()));
  OldRows rows;
  if (auto done = Finder(*db, rules).find(rows, each_ended); !done) return std::unexpected(std::move(done.error()));
  return rows;
}

Result<std::set<std::string>> programs_of_versions(const std::string& path) {
  auto db = Database::open(path, Database::Access::read_only, finder_cache_kib);
  if (!db) return std::unexpected(std::move(db.error()));
  std::set<std::string> programs;
  Statement statement(*db, "SELECT DISTINCT program FROM dag_version");
  statement.bind();
  for (std::string program; statement.next(); programs.insert(program)) statement.row().read(program);
  if (!statement.ok()) return std::unexpected(db->error("reading versions of DAGs"));
  return programs;
}

Result<std::vector<ArchiveTable>> archive_tables(const std::string& path) {
  auto db = Database::open(path, Database::Access::read_only, finder_cache_kib);
  if (!db) return std::unexpected(std::move(db.error()));
  std::vector<ArchiveTable> tables;
  Statement names(*db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, ?1) = ?2 ORDER BY name");
  names.bind(static_cast<std::int64_t>(archive_prefix.size()), archive_prefix);
  while (names.next()) {
    ArchiveTable& table = tables.emplace_back();
    names.row().read(table.name);
    table.of = table.name.substr(archive_prefix.size());
    table.of.resize(std::min(table.of.size(), table.of.rfind("__")));
  }
  if (!names.ok()) return std::unexpected(db->error("looking for archived tables"));
  for (ArchiveTable& table : tables) {
    const auto count = db->integer(("SELECT count(*) FROM \"" + table.name + "\"").c_str());
    if (!count) return std::unexpected(count.error());
    table.rows = *count;
  }
  return tables;
}

Result<void> export_csv(const std::string& path, const std::string& table,
                        const std::function<Result<void>(std::string_view)>& write) {
  auto db = Database::open(path, Database::Access::read_only, finder_cache_kib);
  if (!db) return std::unexpected(std::move(db.error()));
  constexpr std::size_t piece = 64UL << 10U;
  std::string text;
  Statement header(*db, "SELECT name FROM pragma_table_info(?1) ORDER BY cid");
  header.bind(table);
  for (std::string name; header.next();) {
    header.row().read(name);
    text += (text.empty() ? "" : ",") + csv_text(name);
  }
  if (!header.ok()) return std::unexpected(db->error("exporting"));
  text += "\r\n";
  Statement rows(*db, "SELECT * FROM \"" + table + "\"");
  rows.bind();
  while (rows.next()) {
    const int columns = sqlite3_column_count(rows.row().raw());
    for (int i = 0; i < columns; ++i) text += (i > 0 ? "," : "") + cell(rows.row().raw(), i);
    text += "\r\n";
    if (text.size() < piece) continue;
    if (auto done = write(text); !done) return done;
    text.clear();
  }
  if (!rows.ok()) return std::unexpected(db->error("exporting"));
  return write(text);
}

}  // namespace venturi::store
