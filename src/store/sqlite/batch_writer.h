// Writes the rows of a batch, inside a transaction of the caller's.
#pragma once

#include <array>
#include <string>

#include "store/sqlite/cleaner.h"
#include "store/sqlite/database.h"
#include "store/store.h"

namespace venturi::store {

// The row `home`: numbers that are counted up for ever.
struct Counters {
  std::uint64_t epoch = 0;
  RunNo next_run = 1;
  TaskInstanceNo next_task_instance = 1;
  std::int64_t next_outbox = 1;
  std::uint64_t next_sequence = 1;
  friend bool operator==(const Counters&, const Counters&) = default;
};
[[nodiscard]] Result<Counters> read_counters(const Database& db);

class BatchWriter {
 public:
  BatchWriter(const Database& db, const Cipher& cipher, Counters counters);

  // After an error the caller rolls back; after a success it commits and calls committed().
  [[nodiscard]] Result<void> write(const Batch& batch);
  void committed() { counters_ = next_; }

 private:
  // Each false after a failed statement.
  [[nodiscard]] bool write_dags(const Batch& batch);
  [[nodiscard]] bool write_assets(const Batch& batch);
  [[nodiscard]] bool write_runs(const Batch& batch);
  [[nodiscard]] bool delete_run(const DagRun& run, const std::string& archive);
  [[nodiscard]] bool delete_task_instance(const TaskInstance& ti);
  [[nodiscard]] bool sweep(std::int32_t rows);
  [[nodiscard]] bool write_outbox(const Batch& batch);
  [[nodiscard]] bool write_history(const Batch& batch);
  [[nodiscard]] Result<void> write_xcoms(const Batch& batch);
  [[nodiscard]] bool write_connection(const Connection& connection);
  [[nodiscard]] bool write_secrets(const Batch& batch);
  [[nodiscard]] bool write_import_errors(const Batch& batch);
  [[nodiscard]] bool write_user_rows(const Batch& batch);
  [[nodiscard]] bool write_states(const Batch& batch);
  [[nodiscard]] bool write_counters(const Batch& batch);
  void reserve_numbers(const DagRun& run);
  // 0: there is no such run.
  [[nodiscard]] Result<RunNo> find_run(const XComKey& key);

  const Database& db_;
  const Cipher& cipher_;
  Counters counters_, next_;  // as committed; as of the batch being written

  Cleaner cleaner_;
  Statement dag_version_, dag_, gone_dag_, dag_state_;
  Statement run_, change_run_, task_instance_, ended_try_;
  std::array<Statement, 6> delete_run_;
  std::array<Statement, 4> delete_task_instances_;
  Statement delete_xcoms_of_;
  std::array<Statement, 3> delete_some_;  // of a run's XComs, state stores and history
  Statement leave_to_sweep_, to_sweep_, swept_to_, swept_;
  Statement outbox_, outbox_done_, history_;
  Statement find_run_, xcom_, delete_xcom_, rendered_, rendered_map_index_, note_, delete_note_;
  Statement connection_, delete_connection_, variable_, delete_variable_;
  Statement pool_, delete_pool_;
  Statement asset_, asset_alias_, aliased_asset_, asset_event_, asset_alias_event_, queue_asset_, unqueue_asset_,
      partitioned_run_, partitioned_event_, delete_partitioned_run_, delete_partitioned_events_;
  Statement backfill_, backfill_dag_run_;
  Statement import_error_, clear_import_error_;
  Statement event_log_, withdraw_event_log_, favorite_, no_favorite_, revoked_token_, forget_tokens_;
  Statement task_state_, delete_task_states_, asset_state_, delete_asset_states_;
  Statement write_counters_, worker_;
};

}  // namespace venturi::store
