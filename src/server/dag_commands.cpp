// What is done with a DAG as a whole, besides its runs.
#include <utility>

#include "server/commands.h"

namespace venturi::server {
namespace {

// What the writer takes in a few milliseconds: runs, whose rows are swept later, and then what else there is of the DAG.
constexpr int runs_in_a_batch = 50;
constexpr std::int64_t rows_in_a_batch = 500;

}  // namespace

void Commands::reparse(const Value& command, const OnResult& on_result) {
  if (!surroundings_.reparse)
    return on_result(fail(ErrorKind::unavailable, "no server runs: DAG files are read when one starts", "",
                          "start one: venturi standalone"));
  surroundings_.reparse(command.at("file").as_string());
  done(on_result);
}

void Commands::set_favorite(const Value& command, const OnResult& on_result) {
  store::DagFavorite row{command.at("user").as_string(), command.at("dag_id").as_string(), command.get_bool("is_one", true)};
  scheduler_.writes().favorites.push_back(std::move(row));
  done(on_result);
}

// As Airflow's: what the DAG has done is gone; where its file is still there, so is the DAG, without a past.
void Commands::delete_dag(const Value& command, const OnResult& on_result) {
  const std::string dag_id = command.at("dag_id").as_string();
  const auto dag = scheduler_.engine().find_dag(dag_id);
  if (!dag) {
    const auto versions = reader_.dag_versions(dag_id);
    if (!versions) return on_result(std::unexpected(versions.error()));
    if (versions->empty())
      return on_result(fail(ErrorKind::not_found, "there is no DAG " + dag_id, "", "see: venturi dags list"));
  }
  for (const RunState state : {RunState::running, RunState::queued}) {
    const auto active = reader_.runs({.dag_id = dag_id, .state = state, .limit = 1});
    if (!active) return on_result(std::unexpected(active.error()));
    if (!active->empty())
      return on_result(fail(ErrorKind::conflict, "run " + active->front().run_id + " is not over", "dag " + dag_id,
                            "wait for it, or mark it failed first"));
  }
  scheduler_.step(engine::DagGone{dag_id});  // no further run begins
  delete_runs_of(dag_id, [this, dag_id, dag, on_result](Result<Value> result) {
    const auto end = [this, dag_id, dag, on_result](Result<Value> how) {
      const bool is_seen = scheduler_.engine().find_dag(dag_id) != nullptr;  // its file was read meanwhile
      if (dag && !is_seen && surroundings_.see_again) surroundings_.see_again(dag);
      if (!how) return on_result(std::move(how));
      done(on_result);
    };
    if (!result) return end(std::move(result));
    scheduler_.command(engine::DeleteDag{.command = 0, .dag_id = dag_id}, [end](const engine::Answer& answer) {
      if (answer.error) return end(std::unexpected(*answer.error));
      end(Value());
    });
  });
}

// ... and then what there may be much of besides.
void Commands::delete_runs_of(const std::string& dag_id, const OnResult& on_result) {
  scheduler_.when_durable([this, dag_id, on_result] {
    // Rows of runs that went before go first: otherwise their number could grow without end.
    const auto left = reader_.has_rows_to_sweep();
    if (!left) return on_result(std::unexpected(left.error()));
    if (*left) {
      deleted_runs_.sweep_some();
      return delete_runs_of(dag_id, on_result);
    }
    const auto runs = reader_.runs({.dag_id = dag_id, .limit = runs_in_a_batch});
    if (!runs) return on_result(std::unexpected(runs.error()));
    if (runs->empty()) {
      const auto has_many = reader_.has_many_rows_of(dag_id);
      if (!has_many) return on_result(std::unexpected(has_many.error()));
      if (!*has_many) return on_result(Value(Object{{"type", "CommandResult"}}));
      scheduler_.writes().deleted_dags.push_back({.dag_id = dag_id, .rows = rows_in_a_batch});
      return delete_runs_of(dag_id, on_result);
    }
    for (const DagRun& run : *runs) {
      if (auto may_go = deleted_runs_.check(run); !may_go) return on_result(std::unexpected(std::move(may_go.error())));
      if (auto removed = deleted_runs_.remove(run); !removed) return on_result(std::unexpected(std::move(removed.error())));
    }
    delete_runs_of(dag_id, on_result);
  });
}

}  // namespace venturi::server
