#include "providers/postgres/pg_parameters.h"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

#include <fmt/format.h>

#include "operators/outcome.h"
#include "operators/task_messages.h"

namespace venturi::providers {
namespace {

using operators::TaskFailed;
using operators::TaskFailedForGood;

// Types of connections behind which PostgreSQL's protocol is spoken. One without a type is taken at its word.
constexpr std::array<std::string_view, 10> conn_types = {"",          "postgres",    "postgresql", "redshift", "cockroachdb",
                                                         "greenplum", "timescaledb", "yugabytedb", "alloydb",  "generic"};

// Of Airflow's own (its PostgresHook takes them out, too), and what is fixed below.
constexpr std::array<std::string_view, 19> not_for_libpq = {"iam",
                                                            "redshift",
                                                            "redshift-serverless",
                                                            "cursor",
                                                            "cluster-identifier",
                                                            "workgroup-name",
                                                            "cluster_identifier",
                                                            "is_serverless",
                                                            "serverless_work_group",
                                                            "serverless_token_duration_seconds",
                                                            "db_user",
                                                            "aws_conn_id",
                                                            "azure_conn_id",
                                                            "session_duration",
                                                            "sqlalchemy_scheme",
                                                            "sqlalchemy_query",
                                                            "enable_log_db_messages",
                                                            "client_encoding",
                                                            "connect_timeout"};

bool libpq_knows(std::string_view keyword) {
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> all(::PQconndefaults(), ::PQconninfoFree);
  for (const PQconninfoOption* option = all.get(); option != nullptr && option->keyword != nullptr; ++option) {
    if (keyword == option->keyword) return true;
  }
  return false;
}

std::string text_of(const Value& value) {
  return value.is_string() ? value.as_string() : to_json(value);
}

std::chrono::seconds timeout_of(const Connection& connection, const std::string& text) {
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds < 0) {
    throw TaskFailed(fmt::format("connection {}, extra: connect_timeout must be a number of seconds", connection.conn_id));
  }
  return std::chrono::seconds(seconds);
}

}  // namespace

const std::string* PgParameters::find(std::string_view keyword) const {
  const auto found = std::ranges::find(keywords, keyword, &std::pair<std::string, std::string>::first);
  return found == keywords.end() ? nullptr : &found->second;
}

void PgParameters::set(std::string_view keyword, std::string value) {
  const auto found = std::ranges::find(keywords, keyword, &std::pair<std::string, std::string>::first);
  if (found == keywords.end())
    keywords.emplace_back(keyword, std::move(value));
  else
    found->second = std::move(value);
}

PgOptions pg_options(const operators::Arguments& arguments, operators::TryLog& log, std::string_view hook_params) {
  PgOptions options;
  options.database = arguments.string("database");
  const Value* given = arguments.find(hook_params);
  if (given == nullptr) return options;
  for (const auto& [name, value] : given->as_object()) {
    if (name == "options") {
      if (!value.is_string()) throw TaskFailedForGood(fmt::format("{}: options must be a string", hook_params));
      options.options = value.as_string();
    } else if (name == "enable_log_db_messages") {
      if (!value.is_bool())
        throw TaskFailedForGood(fmt::format("{}: enable_log_db_messages must be true or false", hook_params));
      options.log_notices = value.as_bool();
    } else {
      log.warning(fmt::format("{}: {} means nothing here and is left out", hook_params, name));
    }
  }
  return options;
}

PgParameters pg_parameters(const Connection& connection, operators::TryLog& log, const PgOptions& options) {
  if (std::ranges::find(conn_types, connection.conn_type) == conn_types.end()) {
    throw TaskFailedForGood(fmt::format(
        "the connection {} is of the type {}: this operator speaks PostgreSQL's protocol, so it takes one of the type postgres",
        connection.conn_id, connection.conn_type));
  }
  PgParameters parameters;
  parameters.log_notices = options.log_notices;
  const std::string host = connection.host.value_or("");
  const std::string database = options.database.empty() ? connection.schema.value_or("") : options.database;
  const bool is_redshift = connection.conn_type == "redshift";
  const std::string port = connection.port ? std::to_string(*connection.port) : is_redshift ? "5439" : "5432";
  const std::string user = connection.login.value_or("");
  const auto add = [&](std::string keyword, std::string value) {
    parameters.keywords.emplace_back(std::move(keyword), std::move(value));
  };
  if (!host.empty()) add("host", host);
  add("port", port);
  if (!database.empty()) add("dbname", database);
  if (!user.empty()) add("user", user);
  if (connection.password) add("password", *connection.password);
  for (const auto& [keyword, value] : operators::extra_of(connection)) {
    if (is_redshift && keyword == "iam" && value == Value(true)) {
      throw TaskFailedForGood(fmt::format(
          "the connection {} has iam: only S3ToRedshiftOperator, RedshiftToS3Operator and RedshiftSQLHook ask Amazon for its "
          "password; RedshiftDataOperator needs none",
          connection.conn_id));
    }
    if (keyword == "connect_timeout" && !value.is_null()) parameters.connect_timeout = timeout_of(connection, text_of(value));
    if (std::ranges::find(not_for_libpq, keyword) != not_for_libpq.end() || value.is_null()) continue;
    if (!libpq_knows(keyword)) {
      log.warning(fmt::format("connection {}, extra: {} means nothing to libpq and is left out", connection.conn_id, keyword));
      continue;
    }
    add(keyword, text_of(value));
  }
  if (!options.options.empty()) parameters.set("options", options.options);
  add("client_encoding", "UTF8");
  add("fallback_application_name", "venturi");
  if (parameters.find("gssencmode") == nullptr) add("gssencmode", "disable");  // else libpq loads Kerberos to ask for a ticket
  parameters.where = fmt::format(
      "{} at {}:{}{}{} (connection {})", is_redshift ? "Redshift" : "PostgreSQL", host.empty() ? "the local socket" : host,
      port, database.empty() ? "" : ", database " + database, user.empty() ? "" : ", as " + user, connection.conn_id);
  return parameters;
}

}  // namespace venturi::providers
