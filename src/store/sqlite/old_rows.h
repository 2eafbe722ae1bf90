// What is old enough to be deleted (server/retention.h). Found over a connection of its own, page by page, so that it may take
// its time beside the server's loop and holds no snapshot that the write-ahead log would grow behind.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/records.h"
#include "store/store.h"

namespace venturi::store {

// Runs go by any of their three rules, and only those that ended. Kept whatever the rules say is what scheduling still needs:
// of each DAG the newest runs, the last one by logical date, the last one that was not made by hand and the last that
// succeeded, those right before an active one, and the runs of a backfill that goes on.
struct CleaningRules {
  std::optional<Time> runs_before;      // ended before it
  std::int64_t runs_per_dag = 0;        // the newest; 0: any number
  std::int64_t max_task_instances = 0;  // of the newest runs of all DAGs; 0: any number
  std::int64_t keep_runs = 1;           // of each DAG
  std::optional<Time> xcoms_before;     // of runs that ended before it
  std::optional<Time> versions_before;  // made before it, neither current nor of a run that is left
  std::optional<Time> asset_events_before;
  std::optional<Time> event_logs_before;      // who changed what
  std::optional<Time> states_expired_before;  // in state stores
  // Of so many of the newest runs of each DAG these stay, of so many versions, rows, events; 0: of any number.
  std::int64_t xcoms_runs_per_dag = 0, files_runs_per_dag = 0, logs_runs_per_dag = 0;
  std::int64_t versions_per_dag = 0, max_asset_events = 0, max_event_logs = 0;
  DagChoice dags = {};             // of which anything goes
  std::size_t most_runs = 10'000;  // told at once: the next look finds the others
};

struct OldRun {
  RunNo no = 0;
  std::string dag_id, run_id;
  Time ended{};
  std::int64_t rows = 0;  // task instances; in OldRows::xcoms: XComs
  bool files_are_too_many = false, logs_are_too_many = false;
};

struct OldRows {
  std::vector<OldRun> runs;   // with all that belongs to them
  std::vector<OldRun> xcoms;  // runs that stay, of which only the XComs go
  std::vector<std::string> dag_versions;
  std::int64_t asset_events_up_to = 0, asset_events = 0;  // a position, and how many there are up to it
  std::int64_t event_logs_up_to = 0, event_logs = 0;      // a number, and how many there are up to it
  std::int64_t expired_states = 0;
  bool is_all = true;  // false: there are more runs than are told at once
};

// `each_ended` is told of each ended run that stays, for what lies of it outside of the database, while nothing is read; may be
// missing. Where it gives false, it ends with an error.
[[nodiscard]] Result<OldRows> find_old_rows(const std::string& path, const CleaningRules& rules,
                                            const std::function<bool(const OldRun&)>& each_ended);

// A condition on a column with a DAG's id, where the two texts stand for json_list()s. What is of no DAG is meant by nobody who
// chooses, as in Airflow.
[[nodiscard]] std::string of_dags(std::string_view column, std::string_view only, std::string_view without);
[[nodiscard]] std::optional<std::string> json_list(const std::vector<std::string>& names);  // nothing for none

// The programs of all versions that are there.
[[nodiscard]] Result<std::set<std::string>> programs_of_versions(const std::string& path);

// Tables that `db clean` left behind, the oldest first, and how many rows each has.
struct ArchiveTable {
  std::string name, of;  // "_airflow_deleted__dag_run__20260101000000", "dag_run"
  std::int64_t rows = 0;
};
[[nodiscard]] Result<std::vector<ArchiveTable>> archive_tables(const std::string& path);
// Rows as comma-separated text with a header, as RFC 4180 has it, handed out in pieces. What is NULL is empty; blobs are
// hexadecimal.
[[nodiscard]] Result<void> export_csv(const std::string& path, const std::string& table,
                                      const std::function<Result<void>(std::string_view)>& write);

inline constexpr std::string_view archive_prefix = "_airflow_deleted__";
// The tables whose rows `db clean` archives.
inline constexpr std::string_view archived_tables[] = {
    "dag_run", "task_instance",      "task_instance_history", "xcom",        "history",   "rendered_task_instance_fields",
    "note",    "rendered_map_index", "asset_event",           "dag_version", "event_log", "task_state_store"};

}  // namespace venturi::store
