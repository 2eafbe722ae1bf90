// PostgreSQL, and what else speaks its protocol.
#include "operators/registry.h"
#include "operators/stop_signal.h"
#include "operators/try_log.h"
#include "providers/postgres/mover_sql.h"
#include "providers/postgres/postgres.h"
#include "providers/postgres/postgres_hook.h"

namespace venturi::providers {

operators::ConnectionTest test_postgres(const Connection& connection) {
  const operators::StopSignal stop;
  operators::TryLog log(Fd(), connection_secrets(connection));
  PgConnection server(pg_parameters(connection, log), stop, log);
  (void)server.execute("SELECT 1");
  return {true, std::string(operators::connection_is_good)};
}

void register_postgres(operators::Registry& registry) {
  registry.add(catalog::ProviderInfo{"postgres", "PostgreSQL: queries and COPY, to files and from them", "providers/sql.md"});
  using operators::ArgumentType;
  using operators::templated;
  registry.add(operators::ConnectionType{
      .info = {.conn_type = "postgres",
               .label = "PostgreSQL",
               .hook = "PostgresHook",
               .default_conn_id = "postgres_default",
               .fields = {{"host", "Host"},
                          {"port", "Port", "5432", ArgumentType::integer},
                          {"schema", "Database"},
                          {"login", "Login"},
                          {"password", "Password", "", ArgumentType::string, true},
                          {"sslmode", "SSL mode", "disable, prefer, require, verify-ca or verify-full"},
                          {"sslrootcert", "SSL root certificate", "path of a PEM file on the worker's machine"},
                          {"connect_timeout", "Connect timeout", "seconds", ArgumentType::integer},
                          {"options", "Options", "of the session: -c statement_timeout=60s"}}},
      .test = test_postgres});
  registry.add(operators::HookEntry{"postgres", call_postgres});
  using operators::OperatorEntry;
  registry.add(OperatorEntry{.task_type = "PostgresToFileOperator",
                             .arguments = with_pg_arguments({templated({"sql", ArgumentType::string, true}),
                                                             templated({"parameters", ArgumentType::any}),
                                                             {"columns", ArgumentType::list},
                                                             {"file_name", ArgumentType::string},
                                                             {"file", ArgumentType::string}}),
                             .template_ext = {".sql"},
                             .move = move_from_postgres});
  registry.add(OperatorEntry{.task_type = "PostgresToCsvOperator",
                             .arguments = with_pg_arguments({templated({"sql", ArgumentType::string, true}),
                                                             templated({"parameters", ArgumentType::any}),
                                                             operators::templated_path({"path", ArgumentType::string, true}),
                                                             {"delimiter", ArgumentType::string},
                                                             {"header", ArgumentType::boolean},
                                                             {"null_text", ArgumentType::string},
                                                             {"encoding", ArgumentType::string},
                                                             {"compression", ArgumentType::string}}),
                             .template_ext = {".sql"},
                             .move = move_postgres_to_csv});
  registry.add(OperatorEntry{.task_type = "FileToPostgresOperator",
                             .arguments = with_pg_arguments({{"file", ArgumentType::object},
                                                             templated({"path", ArgumentType::string}),
                                                             templated({"table", ArgumentType::string, true}),
                                                             {"columns", ArgumentType::list},
                                                             {"column_mapping", ArgumentType::object},
                                                             {"mode", ArgumentType::string},
                                                             {"key", ArgumentType::string_list},
                                                             {"unreadable", ArgumentType::string},
                                                             {"delimiter", ArgumentType::string},
                                                             {"header", ArgumentType::boolean},
                                                             {"encoding", ArgumentType::string},
                                                             {"source_compression", ArgumentType::string}}),
                             .move = move_file_to_postgres});
}

}  // namespace venturi::providers
