// Which member lies in which column: declared once, for writing and reading alike.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/sqlite/database.h"
#include "store/store.h"

namespace venturi::store {

template <class R>
struct Row;

template <>
struct Row<DagRun> {
  static constexpr std::string_view table = "dag_run";
  static constexpr std::array columns = std::to_array<std::string_view>({"no",
                                                                         "dag_id",
                                                                         "run_id",
                                                                         "run_type",
                                                                         "state",
                                                                         "logical_date",
                                                                         "data_interval_start",
                                                                         "data_interval_end",
                                                                         "run_after",
                                                                         "queued_at",
                                                                         "start_date",
                                                                         "end_date",
                                                                         "conf",
                                                                         "triggered_by",
                                                                         "dag_version_id",
                                                                         "first_task_instance",
                                                                         "created_task_instances",
                                                                         "backfill_id",
                                                                         "sort_ordinal",
                                                                         "assets_after",
                                                                         "assets_up_to",
                                                                         "fails_fast",
                                                                         "awaits_runtimes",
                                                                         "change",
                                                                         "task_instance_numbers",
                                                                         "is_renumbered",
                                                                         "partition_key",
                                                                         "partition_date"});
  static auto fields(auto& r) {
    return std::tie(r.no, r.dag_id, r.run_id, r.run_type, r.state, r.logical_date, r.data_interval_start, r.data_interval_end,
                    r.run_after, r.queued_at, r.start_date, r.end_date, r.conf, r.triggered_by, r.dag_version_id,
                    r.first_task_instance, r.created_task_instances, r.backfill_id, r.sort_ordinal, r.assets_after,
                    r.assets_up_to, r.fails_fast, r.awaits_runtimes, r.change, r.task_instance_numbers, r.is_renumbered,
                    r.partition_key, r.partition_date);
  }
};

template <>
struct Row<TaskInstance> {
  static constexpr std::string_view table = "task_instance";
  static constexpr std::array columns = std::to_array<std::string_view>(
      {"no",          "run_no", "task_id", "map_index",   "state",          "end_reason",     "end_detail", "try_number",
       "max_tries",   "losses", "id",      "token_epoch", "token_sequence", "queued_at",      "start_date", "end_date",
       "next_try_at", "pid",    "error",   "deferral",    "instances",      "priority_weight"});
  static auto fields(auto& t) {
    return std::tie(t.no, t.run, t.task_id, t.map_index, t.state, t.end_reason, t.end_detail, t.try_number, t.max_tries,
                    t.losses, t.id, t.token.epoch, t.token.sequence, t.queued_at, t.start_date, t.end_date, t.next_try_at,
                    t.pid, t.error, t.deferral, t.instances, t.priority_weight);
  }
};

template <>
struct Row<OutboxEntry> {
  static constexpr std::string_view table = "outbox";
  static constexpr std::array columns =
      std::to_array<std::string_view>({"no", "run_no", "key", "dag_id", "run_id", "task_id", "map_index", "try_number", "event",
                                       "context", "attempts", "next_attempt_at"});
  static auto fields(auto& o) {
    return std::tie(o.no, o.run, o.key, o.dag_id, o.run_id, o.task_id, o.map_index, o.try_number, o.event, o.context,
                    o.attempts, o.next_attempt_at);
  }
};

template <>
struct Row<DagState> {
  static constexpr std::string_view table = "dag";
  static constexpr std::array columns = std::to_array<std::string_view>(
      {"dag_id", "is_paused", "next_logical_date", "next_interval_start", "next_interval_end", "next_run_after",
       "last_interval_start", "last_interval_end", "awaits_outcomes", "last_asset_event"});
  static auto fields(auto& s) {
    return std::tie(s.dag_id, s.is_paused, s.next_logical_date, s.next_interval_start, s.next_interval_end, s.next_run_after,
                    s.last_interval_start, s.last_interval_end, s.awaits_outcomes, s.last_asset_event);
  }
};

template <>
struct Row<PoolRecord> {
  static constexpr std::string_view table = "slot_pool";
  static constexpr std::array columns = std::to_array<std::string_view>({"pool", "slots", "description", "include_deferred"});
  static auto fields(auto& p) { return std::tie(p.pool, p.slots, p.description, p.include_deferred); }
};

template <>
struct Row<AssetRecord> {
  static constexpr std::string_view table = "asset";
  static constexpr std::array columns =
      std::to_array<std::string_view>({"no", "name", "uri", "asset_group", "extra", "created"});
  static auto fields(auto& a) { return std::tie(a.no, a.key.name, a.key.uri, a.group, a.extra, a.created); }
};

template <>
struct Row<AssetEvent> {
  static constexpr std::string_view table = "asset_event";
  static constexpr std::array columns =
      std::to_array<std::string_view>({"no", "asset_no", "extra", "source_dag_id", "source_task_id", "source_run_id",
                                       "source_map_index", "at", "partition_key", "source_aliases"});
  static auto fields(auto& e) {
    return std::tie(e.no, e.asset, e.extra, e.source_dag_id, e.source_task_id, e.source_run_id, e.source_map_index, e.at,
                    e.partition_key, e.source_aliases);
  }
};

template <>
struct Row<AssetAliasRecord> {
  static constexpr std::string_view table = "asset_alias";
  static constexpr std::array columns = std::to_array<std::string_view>({"no", "name", "alias_group"});
  static auto fields(auto& a) { return std::tie(a.no, a.name, a.group); }
};

template <>
struct Row<AliasedAsset> {
  static constexpr std::string_view table = "asset_alias_asset";
  static constexpr std::array columns = std::to_array<std::string_view>({"alias_no", "asset_no"});
  static auto fields(auto& a) { return std::tie(a.alias, a.asset); }
};

template <>
struct Row<PartitionedRun> {
  static constexpr std::string_view table = "partitioned_run";
  static constexpr std::array columns =
      std::to_array<std::string_view>({"no", "dag_id", "partition_key", "partition_date", "mappers", "created", "run_no"});
  static auto fields(auto& p) {
    return std::tie(p.no, p.dag_id, p.partition_key, p.partition_date, p.mappers, p.created, p.run);
  }
};

template <>
struct Row<PartitionedEvent> {
  static constexpr std::string_view table = "partitioned_event";
  static constexpr std::array columns =
      std::to_array<std::string_view>({"partitioned_run_no", "event_no", "asset_no", "source_partition_key"});
  static auto fields(auto& p) { return std::tie(p.partitioned_run, p.event, p.asset, p.source_partition_key); }
};

template <>
struct Row<QueuedAsset> {
  static constexpr std::string_view table = "asset_queue";
  static constexpr std::array columns = std::to_array<std::string_view>({"dag_id", "asset_no", "at"});
  static auto fields(auto& q) { return std::tie(q.dag_id, q.asset, q.at); }
};

template <>
struct Row<Backfill> {
  static constexpr std::string_view table = "backfill";
  static constexpr std::array columns = std::to_array<std::string_view>(
      {"id", "dag_id", "from_date", "to_date", "dag_run_conf", "is_paused", "run_backwards", "reprocess_behavior",
       "max_active_runs", "created_at", "updated_at", "completed_at", "triggering_user_name", "looked_at",
       "last_interval_start", "last_interval_end", "is_made", "is_cancelled"});
  static auto fields(auto& b) {
    return std::tie(b.id, b.dag_id, b.from_date, b.to_date, b.dag_run_conf, b.is_paused, b.run_backwards, b.reprocess_behavior,
                    b.max_active_runs, b.created_at, b.updated_at, b.completed_at, b.triggering_user_name, b.looked_at,
                    b.last_interval_start, b.last_interval_end, b.is_made, b.is_cancelled);
  }
};

template <>
struct Row<BackfillDagRun> {
  static constexpr std::string_view table = "backfill_dag_run";
  static constexpr std::array columns =
      std::to_array<std::string_view>({"backfill_id", "sort_ordinal", "run_no", "exception_reason", "logical_date"});
  static auto fields(auto& r) { return std::tie(r.backfill_id, r.sort_ordinal, r.run, r.exception_reason, r.logical_date); }
};

template <>
struct Row<ImportError> {
  static constexpr std::string_view table = "import_error";
  static constexpr std::array columns = std::to_array<std::string_view>({"filename", "bundle", "stacktrace", "at"});
  static auto fields(auto& e) { return std::tie(e.filename, e.bundle, e.stacktrace, e.at); }
};

template <>
struct Row<EventLog> {
  static constexpr std::string_view table = "event_log";
  static constexpr std::array columns =
      std::to_array<std::string_view>({"no", "at", "event", "owner", "dag_id", "run_id", "task_id", "map_index", "extra"});
  static auto fields(auto& e) {
    return std::tie(e.no, e.at, e.event, e.owner, e.dag_id, e.run_id, e.task_id, e.map_index, e.extra);
  }
};

// "a, b, c"
template <class R>
std::string column_list() {
  std::string list;
  for (const std::string_view column : Row<R>::columns) list.append(list.empty() ? "" : ", ").append(column);
  return list;
}

template <class R>
std::string insert_sql(std::string_view verb = "INSERT INTO", std::string_view table = Row<R>::table) {
  std::string sql = std::string(verb) + " " + std::string(table) + "(" + column_list<R>() + ") VALUES (?";
  for (std::size_t i = 1; i < Row<R>::columns.size(); ++i) sql += ", ?";
  return sql + ")";
}

// Writes the whole row over one with the same first column. Unlike REPLACE it does not remove a row of another number that
// has the same unique texts: that would be a defect and has to show.
template <class R>
std::string upsert_sql() {
  std::string sql = insert_sql<R>() + " ON CONFLICT(" + std::string(Row<R>::columns[0]) + ") DO UPDATE SET ";
  for (std::size_t i = 1; i < Row<R>::columns.size(); ++i) {
    const std::string column(Row<R>::columns[i]);
    sql += (i > 1 ? ", " : "") + column + " = excluded." + column;
  }
  return sql;
}

template <class R>
[[nodiscard]] bool write_row(Statement& statement, const R& row) {
  static_assert(std::tuple_size_v<decltype(Row<R>::fields(row))> == Row<R>::columns.size());
  return std::apply([&](const auto&... fields) { return statement.bind(fields...).run(); }, Row<R>::fields(row));
}

// "SELECT no, ... FROM dag_run " + rest
template <class R>
std::string select_sql(std::string_view rest, std::string_view table = Row<R>::table) {
  return "SELECT " + column_list<R>() + " FROM " + std::string(table) + " " + std::string(rest);
}

[[nodiscard]] inline std::unexpected<Error> unreadable_row(const Database& db, std::string_view table,
                                                           const std::string& problem) {
  return fail(ErrorKind::corrupt, "table " + std::string(table) + ": " + problem, db.path(),
              "the row was written by another version of Venturi or by hand; restore a backup or mend the row with sqlite3");
}

// All rows of a statement to which values are bound already.
template <class R>
[[nodiscard]] Result<std::vector<R>> read_rows(const Database& db, Statement& statement) {
  std::vector<R> rows;
  while (statement.next()) {
    Columns columns = statement.row();
    std::apply([&](auto&... fields) { columns.read(fields...); }, Row<R>::fields(rows.emplace_back()));
    if (!columns.problem().empty()) {
      statement.reset();
      return unreadable_row(db, Row<R>::table, columns.problem());
    }
  }
  if (!statement.ok()) return std::unexpected(db.error("reading " + std::string(Row<R>::table)));
  return rows;
}

}  // namespace venturi::store
