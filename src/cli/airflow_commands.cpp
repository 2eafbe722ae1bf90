#include "cli/airflow_commands.h"

namespace venturi::cli {

const std::vector<LeftOut>& commands_left_out() {
  static const std::vector<LeftOut> table{
      {"dags list-jobs", "there is one server, and `jobs check` tells whether it answers"},
      {"partitions clear", "the partition of a run says what it is for, and stays; `dags clear --partition-key` runs it again"},
      {"teams create", "a home has one team: whoever owns it"},
      {"teams delete", "as `teams create`"},
      {"teams list", "as `teams create`"},
      {"teams sync", "as `teams create`"},
      {"db downgrade", "a migration is not taken back: `db restore` of a backup"},
      {"kerberos", "nothing here takes a ticket"},
      {"api-server", "part of `standalone` and `server`"},
      {"scheduler", "part of `standalone` and `server`"},
      {"triggerer", "what waits, waits in the operator host of the worker: `standalone`, `worker`"},
      {"dag-processor", "part of `standalone` and `server`"},
      {"connections create-default-connections", "connections that point nowhere help nobody: `connections add`"},
      {"providers links", "there are no extra links"},
      {"providers triggers", "triggers belong to their operators: docs/operators.md"},
      {"providers behaviours", "the fields of a form are those of its type: `providers widgets`"},
      {"providers logging", "logs are files of the home"},
      {"providers secrets", "connections and variables are in the home, or in the environment"},
      {"providers executors", "tasks run on this machine"},
      {"providers queues", "as `providers executors`"},
      {"providers configs", "all keys are in docs/reference/configuration.md: `config list`"},
      {"providers lazy-loaded", "nothing is loaded: providers are compiled in"},
      {"providers auth-managers", "there is one, which keeps users and their roles in the home: `users create`"},
      {"state-store clean", "tasks keep no state but XComs, which go with their run"},
      {"config update", "`config import` reads an airflow.cfg, of Airflow 2 too"},
      {"plugins", "operators and timetables of one's own are code of the DAG; `plugins list` shows what else there is"},
      {"db-manager reset", "there are no databases beside the home's"},
      {"db-manager migrate", "as `db-manager reset`"},
      {"db-manager downgrade", "as `db-manager reset`"},
  };
  return table;
}

}  // namespace venturi::cli
