#include "venturi/hooks/redshift.h"

#include "sdk/hook_access.h"

namespace venturi::inline sdk {
namespace {

constexpr const char* primary_key_sql =
    "SELECT kcu.column_name FROM information_schema.table_constraints tco JOIN information_schema.key_column_usage kcu "
    "ON kcu.constraint_name = tco.constraint_name AND kcu.constraint_schema = tco.constraint_schema "
    "WHERE tco.constraint_type = 'PRIMARY KEY' AND kcu.table_schema = ";

void add_aws(Object& arguments, const AwsOptions& options) {
  internal::add_text(arguments, "region_name", options.region_name);
  if (!options.verify.is_null()) arguments.set("verify", options.verify);
}

// Amazon's list of parameters.
Array named_parameters(const Object& parameters) {
  Array list;
  for (const auto& [name, value] : parameters) list.push_back(Object{{"name", name}, {"value", value}});
  return list;
}

}  // namespace

// ---- the Data API -----------------------------------------------------------------------------------------------------------

Object RedshiftDataHook::target() const {
  Object arguments{{"poll_interval", options_.poll_interval}};
  internal::add_text(arguments, "database", options_.database);
  internal::add_text(arguments, "cluster_identifier", options_.cluster_identifier);
  internal::add_text(arguments, "workgroup_name", options_.workgroup_name);
  internal::add_text(arguments, "db_user", options_.db_user);
  internal::add_text(arguments, "secret_arn", options_.secret_arn);
  return arguments;
}

Value RedshiftDataHook::call(std::string_view method, Object arguments) const {
  add_aws(arguments, options_.aws);
  return internal::call_hook(context_, "RedshiftDataHook", "redshift_data", method, conn_id_, std::move(arguments));
}

detail::ResultCall RedshiftDataHook::result_call(std::string method, Object arguments) const {
  Object connection;
  add_aws(connection, options_.aws);
  return {.context = context_,
          .hook_class = "RedshiftDataHook",
          .hook = "redshift_data",
          .conn_id = conn_id_,
          .method = std::move(method),
          .arguments = std::move(arguments),
          .connection = std::move(connection)};
}

detail::ResultCall RedshiftDataHook::query_call(std::string_view sql, const Object& parameters) const {
  Object arguments = target();
  arguments.set("sql", sql);
  arguments.set("parameters", named_parameters(parameters));
  return result_call("query", std::move(arguments));
}

RedshiftStatement RedshiftDataHook::execute(Value sql, const RedshiftQueryOptions& options) const {
  Object arguments = target();
  if (!options.session_id.empty()) {  // which knows where it is
    for (const char* name : {"cluster_identifier", "workgroup_name", "database", "db_user"}) arguments.erase(name);
    arguments.set("session_id", options.session_id);
  }
  arguments.set("sql", std::move(sql));
  arguments.set("parameters", named_parameters(options.parameters));
  internal::add_text(arguments, "statement_name", options.statement_name);
  if (options.with_event) arguments.set("with_event", true);
  if (!options.wait_for_completion) arguments.set("wait_for_completion", false);
  if (options.session_keep_alive_seconds != 0) arguments.set("session_keep_alive_seconds", options.session_keep_alive_seconds);
  internal::add_text(arguments, "client_token", options.client_token);
  const Value answer = call("execute", std::move(arguments));
  RedshiftStatement statement{.id = answer.get_string("id"),
                              .session_id = answer.get_string("session_id"),
                              .rows = answer.get_int("rows", -1),
                              .statements = {}};
  if (const Value* parts = answer.get("statements")) {
    for (const Value& part : parts->as_array()) statement.statements.push_back(part.as_string());
  }
  return statement;
}

RedshiftStatement RedshiftDataHook::execute_query(std::string_view sql, const RedshiftQueryOptions& options) const {
  return execute(Value(sql), options);
}

RedshiftStatement RedshiftDataHook::execute_query(const std::vector<std::string>& sql,
                                                  const RedshiftQueryOptions& options) const {
  return execute(Value(Array(sql.begin(), sql.end())), options);
}

Value RedshiftDataHook::describe(std::string_view id) const {
  return call("describe", {{"id", id}});
}

bool RedshiftDataHook::check_query_is_finished(std::string_view id) const {
  const Value described = describe(id);
  const std::string status = described.get_string("Status");
  if (status == "FAILED" || status == "ABORTED") {
    throw HookError("Redshift Data API: statement " + std::string(id) + " is " + status + ": " + described.get_string("Error"),
                    Object{{"status", status}});
  }
  return status == "FINISHED";
}

void RedshiftDataHook::cancel(std::string_view id) const {
  (void)call("cancel", {{"id", id}});
}

std::vector<std::string> RedshiftDataHook::get_table_primary_key(std::string_view table, std::string_view schema) const {
  return query<std::string>(std::string(primary_key_sql) + ":schema AND kcu.table_name = :table ORDER BY kcu.ordinal_position",
                            {{"schema", schema}, {"table", table}});
}

// ---- PostgreSQL's protocol --------------------------------------------------------------------------------------------------

std::vector<std::string> RedshiftSQLHook::get_table_primary_key(std::string_view table, std::string_view schema) const {
  return query<std::string>(std::string(primary_key_sql) + "$1 AND kcu.table_name = $2 ORDER BY kcu.ordinal_position", schema,
                            table);
}

// ---- clusters ---------------------------------------------------------------------------------------------------------------

Value RedshiftHook::call(std::string_view method, Object arguments) const {
  add_aws(arguments, options_);
  return internal::call_hook(context_, "RedshiftHook", "redshift", method, conn_id_, std::move(arguments));
}

void RedshiftHook::request(std::string_view action, Object form) const {
  (void)call("request", {{"action", action}, {"form", std::move(form)}});
}

std::string RedshiftHook::cluster_status(std::string_view cluster_identifier) const {
  return call("cluster", {{"cluster_identifier", cluster_identifier}}).get_string("status");
}

std::optional<RedshiftCluster> RedshiftHook::describe_cluster(std::string_view cluster_identifier) const {
  const Value found = call("cluster", {{"cluster_identifier", cluster_identifier}});
  if (found.get("node_type") == nullptr) return std::nullopt;
  return RedshiftCluster{.status = found.get_string("status"),
                         .node_type = found.get_string("node_type"),
                         .master_username = found.get_string("master_username"),
                         .address = found.get_string("address"),
                         .port = static_cast<int>(found.get_int("port"))};
}

void RedshiftHook::create_cluster(std::string_view cluster_identifier, std::string_view node_type,
                                  std::string_view master_username, std::string_view master_user_password,
                                  const Object& params) const {
  Object form{{"ClusterIdentifier", cluster_identifier},
              {"NodeType", node_type},
              {"MasterUsername", master_username},
              {"MasterUserPassword", master_user_password}};
  for (const auto& [name, value] : params) form.set(name, value);
  request("CreateCluster", std::move(form));
}

void RedshiftHook::delete_cluster(std::string_view cluster_identifier, bool skip_final_cluster_snapshot,
                                  std::string_view final_cluster_snapshot_identifier) const {
  Object form{{"ClusterIdentifier", cluster_identifier}, {"SkipFinalClusterSnapshot", skip_final_cluster_snapshot}};
  if (!final_cluster_snapshot_identifier.empty()) form.set("FinalClusterSnapshotIdentifier", final_cluster_snapshot_identifier);
  request("DeleteCluster", std::move(form));
}

void RedshiftHook::pause_cluster(std::string_view cluster_identifier) const {
  request("PauseCluster", {{"ClusterIdentifier", cluster_identifier}});
}

void RedshiftHook::resume_cluster(std::string_view cluster_identifier) const {
  request("ResumeCluster", {{"ClusterIdentifier", cluster_identifier}});
}

void RedshiftHook::create_cluster_snapshot(std::string_view snapshot_identifier, std::string_view cluster_identifier,
                                           std::int64_t retention_period) const {
  request("CreateClusterSnapshot", {{"SnapshotIdentifier", snapshot_identifier},
                                    {"ClusterIdentifier", cluster_identifier},
                                    {"ManualSnapshotRetentionPeriod", retention_period}});
}

void RedshiftHook::delete_cluster_snapshot(std::string_view snapshot_identifier) const {
  request("DeleteClusterSnapshot", {{"SnapshotIdentifier", snapshot_identifier}});
}

void RedshiftHook::restore_from_cluster_snapshot(std::string_view cluster_identifier,
                                                 std::string_view snapshot_identifier) const {
  request("RestoreFromClusterSnapshot",
          {{"ClusterIdentifier", cluster_identifier}, {"SnapshotIdentifier", snapshot_identifier}});
}

std::string RedshiftHook::get_cluster_snapshot_status(std::string_view snapshot_identifier) const {
  return call("snapshot", {{"snapshot_identifier", snapshot_identifier}}).get_string("status");
}

}  // namespace venturi::inline sdk
