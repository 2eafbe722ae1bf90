#include "store/sqlite/cleaner.h"

#include <algorithm>
#include <array>

#include "store/sqlite/old_rows.h"

namespace venturi::store {
namespace {

std::string archive_name(std::string_view table, const std::string& archive) {
  return "\"" + std::string(archive_prefix) + std::string(table) + "__" + archive + "\"";
}

}  // namespace

// Rows of a run go into its archive long after it was made, by sweeping: it may have been dropped since, or be of a former
// schema. What is to go goes nevertheless.
bool Cleaner::takes(const std::string& archive, std::string_view table) const {
  const std::string columns = "(SELECT group_concat(name) FROM pragma_table_info(";
  Statement same(db_, "SELECT " + columns + "?1)) IS " + columns + "?2))");
  const std::string archived = std::string(archive_prefix) + std::string(table) + "__" + archive;
  bool is_same = false;
  if (same.bind(archived, table).next()) same.row().read(is_same);
  return is_same;
}

template <class... Values>
bool Cleaner::copy(const std::string& archive, std::string_view table, const std::string& where, const Values&... values) {
  if (!takes(archive, table)) return true;
  return run("INSERT INTO " + archive_name(table, archive) + " SELECT * FROM " + std::string(table) + " WHERE " + where,
             values...);
}

bool Cleaner::make_archive(const std::string& archive) {
  const auto make = [&](std::string_view table) {
    return run("CREATE TABLE IF NOT EXISTS " + archive_name(table, archive) + " AS SELECT * FROM " + std::string(table) +
               " WHERE 0");
  };
  return std::ranges::all_of(archived_tables, make);
}

bool Cleaner::archive_run(const std::string& archive, RunNo no) {
  return copy(archive, "dag_run", "no = ?1", no) && copy(archive, "note", "run_no = ?1", no);
}

bool Cleaner::archive_task_instances(const std::string& archive, TaskInstanceNo from, TaskInstanceNo until) {
  return copy(archive, "task_instance", "no >= ?1 AND no < ?2", from, until) &&
         copy(archive, "task_instance_history", "no >= ?1 AND no < ?2", from, until) &&
         copy(archive, "rendered_task_instance_fields", "task_instance_no >= ?1 AND task_instance_no < ?2", from, until) &&
         copy(archive, "rendered_map_index", "task_instance_no >= ?1 AND task_instance_no < ?2", from, until);
}

// In the order of the key, which is that of the deletion.
bool Cleaner::archive_some(const std::string& archive, std::string_view table, RunNo no, std::int64_t most) {
  if (table != "history") {
    return copy(archive, table,
                "run_no = ?1 AND (task_id, map_index, key) IN (SELECT task_id, map_index, key FROM " + std::string(table) +
                    " WHERE run_no = ?1 LIMIT ?2)",
                no, most);
  }
  return copy(archive, table, "run_no = ?1 AND batch_no IN (SELECT batch_no FROM history WHERE run_no = ?1 LIMIT ?2)", no,
              most);
}

bool Cleaner::clean(const Cleaning& cleaning) {
  for (const std::string& version : cleaning.dag_versions) {
    const std::string which = "version_id = ?1 AND version_id NOT IN (SELECT version_id FROM dag WHERE version_id IS NOT NULL)";
    if (!cleaning.archive.empty() && !copy(cleaning.archive, "dag_version", which, version)) return false;
    if (!run("DELETE FROM dag_version WHERE " + which, version)) return false;
  }
  return clean_xcoms(cleaning) && clean_states(cleaning) && clean_asset_events(cleaning) && clean_event_logs(cleaning) &&
         drop(cleaning);
}

bool Cleaner::clean_xcoms(const Cleaning& cleaning) {
  return std::ranges::all_of(cleaning.xcoms, [&](const auto& of) {
    const auto& [no, most] = of;
    return (cleaning.archive.empty() || archive_some(cleaning.archive, "xcom", no, most)) &&
           run("DELETE FROM xcom WHERE run_no = ?1 AND (task_id, map_index, key) IN "
               "(SELECT task_id, map_index, key FROM xcom WHERE run_no = ?1 LIMIT ?2)",
               no, most);
  });
}

bool Cleaner::clean_states(const Cleaning& cleaning) {
  return !cleaning.states_expired_before ||
         run("DELETE FROM task_state_store WHERE (run_no, task_id, map_index, key) IN (SELECT run_no, task_id, map_index, key "
             "FROM task_state_store WHERE expires_at < ?1 ORDER BY expires_at LIMIT ?2)",
             *cleaning.states_expired_before, cleaning.rows);
}

// Positions and numbers have gaps: a slice is so many rows that there are.
bool Cleaner::clean_asset_events(const Cleaning& cleaning) {
  if (cleaning.asset_events_up_to == 0) return true;
  const std::string slice =
      "(SELECT no FROM asset_event WHERE no <= ?1 AND " + of_dags("source_dag_id", "?3", "?4") + " ORDER BY no LIMIT ?2)";
  const std::int64_t up_to = cleaning.asset_events_up_to, rows = cleaning.rows;
  const auto only = json_list(cleaning.dags.only), without = json_list(cleaning.dags.without);
  return (cleaning.archive.empty() || copy(cleaning.archive, "asset_event", "no IN " + slice, up_to, rows, only, without)) &&
         run("DELETE FROM partitioned_event WHERE event_no IN " + slice, up_to, rows, only, without) &&
         run("DELETE FROM asset_alias_event WHERE alias_no IN (SELECT no FROM asset_alias) AND event_no IN " + slice, up_to,
             rows, only, without) &&
         run("DELETE FROM asset_event WHERE no IN " + slice, up_to, rows, only, without);
}

bool Cleaner::clean_event_logs(const Cleaning& cleaning) {
  if (cleaning.event_logs_up_to == 0) return true;
  const std::string slice =
      "no IN (SELECT no FROM event_log WHERE no <= ?1 AND " + of_dags("dag_id", "?3", "?4") + " ORDER BY no LIMIT ?2)";
  const std::int64_t up_to = cleaning.event_logs_up_to, rows = cleaning.rows;
  const auto only = json_list(cleaning.dags.only), without = json_list(cleaning.dags.without);
  return (cleaning.archive.empty() || copy(cleaning.archive, "event_log", slice, up_to, rows, only, without)) &&
         run("DELETE FROM event_log WHERE " + slice, up_to, rows, only, without);
}

bool Cleaner::delete_dag(const DagDeletion& deletion) {
  const std::string& dag_id = deletion.dag_id;
  std::int64_t left = deletion.rows.value_or(-1);  // below 0: all
  // Of a kind there may be many; one that others name goes behind them.
  const auto delete_some = [&](const std::string& table, const std::string& key, const std::string& of_dag,
                               std::int64_t weight) {
    if (deletion.rows && left <= 0) return true;
    const std::int64_t most = deletion.rows ? std::max<std::int64_t>(left / weight, 1) : -1;
    if (!run("DELETE FROM " + table + " WHERE (" + key + ") IN (SELECT " + key + " FROM " + table + " WHERE " + of_dag +
                 " LIMIT ?2)",
             dag_id, most))
      return false;
    // Where as many went as may, others may be left, and what they name with them.
    if (const int gone = sqlite3_changes(db_.handle()); deletion.rows) left = gone < most ? left - gone * weight : 0;
    return true;
  };
  constexpr std::int64_t version_weight = 100;  // its DAG's JSON is as long as so many other rows
  const bool deleted =
      delete_some("partitioned_event", "partitioned_run_no, event_no",
                  "partitioned_run_no IN (SELECT no FROM partitioned_run WHERE dag_id = ?1)", 1) &&
      delete_some("partitioned_run", "no", "dag_id = ?1", 1) &&
      delete_some("backfill_dag_run", "backfill_id, sort_ordinal", "backfill_id IN (SELECT id FROM backfill WHERE dag_id = ?1)",
                  1) &&
      delete_some("dag_version", "no",
                  "dag_id = ?1 AND version_id NOT IN (SELECT version_id FROM dag WHERE version_id IS NOT NULL)",
                  version_weight);
  if (!deleted || deletion.rows) return deleted;
  return std::ranges::all_of(
      std::array{"dag_version", "backfill", "asset_queue", "outbox", "dag_favorite", "dag_run_count", "dag"},
      [&](const char* table) { return run("DELETE FROM " + std::string(table) + " WHERE dag_id = ?1", dag_id); });
}

bool Cleaner::drop(const Cleaning& cleaning) {
  return std::ranges::all_of(cleaning.dropped_archives, [&](const std::string& name) {
    return !name.starts_with(archive_prefix) || name.find('"') != std::string::npos ||
           run("DROP TABLE IF EXISTS \"" + name + "\"");
  });
}

}  // namespace venturi::store
