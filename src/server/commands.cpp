#include "server/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/edit_distance.h"
#include "model/connection.h"
#include "server/execute_task.h"
#include "server/trigger_run.h"

namespace venturi::server {
namespace {

constexpr std::array kinds{std::pair{ErrorKind::invalid, "invalid"},   std::pair{ErrorKind::not_found, "not_found"},
                           std::pair{ErrorKind::conflict, "conflict"}, std::pair{ErrorKind::unavailable, "unavailable"},
                           std::pair{ErrorKind::denied, "denied"},     std::pair{ErrorKind::exhausted, "exhausted"},
                           std::pair{ErrorKind::corrupt, "corrupt"},   std::pair{ErrorKind::internal, "internal"}};

// Airflow's rule for conn_id (models/connection.py, RE_SANITIZE_CONN_ID).
bool is_valid_conn_id(std::string_view id) {
  return !id.empty() && id.size() <= 200 && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_#!()-.:/\\").find(c) != std::string_view::npos;
  });
}

std::optional<Time> time_member(const Value& command, std::string_view key) {
  const Value* text = command.get(key);
  return text == nullptr ? std::nullopt : parse_time(text->as_string());
}

}  // namespace

Value error_value(const Error& error) {
  const auto* kind = std::ranges::find(kinds, error.kind, [](const auto& k) { return k.first; });
  return Object{
      {"type", "CommandError"}, {"kind", kind->second}, {"what", error.what}, {"where", error.where}, {"hint", error.hint}};
}

Error error_from(const Value& value) {
  const std::string word = value.get_string("kind");
  const auto* kind = std::ranges::find_if(kinds, [&](const auto& k) { return word == k.second; });
  return {kind == kinds.end() ? ErrorKind::internal : kind->first, value.get_string("what"), value.get_string("where"),
          value.get_string("hint")};
}

Commands::Handler Commands::find(std::string_view name) {
  struct Entry {
    std::string_view name;
    Handler handler;
  };
  static constexpr std::array table{Entry{"dags trigger", &Commands::trigger},
                                    Entry{"dags pause", &Commands::pause},
                                    Entry{"dags unpause", &Commands::unpause},
                                    Entry{"dags stop", &Commands::stop},
                                    Entry{"tasks clear", &Commands::clear},
                                    Entry{"tasks set-state", &Commands::set_task_state},
                                    Entry{"dags set-state", &Commands::set_run_state},
                                    Entry{"dags forget-partition", &Commands::forget_partition},
                                    Entry{"dags delete-run", &Commands::delete_run},
                                    Entry{"tasks delete", &Commands::delete_task_instance},
                                    Entry{"notes set", &Commands::set_note},
                                    Entry{"connections add", &Commands::add_connections},
                                    Entry{"connections delete", &Commands::delete_connection},
                                    Entry{"connections test", &Commands::test_connection},
                                    Entry{"variables set", &Commands::set_variables},
                                    Entry{"variables delete", &Commands::delete_variable},
                                    Entry{"pools set", &Commands::set_pool},
                                    Entry{"pools delete", &Commands::delete_pool},
                                    Entry{"assets make-event", &Commands::make_asset_event},
                                    Entry{"assets clear-queue", &Commands::clear_asset_queue},
                                    Entry{"backfill create", &Commands::create_backfill},
                                    Entry{"backfill pause", &Commands::pause_backfill},
                                    Entry{"backfill unpause", &Commands::unpause_backfill},
                                    Entry{"backfill cancel", &Commands::cancel_backfill},
                                    Entry{"pools use", &Commands::pool_use},
                                    Entry{"tasks failed-deps", &Commands::failed_deps},
                                    Entry{"xcoms set", &Commands::set_xcom},
                                    Entry{"xcoms delete", &Commands::delete_xcom},
                                    Entry{"dags delete", &Commands::delete_dag},
                                    Entry{"dags reparse", &Commands::reparse},
                                    Entry{"dags favorite", &Commands::set_favorite},
                                    Entry{"tokens revoke", &Commands::revoke_tokens},
                                    Entry{"users create", &Commands::tell_of_user},
                                    Entry{"users delete", &Commands::tell_of_user},
                                    Entry{"users reset-password", &Commands::tell_of_user},
                                    Entry{"task-states set", &Commands::store_task_state},
                                    Entry{"task-states delete", &Commands::delete_task_states},
                                    Entry{"asset-states set", &Commands::store_asset_state},
                                    Entry{"asset-states delete", &Commands::delete_asset_states},
                                    Entry{"ping", &Commands::ping}};
  const auto* found = std::ranges::find(table, name, &Entry::name);
  return found == table.end() ? nullptr : found->handler;
}

void Commands::run(const Value& command, const OnResult& on_result) {
  const Handler handler = find(command.get_string("command"));
  const auto other = others_.find(command.get_string("command"));
  if (handler == nullptr && other == others_.end()) {
    return on_result(fail(ErrorKind::invalid, "this server does not know the command '" + command.get_string("command") + "'",
                          "", "use a client of the same version: " VENTURI_VERSION));
  }
  OnResult answer = on_result;  // of a refused command it takes back what the event log says of it
  try {
    auto audited = with_audit(command, on_result);
    if (!audited) return on_result(std::unexpected(std::move(audited.error())));
    answer = std::move(*audited);
    if (handler == nullptr) return other->second(command, answer);
    (this->*handler)(command, with_note(command, answer));
  } catch (const ValueError& e) {
    answer(fail(ErrorKind::invalid, std::string("the command is not complete: ") + e.what()));
  }
}

void Commands::dags_changed() {
  for (const Waiting& w : std::exchange(waiting_, {})) run(w.command, w.on_result);
}

void Commands::done(const OnResult& on_result) {
  scheduler_.when_durable([on_result] { on_result(Value(Object{{"type", "CommandResult"}})); });
}

bool Commands::need_dag(const Value& command, const OnResult& on_result) {
  const std::string dag_id = command.at("dag_id").as_string();
  if (scheduler_.engine().find_dag(dag_id)) return true;
  if (surroundings_.may_come && surroundings_.may_come()) {
    Value again = command;
    again.as_object().erase("audit");  // its row is there already
    waiting_.push_back({std::move(again), on_result});
    return false;
  }
  std::vector<std::string> ids;
  for (const auto& dag : scheduler_.engine().dags()) ids.push_back(dag->dag_id);
  std::string hint = "see: venturi dags list";
  if (const std::string near = nearest(dag_id, ids); !near.empty()) hint = "did you mean " + near + "?";
  on_result(fail(ErrorKind::not_found, "there is no DAG " + dag_id, "", hint));
  return false;
}

// ---- DAGs ----------------------------------------------------------------------------------------------------------------

void Commands::trigger(const Value& command, const OnResult& on_result) {
  if (!need_dag(command, on_result)) return;
  engine::TriggerRun event;
  event.dag_id = command.at("dag_id").as_string();
  if (const Value* run_id = command.get("run_id")) event.run_id = run_id->as_string();
  event.logical_date = time_member(command, "logical_date");
  event.data_interval_start = time_member(command, "data_interval_start");
  event.data_interval_end = time_member(command, "data_interval_end");
  event.run_after = time_member(command, "run_after");
  event.logical_date_is_null = !event.logical_date;
  if (const Value* key = command.get("partition_key"); key != nullptr && key->is_string())
    event.partition_key = key->as_string();
  if (const Value* conf = command.get("conf")) event.conf = *conf;
  event.user = command.get_string("user");
  if (command.get_string("run_type") == to_string(RunType::asset_materialization))
    event.run_type = RunType::asset_materialization;
  trigger_run(scheduler_, reader_, std::move(event), [this, on_result](Result<DagRun> run) {
    if (!run) return on_result(std::unexpected(std::move(run.error())));
    on_result(Value(Object{{"type", "CommandResult"}, {"run", dag_run_value(*run)}, {"warnings", warnings(run->dag_id)}}));
  });
}

void Commands::pause(const Value& command, const OnResult& on_result) {
  set_paused(command, true, on_result);
}
void Commands::unpause(const Value& command, const OnResult& on_result) {
  set_paused(command, false, on_result);
}

void Commands::set_paused(const Value& command, bool paused, const OnResult& on_result) {
  if (!need_dag(command, on_result)) return;
  engine::SetPaused event;
  event.dag_id = command.at("dag_id").as_string();
  event.is_paused = paused;
  const std::string dag_id = event.dag_id;
  scheduler_.command(std::move(event), [this, paused, dag_id, on_result](const engine::Answer& answer) {
    if (answer.error) return on_result(std::unexpected(*answer.error));
    on_result(Value(Object{{"type", "CommandResult"}, {"warnings", paused ? Array{} : warnings(dag_id)}}));
  });
}

void Commands::stop(const Value& command, const OnResult& on_result) {
  engine::StopRun event;
  event.dag_id = command.at("dag_id").as_string();
  event.run_id = command.at("run_id").as_string();
  event.why = "marked failed" + (command.get_string("user").empty() ? "" : " by " + command.get_string("user"));
  scheduler_.command(std::move(event), [on_result](const engine::Answer& answer) {
    if (answer.error) return on_result(std::unexpected(*answer.error));
    on_result(Value(Object{{"type", "CommandResult"}, {"run", answer.run ? dag_run_value(*answer.run) : Value()}}));
  });
}

void Commands::delete_run(const Value& command, const OnResult& on_result) {
  const std::string dag_id = command.at("dag_id").as_string(), run_id = command.at("run_id").as_string();
  const std::string where = "dag " + dag_id + ", run " + run_id;
  const auto stored = reader_.run(dag_id, run_id);
  if (!stored) return on_result(std::unexpected(stored.error()));
  if (!*stored)
    return on_result(fail(ErrorKind::not_found, "there is no such run", where, "see: venturi dags list-runs " + dag_id));
  const DagRun& run = **stored;
  if (auto may = deleted_runs_.check(run); !may) return on_result(std::unexpected(std::move(may.error())));
  if (auto removed = deleted_runs_.remove(run); !removed) return on_result(std::unexpected(std::move(removed.error())));
  done(on_result);
}

void Commands::delete_task_instance(const Value& command, const OnResult& on_result) {
  const std::string dag_id = command.at("dag_id").as_string(), run_id = command.at("run_id").as_string(),
                    task_id = command.at("task_id").as_string(), where = "dag " + dag_id + ", run " + run_id;
  const auto run = reader_.run(dag_id, run_id);
  if (!run) return on_result(std::unexpected(run.error()));
  if (!*run)
    return on_result(fail(ErrorKind::not_found, "there is no such run", where, "see: venturi dags list-runs " + dag_id));
  const auto ti = reader_.task_instance((*run)->no, task_id, static_cast<std::int32_t>(command.get_int("map_index", -1)));
  if (!ti) return on_result(std::unexpected(ti.error()));
  if (!*ti) return on_result(fail(ErrorKind::not_found, "the run has no such task instance", where + ", task " + task_id));
  if (auto may = deleted_runs_.check(**run); !may) return on_result(std::unexpected(std::move(may.error())));
  if (auto removed = deleted_runs_.remove(**run, **ti); !removed) return on_result(std::unexpected(std::move(removed.error())));
  done(on_result);
}

// ---- connections and variables -------------------------------------------------------------------------------------------

void Commands::add_connections(const Value& command, const OnResult& on_result) {
  std::vector<Connection> connections;
  for (const Value& item : command.at("connections").as_array()) {
    const std::string conn_id = item.at("conn_id").as_string();
    if (!is_valid_conn_id(conn_id)) {
      return on_result(fail(ErrorKind::invalid, "the connection id '" + conn_id + "' is not allowed", "",
                            "use at most 200 letters, digits and _ # ! ( ) - . : / \\"));
    }
    if (!command.get_bool("replace")) {
      const auto stored = reader_.connection(conn_id);
      if (!stored) return on_result(std::unexpected(stored.error()));
      if (*stored) {
        return on_result(fail(ErrorKind::conflict, "there is a connection " + conn_id + " already", "",
                              "delete it first: venturi connections delete " + conn_id));
      }
    }
    auto connection = parse_connection(conn_id, to_json(item));
    if (!connection) return on_result(std::unexpected(std::move(connection.error())));
    connections.push_back(std::move(*connection));
  }
  auto& rows = scheduler_.writes().connections;
  std::ranges::move(connections, std::back_inserter(rows));
  done(on_result);
}

void Commands::delete_connection(const Value& command, const OnResult& on_result) {
  const std::string conn_id = command.at("conn_id").as_string();
  const auto stored = reader_.connection(conn_id);
  if (!stored) return on_result(std::unexpected(stored.error()));
  if (!*stored)
    return on_result(fail(ErrorKind::not_found, "there is no connection " + conn_id, "", "see: venturi connections list"));
  scheduler_.writes().deleted_connections.push_back(conn_id);
  done(on_result);
}

void Commands::test_connection(const Value& command, const OnResult& on_result) {
  if (!surroundings_.test_connection)
    return on_result(
        fail(ErrorKind::unavailable, "no server runs that could test a connection", "", "start one: venturi standalone"));
  surroundings_.test_connection(command.at("connection"), on_result);
}

void Commands::set_variables(const Value& command, const OnResult& on_result) {
  std::vector<store::VariableRow> variables;
  for (const Value& item : command.at("variables").as_array()) {
    store::VariableRow row{item.at("key").as_string(), item.at("value").as_string(), item.get_string("description")};
    if (row.key.empty() || row.key.size() > 250) {
      return on_result(fail(ErrorKind::invalid, "a variable's key has 1 to 250 bytes", "variable '" + row.key + "'"));
    }
    if (!command.get_bool("replace", true)) {
      const auto stored = reader_.variable(row.key);
      if (!stored) return on_result(std::unexpected(stored.error()));
      if (*stored) return on_result(fail(ErrorKind::conflict, "there is a variable " + row.key + " already"));
    }
    variables.push_back(std::move(row));
  }
  auto& rows = scheduler_.writes().variables;
  std::ranges::move(variables, std::back_inserter(rows));
  done(on_result);
}

void Commands::delete_variable(const Value& command, const OnResult& on_result) {
  const std::string key = command.at("key").as_string();
  const auto stored = reader_.variable(key);
  if (!stored) return on_result(std::unexpected(stored.error()));
  if (!*stored) return on_result(fail(ErrorKind::not_found, "there is no variable " + key, "", "see: venturi variables list"));
  scheduler_.writes().deleted_variables.push_back(key);
  done(on_result);
}

void Commands::ping(const Value&, const OnResult& on_result) {
  on_result(Value(Object{{"type", "CommandResult"}, {"version", VENTURI_VERSION}}));
}

}  // namespace venturi::server
