// What clients on the home's socket ask to be changed, in the words of the command line. The same code runs in a server and,
// where there is none, in the command's own process (command_client.h).
//
//   request   {"type": "Command", "command": "dags trigger", ...}       answer   {"type": "CommandResult", ...}
//                                                                       error    {"kind", "what", "where", "hint"}
//   command              members                                        result
//   dags trigger         dag_id, run_id?, logical_date? (without it the run has none), data_interval_start?,
//                        data_interval_end?, run_after?, partition_key?, conf?, run_type?, user
//                                                                        run: Airflow's DagRun; warnings
//   dags pause|unpause   dag_id                                          warnings: [text], of what will wait
//   dags stop            dag_id, run_id                                  (marks the run failed)
//   dags set-state       dag_id, run_id, state, user                     run
//   dags forget-partition dag_id, run_id                                 run
//   tasks clear          dag_id, run_id, tasks?: [{task_id, map_index?}], upstream?, downstream?, future?, past?, only_failed?,
//                        only_running?, dry_run?, run_on_latest_version?, user,
//                        wants_rows?                                     run, task_instances: [{dag_id, run_id, task_id,
//                                                                        map_index, state}] as they were, also of other DAGs
//                                                                        (clear_across.h), of each run the first 10,000;
//                                                                        changed: how many; the run begins anew.
//                                                                        wants_rows false: neither is told, and the answer
//                                                                        comes when it is sure that all will be cleared
//   tasks set-state      dag_id, run_id, tasks, state, upstream?, downstream?, future?, past?, dry_run?, user
//                                                                        as tasks clear
//   notes set            dag_id, run_id, note: text or null, task_id?, map_index?   (of the run, or of task instances of it)
//   dags delete-run      dag_id, run_id                                  (with its files and logs)
//   tasks delete         dag_id, run_id, task_id, map_index             (one of a run that ended, with what is kept of it)
//   connections add      connections: [Airflow's JSON with conn_id], replace: bool
//   connections delete   conn_id
//   connections test     connection: Airflow's JSON with conn_id                status: bool, message
//   variables set        variables: [{key, value, description}], replace: bool
//   variables delete     key
//   pools set            pool, slots (-1: no limit), description, include_deferred
//   pools delete         pool
//   pools use                                                            pools: [{pool, slots, description, include_deferred,
//                                                                        occupied, running, queued, scheduled, deferred}]
//   backfill create      dag_id, from_date, to_date, dag_run_conf?, run_backwards?, reprocess_behavior?, max_active_runs?,
//                        user, dry_run?                                  backfill: Airflow's BackfillResponse; dry_run:
//                                                                        logical_dates: those that would run
//   backfill pause|unpause|cancel   backfill_id                          backfill
//   tasks failed-deps    dag_id, run_id, task_id, map_index              dependencies: [{name, reason}]
//   assets make-event    asset (its number), extra?, partition_key?
//   assets clear-queue   dag_id, asset?
//   xcoms set            dag_id, run_id, task_id, map_index, key, value, replace: bool
//   xcoms delete         dag_id, run_id, task_id, map_index, key
//   dags delete          dag_id                                          (all its runs, with their files and logs, and what
//                                                                        else is kept of it; its file stays)
//   tokens revoke        tokens: [{id, until}]                           (of the API: refused until then)
//   users create|delete|reset-password   username, role?                (told by who does it: the event log has it then)
//   task-states set      dag_id, run_id, task_id, map_index, key, value, keeps_expiry: bool, expires_at?
//   task-states delete   dag_id, run_id, task_id, map_index, all_map_indices?: bool, key?
//   asset-states set     asset (its number), key, value
//   asset-states delete  asset, key?
//   dags reparse         file, relative to the DAGs folder; ""           (the folder is looked through for what is new)
//   dags favorite        dag_id, user, is_one: bool
//   ping                                                                version
//
// `audit`: {event, owner, extra?} beside any of them makes a row of the event logs, which is as durable as the change; what is
// refused leaves none.
//
// `note` beside the members of dags trigger and dags set-state writes about the run, beside those of tasks clear and set-state
// about the task instances that change, or with `note_of_run` about the run.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "server/deleted_runs.h"
#include "server/scheduler.h"
#include "store/store.h"
#include "venturi/value.h"

namespace venturi::server {

using OnResult = std::function<void(Result<Value>)>;

class Commands {
 public:
  // What a running server has and a command without one has not.
  struct Surroundings {
    std::function<bool()> may_come = {};  // a DAG that is not known yet may still be found; asked for those who name one
    std::function<void(const std::string& file)> reparse = {};              // a file is to be looked at anew; "": the folder
    std::function<void(const std::shared_ptr<const Dag>&)> see_again = {};  // a DAG that was deleted, whose file is there
    std::function<void(const Value& connection, OnResult)> test_connection = {};
  };
  // All outlive this.
  Commands(Scheduler& scheduler, store::Reader& reader, DeletedRuns& deleted_runs, Surroundings surroundings)
      : scheduler_(scheduler), reader_(reader), deleted_runs_(deleted_runs), surroundings_(std::move(surroundings)) {}

  // `on_result` is called once; what it tells is durable.
  void run(const Value& command, const OnResult& on_result);
  // A command that this class does not know itself, which its owner carries out.
  void add(const std::string& name, std::function<void(const Value&, const OnResult&)> handler) {
    others_.emplace(name, std::move(handler));
  }
  // Another DAG is known, or no further will come: commands that waited for theirs go on.
  void dags_changed();

 private:
  using Handler = void (Commands::*)(const Value&, const OnResult&);
  static Handler find(std::string_view name);

  void trigger(const Value& command, const OnResult& on_result);
  void pause(const Value& command, const OnResult& on_result);
  void unpause(const Value& command, const OnResult& on_result);
  void set_paused(const Value& command, bool paused, const OnResult& on_result);
  void stop(const Value& command, const OnResult& on_result);
  // change_commands.cpp
  void clear(const Value& command, const OnResult& on_result);
  void set_task_state(const Value& command, const OnResult& on_result);
  void set_run_state(const Value& command, const OnResult& on_result);
  void forget_partition(const Value& command, const OnResult& on_result);
  void delete_run(const Value& command, const OnResult& on_result);
  void delete_task_instance(const Value& command, const OnResult& on_result);
  // note_commands.cpp
  void set_note(const Value& command, const OnResult& on_result);
  [[nodiscard]] OnResult with_note(const Value& command, OnResult on_result);
  void add_connections(const Value& command, const OnResult& on_result);
  void delete_connection(const Value& command, const OnResult& on_result);
  void test_connection(const Value& command, const OnResult& on_result);
  void set_variables(const Value& command, const OnResult& on_result);
  void delete_variable(const Value& command, const OnResult& on_result);
  void ping(const Value& command, const OnResult& on_result);
  // dag_commands.cpp
  void delete_dag(const Value& command, const OnResult& on_result);
  void delete_runs_of(const std::string& dag_id, const OnResult& on_result);
  void reparse(const Value& command, const OnResult& on_result);
  void set_favorite(const Value& command, const OnResult& on_result);
  // xcom_commands.cpp
  void set_xcom(const Value& command, const OnResult& on_result);
  void delete_xcom(const Value& command, const OnResult& on_result);
  // audit.cpp
  [[nodiscard]] Result<OnResult> with_audit(const Value& command, const OnResult& on_result);
  // user_commands.cpp
  void revoke_tokens(const Value& command, const OnResult& on_result);
  void tell_of_user(const Value& command, const OnResult& on_result);
  // state_commands.cpp
  void store_task_state(const Value& command, const OnResult& on_result);
  void delete_task_states(const Value& command, const OnResult& on_result);
  void store_asset_state(const Value& command, const OnResult& on_result);
  void delete_asset_states(const Value& command, const OnResult& on_result);
  // asset_commands.cpp
  void make_asset_event(const Value& command, const OnResult& on_result);
  void clear_asset_queue(const Value& command, const OnResult& on_result);
  // pool_commands.cpp
  void set_pool(const Value& command, const OnResult& on_result);
  void delete_pool(const Value& command, const OnResult& on_result);
  void pool_use(const Value& command, const OnResult& on_result);
  void failed_deps(const Value& command, const OnResult& on_result);
  // backfill_commands.cpp
  void create_backfill(const Value& command, const OnResult& on_result);
  struct DryRun {
    Backfill asked;
    std::vector<Time> dates;
    std::size_t next;
    Array to_run;
  };
  void tell_dates_to_run(const std::shared_ptr<DryRun>& of, const OnResult& on_result);
  void pause_backfill(const Value& command, const OnResult& on_result);
  void unpause_backfill(const Value& command, const OnResult& on_result);
  void cancel_backfill(const Value& command, const OnResult& on_result);
  void change_backfill(const Value& command, engine::ChangeBackfill::To to, const OnResult& on_result);
  [[nodiscard]] Array warnings(const std::string& dag_id) const;

  // True when the DAG is known; otherwise the command waits, or is refused.
  bool need_dag(const Value& command, const OnResult& on_result);
  void done(const OnResult& on_result);

  struct Waiting {
    Value command;
    OnResult on_result;
  };
  Scheduler& scheduler_;
  store::Reader& reader_;
  DeletedRuns& deleted_runs_;
  Surroundings surroundings_;
  std::vector<Waiting> waiting_;
  std::int64_t last_event_log_ = -1;  // -1: not read yet
  std::map<std::string, std::function<void(const Value&, const OnResult&)>, std::less<>> others_;
};

// The two forms of an answer's error.
[[nodiscard]] Value error_value(const Error& error);
[[nodiscard]] Error error_from(const Value& value);

}  // namespace venturi::server
