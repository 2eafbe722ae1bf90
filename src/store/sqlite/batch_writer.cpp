#include "store/sqlite/batch_writer.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "store/sqlite/history_record.h"
#include "store/sqlite/rows.h"

namespace venturi::store {
namespace {

// Of the runs that a batch deletes, in this batch: a few milliseconds.
constexpr std::int32_t rows_at_once = 2000;

// A run is written often, and an index is only left alone where its columns are not set: those that as good as never change are
// compared instead, and a run that is new or has others goes through the upsert.
std::string change_run_sql() {
  constexpr std::array lasting =
      std::to_array<std::string_view>({"no", "dag_id", "run_id", "run_type", "logical_date", "run_after"});
  std::string set, where;
  for (std::size_t i = 0; i < Row<DagRun>::columns.size(); ++i) {
    const std::string column(Row<DagRun>::columns[i]), value = "?" + std::to_string(i + 1);
    if (std::ranges::find(lasting, column) == lasting.end())
      set += (set.empty() ? "" : ", ") + column + " = " + value;
    else
      where += (where.empty() ? "" : " AND ") + column + (column == "no" ? " = " : " IS ") + value;
  }
  return "UPDATE dag_run SET " + set + " WHERE " + where;
}

}  // namespace

Result<Counters> read_counters(const Database& db) {
  Statement statement(db, "SELECT epoch, next_run, next_task_instance, next_outbox, next_sequence FROM home");
  if (!statement.bind().next()) {
    if (!statement.ok()) return std::unexpected(db.error("reading home"));
    return fail(ErrorKind::corrupt, "table home is empty", db.path(), "restore a backup");
  }
  Counters c;
  statement.row().read(c.epoch, c.next_run, c.next_task_instance, c.next_outbox, c.next_sequence);
  return c;
}

BatchWriter::BatchWriter(const Database& db, const Cipher& cipher, Counters counters)
    : db_(db),
      cipher_(cipher),
      counters_(counters),
      next_(counters),
      cleaner_(db),
      dag_version_(db,
                   "INSERT INTO dag_version(version_id, dag_id, serialized, task_count, bundle, relative_fileloc, fileloc, "
                   "program, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT(version_id) DO UPDATE SET "
                   "dag_id = ?2, serialized = ?3, task_count = ?4, bundle = ?5, relative_fileloc = ?6, fileloc = ?7, "
                   "program = ?8"),
      dag_(db,
           "INSERT INTO dag(dag_id, version_id) VALUES (?1, ?2) "
           "ON CONFLICT(dag_id) DO UPDATE SET version_id = ?2, is_stale = 0"),
      gone_dag_(db, "UPDATE dag SET is_stale = 1 WHERE dag_id = ?1"),
      dag_state_(db, upsert_sql<DagState>()),
      run_(db, upsert_sql<DagRun>()),
      change_run_(db, change_run_sql()),
      // REPLACE is the cheapest way to write a whole row, and safe here: there is nothing unique besides the number.
      task_instance_(db, insert_sql<TaskInstance>("REPLACE INTO")),
      ended_try_(db, insert_sql<TaskInstance>("REPLACE INTO", "task_instance_history")),
      delete_run_{Statement(db, "DELETE FROM dag_run WHERE no = ?1"),
                  Statement(db, "DELETE FROM outbox WHERE run_no = ?1"),
                  Statement(db, "DELETE FROM note WHERE run_no = ?1"),
                  Statement(db, "UPDATE backfill_dag_run SET run_no = NULL WHERE run_no = ?1"),
                  Statement(db,
                            "DELETE FROM partitioned_event WHERE partitioned_run_no IN "
                            "(SELECT no FROM partitioned_run WHERE run_no > 0 AND run_no = ?1)"),
                  Statement(db, "DELETE FROM partitioned_run WHERE run_no > 0 AND run_no = ?1")},
      // The numbers of a run's task instances follow each other.
      delete_task_instances_{
          Statement(db, "DELETE FROM task_instance WHERE no >= ?1 AND no < ?2"),
          Statement(db, "DELETE FROM task_instance_history WHERE no >= ?1 AND no < ?2"),
          Statement(db, "DELETE FROM rendered_task_instance_fields WHERE task_instance_no >= ?1 AND task_instance_no < ?2"),
          Statement(db, "DELETE FROM rendered_map_index WHERE task_instance_no >= ?1 AND task_instance_no < ?2")},
      delete_xcoms_of_(db, "DELETE FROM xcom WHERE run_no = ?1 AND task_id = ?2 AND map_index = ?3"),
      delete_some_{Statement(db,
                             "DELETE FROM xcom WHERE run_no = ?1 AND (task_id, map_index, key) IN "
                             "(SELECT task_id, map_index, key FROM xcom WHERE run_no = ?1 LIMIT ?2)"),
                   Statement(db,
                             "DELETE FROM task_state_store WHERE run_no = ?1 AND (task_id, map_index, key) IN "
                             "(SELECT task_id, map_index, key FROM task_state_store WHERE run_no = ?1 LIMIT ?2)"),
                   Statement(db,
                             "DELETE FROM history WHERE run_no = ?1 AND batch_no IN "
                             "(SELECT batch_no FROM history WHERE run_no = ?1 LIMIT ?2)")},
      leave_to_sweep_(db, "REPLACE INTO deleted_run VALUES (?1, ?2, ?3, ?4)"),
      to_sweep_(db, "SELECT run_no, next_task_instance, end_task_instance, archive FROM deleted_run ORDER BY run_no LIMIT 1"),
      swept_to_(db, "UPDATE deleted_run SET next_task_instance = ?2 WHERE run_no = ?1"),
      swept_(db, "DELETE FROM deleted_run WHERE run_no = ?1"),
      outbox_(db, insert_sql<OutboxEntry>("REPLACE INTO")),
      outbox_done_(db, "DELETE FROM outbox WHERE no = ?1"),
      history_(db,
               "INSERT INTO history VALUES (?1, (SELECT ifnull(max(batch_no), 0) + 1 FROM history WHERE run_no = ?1), ?2, ?3)"),
      find_run_(db, "SELECT no FROM dag_run WHERE dag_id = ?1 AND run_id = ?2"),
      xcom_(db, "REPLACE INTO xcom(run_no, task_id, map_index, key, value, length) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"),
      delete_xcom_(db, "DELETE FROM xcom WHERE run_no = ?1 AND task_id = ?2 AND map_index = ?3 AND key = ?4"),
      rendered_(db, "REPLACE INTO rendered_task_instance_fields VALUES (?1, ?2)"),
      rendered_map_index_(db, "REPLACE INTO rendered_map_index VALUES (?1, ?2)"),
      note_(db, "REPLACE INTO note VALUES (?1, ?2, ?3)"),
      delete_note_(db, "DELETE FROM note WHERE run_no = ?1 AND task_instance_no = ?2"),
      connection_(db,
                  "REPLACE INTO connection(conn_id, conn_type, description, host, schema, login, password, port, is_encrypted, "
                  "is_extra_encrypted, extra) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"),
      delete_connection_(db, "DELETE FROM connection WHERE conn_id = ?1"),
      variable_(db, "REPLACE INTO variable(key, val, description, is_encrypted) VALUES (?1, ?2, ?3, 1)"),
      delete_variable_(db, "DELETE FROM variable WHERE key = ?1"),
      pool_(db, upsert_sql<PoolRecord>()),
      delete_pool_(db, "DELETE FROM slot_pool WHERE pool = ?1"),
      asset_(db, upsert_sql<AssetRecord>()),
      asset_alias_(db, upsert_sql<AssetAliasRecord>()),
      aliased_asset_(db, insert_sql<AliasedAsset>("REPLACE INTO")),
      asset_event_(db, insert_sql<AssetEvent>("REPLACE INTO")),
      asset_alias_event_(db, "REPLACE INTO asset_alias_event SELECT no, ?1 FROM asset_alias WHERE name = ?2"),
      queue_asset_(db, insert_sql<QueuedAsset>("REPLACE INTO")),
      unqueue_asset_(db, "DELETE FROM asset_queue WHERE dag_id = ?1 AND asset_no = ?2"),
      partitioned_run_(db, upsert_sql<PartitionedRun>()),
      partitioned_event_(db, insert_sql<PartitionedEvent>("REPLACE INTO")),
      delete_partitioned_run_(db, "DELETE FROM partitioned_run WHERE no = ?1"),
      delete_partitioned_events_(db, "DELETE FROM partitioned_event WHERE partitioned_run_no = ?1"),
      backfill_(db, upsert_sql<Backfill>()),
      backfill_dag_run_(db, insert_sql<BackfillDagRun>("REPLACE INTO")),
      import_error_(db, insert_sql<ImportError>("REPLACE INTO")),
      clear_import_error_(db, "DELETE FROM import_error WHERE filename = ?1"),
      event_log_(db, insert_sql<EventLog>("REPLACE INTO")),
      withdraw_event_log_(db, "DELETE FROM event_log WHERE no = ?1"),
      favorite_(db, "REPLACE INTO dag_favorite(user, dag_id) VALUES (?1, ?2)"),
      no_favorite_(db, "DELETE FROM dag_favorite WHERE user = ?1 AND dag_id = ?2"),
      revoked_token_(db, "REPLACE INTO revoked_token VALUES (?1, ?2)"),
      forget_tokens_(db, "DELETE FROM revoked_token WHERE until < ?1"),
      task_state_(db, "REPLACE INTO task_state_store VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"),
      delete_task_states_(db,
                          "DELETE FROM task_state_store WHERE run_no = ?1 AND task_id = ?2 AND (?3 IS NULL OR map_index = ?3) "
                          "AND (?4 IS NULL OR key = ?4)"),
      asset_state_(db, "REPLACE INTO asset_state_store VALUES (?1, ?2, ?3, ?4)"),
      delete_asset_states_(db, "DELETE FROM asset_state_store WHERE asset_no = ?1 AND (?2 IS NULL OR key = ?2)"),
      write_counters_(db, "UPDATE home SET next_run = ?1, next_task_instance = ?2, next_outbox = ?3, next_sequence = ?4"),
      worker_(db, "UPDATE home SET worker_id = ?1") {}

Result<void> BatchWriter::write(const Batch& batch) {
  if (batch.transitions.size() != batch.transition_runs.size()) {
    return fail(ErrorKind::internal, "a batch has transitions without their runs", db_.path());
  }
  next_ = counters_;
  // States before runs: what is deleted with its run, in the same batch, is not to be written after that.
  const bool decided = write_dags(batch) && write_assets(batch) && write_states(batch) && write_runs(batch) &&
                       write_outbox(batch) && write_history(batch);
  if (!decided) return std::unexpected(db_.error("writing a batch"));
  if (auto written = write_xcoms(batch); !written) return written;
  if (!write_secrets(batch) || !write_import_errors(batch) || !write_user_rows(batch) || !write_counters(batch)) {
    return std::unexpected(db_.error("writing a batch"));
  }
  return {};
}

bool BatchWriter::write_dags(const Batch& batch) {
  if (!std::ranges::all_of(batch.deleted_dags, [&](const DagDeletion& deletion) { return cleaner_.delete_dag(deletion); }))
    return false;
  for (const auto& dag : batch.dags) {
    const std::string serialized = to_json(dag->serialized);
    const bool written = dag_version_
                             .bind(dag->version_id, dag->dag_id, serialized, static_cast<std::int64_t>(dag->tasks.size()),
                                   dag->bundle, dag->relative_fileloc, dag->fileloc, dag->program, batch.now)
                             .run() &&
                         dag_.bind(dag->dag_id, dag->version_id).run();
    if (!written) return false;
  }
  for (const std::string& dag_id : batch.gone_dags) {
    if (!gone_dag_.bind(dag_id).run()) return false;
  }
  for (const PoolRecord& pool : batch.pools) {
    if (!write_row(pool_, pool)) return false;
  }
  for (const std::string& name : batch.deleted_pools) {
    if (!delete_pool_.bind(name).run()) return false;
  }
  return std::ranges::all_of(batch.dag_states, [&](const DagState& state) { return write_row(dag_state_, state); });
}

bool BatchWriter::write_assets(const Batch& batch) {
  const auto write_event = [&](const AssetEvent& row) {
    return write_row(asset_event_, row) &&
           (!row.source_aliases.is_array() || std::ranges::all_of(row.source_aliases.as_array(), [&](const Value& name) {
             return asset_alias_event_.bind(row.no, name.as_string()).run();
           }));
  };
  // What counts no more goes, with the events that this batch may have brought.
  const auto write_partition = [&](const PartitionedRun& row) {
    if (row.run >= 0) return write_row(partitioned_run_, row);
    return delete_partitioned_events_.bind(row.no).run() && delete_partitioned_run_.bind(row.no).run();
  };
  return std::ranges::all_of(batch.assets, [&](const AssetRecord& row) { return write_row(asset_, row); }) &&
         std::ranges::all_of(batch.asset_aliases, [&](const auto& row) { return write_row(asset_alias_, row); }) &&
         std::ranges::all_of(batch.aliased_assets, [&](const auto& row) { return write_row(aliased_asset_, row); }) &&
         std::ranges::all_of(batch.asset_events, write_event) &&
         std::ranges::all_of(batch.partitioned_events, [&](const auto& row) { return write_row(partitioned_event_, row); }) &&
         std::ranges::all_of(batch.partitioned_runs, write_partition) &&
         std::ranges::all_of(batch.queued_assets, [&](const QueuedAsset& row) { return write_row(queue_asset_, row); }) &&
         std::ranges::all_of(batch.unqueued_assets,
                             [&](const QueuedAsset& row) { return unqueue_asset_.bind(row.dag_id, row.asset).run(); });
}

void BatchWriter::reserve_numbers(const DagRun& run) {
  next_.next_run = std::max(next_.next_run, run.no + 1);
  // A new run owns the numbers of all its task instances, though they may be created in later batches.
  next_.next_task_instance = std::max(next_.next_task_instance, run.first_task_instance + run.task_instance_numbers);
}

bool BatchWriter::write_runs(const Batch& batch) {
  for (const DagRun& run : batch.runs) {
    if (!write_row(change_run_, run) || (sqlite3_changes(db_.handle()) == 0 && !write_row(run_, run))) return false;
    reserve_numbers(run);
  }
  const auto write_all = [](Statement& statement, const auto& rows) {
    return std::ranges::all_of(rows, [&](const auto& row) { return write_row(statement, row); });
  };
  if (!write_all(backfill_, batch.backfills) || !write_all(backfill_dag_run_, batch.backfill_dag_runs)) return false;
  for (const TaskInstance& ti : batch.task_instances) {
    if (!write_row(task_instance_, ti)) return false;
    next_.next_task_instance = std::max(next_.next_task_instance, ti.no + 1);
  }
  for (const TaskInstance& ti : batch.ended_tries) {
    if (!write_row(ended_try_, ti)) return false;
  }
  const std::string& archive = batch.cleaning.archive;
  return (archive.empty() || cleaner_.make_archive(archive)) &&
         std::ranges::all_of(batch.deleted_runs, [&](const DagRun& run) { return delete_run(run, archive); }) &&
         std::ranges::all_of(batch.deleted_task_instances, [&](const TaskInstance& ti) { return delete_task_instance(ti); }) &&
         sweep(batch.rows_to_sweep + (batch.deleted_runs.empty() ? 0 : rows_at_once)) && cleaner_.clean(batch.cleaning);
}

bool BatchWriter::delete_run(const DagRun& run, const std::string& archive) {
  if (!archive.empty() && !cleaner_.archive_run(archive, run.no)) return false;
  const TaskInstanceNo end = run.first_task_instance + run.created_task_instances;
  return std::ranges::all_of(delete_run_, [&](Statement& statement) { return statement.bind(run.no).run(); }) &&
         leave_to_sweep_.bind(run.no, run.first_task_instance, end, archive).run();
}

bool BatchWriter::delete_task_instance(const TaskInstance& ti) {
  return std::ranges::all_of(delete_task_instances_,
                             [&](Statement& statement) { return statement.bind(ti.no, ti.no + 1).run(); }) &&
         delete_xcoms_of_.bind(ti.run, ti.task_id, ti.map_index).run() && delete_note_.bind(ti.run, ti.no).run() &&
         delete_task_states_.bind(ti.run, ti.task_id, ti.map_index, std::optional<std::string>()).run();
}

// Of one run after the other.
bool BatchWriter::sweep(std::int32_t rows) {
  while (rows > 0) {
    RunNo run = 0;
    TaskInstanceNo next = 0, end = 0;
    std::string archive;
    const bool found = to_sweep_.bind().next();
    if (found) to_sweep_.row().read(run, next, end, archive);
    to_sweep_.reset();
    if (!found) return to_sweep_.ok();
    bool is_empty = next >= end;
    if (!is_empty) {
      const TaskInstanceNo until = std::min<TaskInstanceNo>(end, next + rows);
      if (!archive.empty() && !cleaner_.archive_task_instances(archive, next, until)) return false;
      for (Statement& statement : delete_task_instances_) {
        if (!statement.bind(next, until).run()) return false;
      }
      if (!swept_to_.bind(run, until).run()) return false;
      rows -= static_cast<std::int32_t>(until - next);
      is_empty = until == end;
    }
    for (Statement& statement : delete_some_) {
      if (!is_empty) break;
      const std::int32_t most = std::max(rows, 1);
      constexpr std::array<std::string_view, 3> tables{"xcom", "task_state_store", "history"};  // of delete_some_
      const std::string_view table = tables[static_cast<std::size_t>(&statement - delete_some_.data())];
      if (!archive.empty() && !cleaner_.archive_some(archive, table, run, most)) return false;
      if (!statement.bind(run, most).run()) return false;
      const int removed = sqlite3_changes(db_.handle());
      rows -= removed;
      is_empty = removed < most;
    }
    if (is_empty && !swept_.bind(run).run()) return false;
  }
  return true;
}

bool BatchWriter::write_outbox(const Batch& batch) {
  for (const OutboxEntry& entry : batch.outbox) {
    if (!write_row(outbox_, entry)) return false;
    next_.next_outbox = std::max(next_.next_outbox, entry.no + 1);
  }
  return std::ranges::all_of(batch.outbox_done, [&](std::int64_t no) { return outbox_done_.bind(no).run(); });
}

bool BatchWriter::write_history(const Batch& batch) {
  std::vector<std::size_t> order(batch.transitions.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(batch.transition_runs[i], i); });
  std::string record;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const RunNo run = batch.transition_runs[order[i]];
    append_transition(record, batch.transitions[order[i]]);
    if (i + 1 < order.size() && batch.transition_runs[order[i + 1]] == run) continue;
    close_record(record);
    if (!history_.bind(run, batch.now, record).run()) return false;
    record.clear();
  }
  return true;
}

Result<RunNo> BatchWriter::find_run(const XComKey& key) {
  RunNo run = 0;
  if (find_run_.bind(key.dag_id, key.run_id).next()) find_run_.row().read(run);
  find_run_.reset();
  if (!find_run_.ok()) return std::unexpected(db_.error("writing an XCom"));
  return run;
}

Result<void> BatchWriter::write_xcoms(const Batch& batch) {
  for (const XComWrite& xcom : batch.xcoms) {
    RunNo run = xcom.run;
    if (run == 0) {
      const auto found = find_run(xcom.key);
      if (!found) return std::unexpected(found.error());
      run = *found;
    }
    if (run == 0) {
      return fail(ErrorKind::not_found, "XCom '" + xcom.key.key + "' is of a run that does not exist",
                  "dag " + xcom.key.dag_id + ", run " + xcom.key.run_id + ", task " + xcom.key.task_id);
    }
    if (!xcom_.bind(run, xcom.key.task_id, xcom.key.map_index, xcom.key.key, xcom.value_json, xcom.length).run()) {
      return std::unexpected(db_.error("writing an XCom"));
    }
  }
  for (const XComKey& key : batch.deleted_xcoms) {
    const auto run = find_run(key);
    if (!run) return std::unexpected(run.error());
    if (!delete_xcom_.bind(*run, key.task_id, key.map_index, key.key).run()) {
      return std::unexpected(db_.error("deleting an XCom"));
    }
  }
  for (const RenderedFields& fields : batch.rendered) {
    if (!rendered_.bind(fields.task_instance, fields.json).run()) return std::unexpected(db_.error("writing rendered fields"));
  }
  for (const Note& note : batch.notes) {
    const bool written = note.content.empty() ? delete_note_.bind(note.run, note.task_instance).run()
                                              : note_.bind(note.run, note.task_instance, note.content).run();
    if (!written) return std::unexpected(db_.error("writing a note"));
  }
  for (const RenderedMapIndex& index : batch.rendered_map_indexes) {
    if (!rendered_map_index_.bind(index.task_instance, index.name).run())
      return std::unexpected(db_.error("writing a rendered map index"));
  }
  return {};
}

bool BatchWriter::write_connection(const Connection& c) {
  std::optional<std::string> password, extra;
  if (c.password) password = cipher_.encrypt(*c.password);
  if (c.extra) extra = cipher_.encrypt(*c.extra);
  return connection_
      .bind(c.conn_id, c.conn_type, c.description, c.host, c.schema, c.login, password, c.port, password.has_value(),
            extra.has_value(), extra)
      .run();
}

bool BatchWriter::write_secrets(const Batch& batch) {
  for (const Connection& connection : batch.connections) {
    if (!write_connection(connection)) return false;
  }
  for (const std::string& conn_id : batch.deleted_connections) {
    if (!delete_connection_.bind(conn_id).run()) return false;
  }
  for (const VariableRow& variable : batch.variables) {
    const std::string value = cipher_.encrypt(variable.value);
    if (!variable_.bind(variable.key, value, variable.description).run()) return false;
  }
  return std::ranges::all_of(batch.deleted_variables, [&](const auto& key) { return delete_variable_.bind(key).run(); });
}

bool BatchWriter::write_import_errors(const Batch& batch) {
  for (const ImportError& error : batch.import_errors) {
    if (!write_row(import_error_, error)) return false;
  }
  return std::ranges::all_of(batch.cleared_import_errors,
                             [&](const std::string& filename) { return clear_import_error_.bind(filename).run(); });
}

bool BatchWriter::write_user_rows(const Batch& batch) {
  return std::ranges::all_of(batch.event_logs, [&](const EventLog& row) { return write_row(event_log_, row); }) &&
         std::ranges::all_of(batch.withdrawn_event_logs, [&](std::int64_t no) { return withdraw_event_log_.bind(no).run(); }) &&
         std::ranges::all_of(batch.favorites,
                             [&](const DagFavorite& row) {
                               return (row.is_one ? favorite_ : no_favorite_).bind(row.user, row.dag_id).run();
                             }) &&
         std::ranges::all_of(batch.revoked_tokens,
                             [&](const RevokedToken& token) { return revoked_token_.bind(token.id, token.until).run(); }) &&
         (batch.revoked_tokens.empty() || forget_tokens_.bind(batch.now).run());
}

bool BatchWriter::write_states(const Batch& batch) {
  const auto of_task = [&](const TaskStateChange& change) {
    const TaskStateKey& of = change.of;
    if (const auto& state = change.written)
      return task_state_
          .bind(of.run, of.task_id, of.map_index, state->key, state->value_json, state->updated_at, state->expires_at)
          .run();
    const auto map_index = change.of_all_map_indexes ? std::nullopt : std::optional(of.map_index);
    return delete_task_states_.bind(of.run, of.task_id, map_index, change.removed).run();
  };
  const auto of_asset = [&](const AssetStateChange& change) {
    if (const auto& state = change.written)
      return asset_state_.bind(change.asset, state->key, state->value_json, state->updated_at).run();
    return delete_asset_states_.bind(change.asset, change.removed).run();
  };
  return std::ranges::all_of(batch.task_states, of_task) && std::ranges::all_of(batch.asset_states, of_asset);
}

bool BatchWriter::write_counters(const Batch& batch) {
  if (batch.worker_id && !worker_.bind(*batch.worker_id).run()) return false;
  if (batch.next_sequence) next_.next_sequence = std::max(next_.next_sequence, *batch.next_sequence);
  if (next_ == counters_) return true;
  return write_counters_.bind(next_.next_run, next_.next_task_instance, next_.next_outbox, next_.next_sequence).run();
}

}  // namespace venturi::store
