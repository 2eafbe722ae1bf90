// S3ToRedshiftOperator and RedshiftToS3Operator: COPY and UNLOAD, over PostgreSQL's protocol (redshift_conn_id is a connection
// of type redshift) or the Data API (redshift_data_api_kwargs is given, and redshift_conn_id is one of type aws).
//
// What a method has of statements is one transaction. Errors of the server's repeat statements, with the credentials for S3 in
// them: those, and pieces of them, are masked.
#include <algorithm>
#include <cctype>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "operators/task_messages.h"
#include "providers/amazon/aws_try.h"
#include "providers/amazon/redshift.h"
#include "providers/amazon/redshift_api.h"
#include "providers/amazon/redshift_data.h"
#include "providers/amazon/redshift_sql.h"
#include "providers/postgres/pg_parameters.h"
#include "providers/sql/sql_try.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;

// ---- where the statements run -----------------------------------------------------------------------------------------------

// One of the two.
struct Way {
  SessionPtr session;
  std::unique_ptr<const Arguments> data_api;  // redshift_data_arguments()
  std::string conn_id;                        // of the Data API
};

asio::awaitable<Way> way_of(OperatorTry& t, Arguments arguments) {
  Way way;
  const std::string conn_id = arguments.string("redshift_conn_id", "redshift_default");
  const Value* kwargs = arguments.find("redshift_data_api_kwargs");
  if (kwargs != nullptr && !kwargs->as_object().empty()) {
    for (const auto& [name, value] : kwargs->as_object()) {
      if (std::ranges::find(redshift_data_arguments(), name, &operators::Argument::name) == redshift_data_arguments().end())
        throw TaskFailedForGood(fmt::format("Cannot include param '{}' in Redshift Data API kwargs", name));
    }
    way.data_api = std::make_unique<const Arguments>(redshift_data_arguments(), *kwargs);
    way.data_api->check();
    way.conn_id = conn_id;
    co_return way;
  }
  Connection connection = co_await with_iam_login(t, co_await t.host.connection(conn_id));
  way.session = co_await PgSession::open(pg_parameters(connection, t.log), t.log);
  t.log.info(fmt::format("connected to {}", way.session->where()));
  co_return way;
}

// What the first column of its rows has.
asio::awaitable<std::vector<std::string>> first_column(OperatorTry& t, Way& way, std::string sql) {
  std::vector<std::string> texts;
  if (way.session) {
    ResultMemory memory(t.memory);
    const SqlResult result = co_await way.session->run(std::move(sql), Fetch::all, memory);
    for (const Value& row : result.rows) texts.push_back(row.as_array().at(0).as_string());
    co_return texts;
  }
  RedshiftQuery query = redshift_query(std::move(sql), *way.data_api);
  query.waits = true;
  query.role = "keys";
  RedshiftData data(t, AwsSource{.conn_id = way.conn_id});
  const Value description = co_await data.run(std::move(query));
  const Value result = co_await data.result(description.get_string("Id"));
  for (const Value& row : result.at("Records").as_array()) texts.push_back(row.as_array().at(0).get_string("stringValue"));
  co_return texts;
}

// The error, with what it repeats of the secrets masked.
[[noreturn]] void rethrow_masked(const std::exception_ptr& failed, const std::vector<std::string>& secrets) {
  try {
    std::rethrow_exception(failed);
  } catch (const TaskFailedForGood&) {
    throw;
  } catch (const TaskFailed& e) {
    throw TaskFailed(without_fragments(e.what(), secrets));
  }
}

struct Work {
  std::vector<std::string> statements;
  std::vector<std::string> secrets;  // in them
  bool autocommit = false;           // of one statement alone
  Array parameters = {};             // of the Data API
};

asio::awaitable<void> run_in_session(OperatorTry& t, SessionPtr session, Work work) {
  const bool is_transaction = !work.autocommit || work.statements.size() > 1;
  std::exception_ptr failed;
  try {
    if (is_transaction) co_await session->execute("BEGIN");
    for (const std::string& sql : work.statements) {
      t.log.info("Running statement: " + without_fragments(sql, work.secrets));
      co_await session->execute(sql);
    }
    if (is_transaction) co_await session->execute("COMMIT");
  } catch (const TaskFailed&) {
    failed = std::current_exception();
  }
  if (failed) rethrow_masked(failed, work.secrets);
}

asio::awaitable<void> run_by_data_api(OperatorTry& t, Way& way, Work work) {
  Value sql(work.statements.front());
  if (work.statements.size() > 1) sql = Value(Array(work.statements.begin(), work.statements.end()));
  for (const std::string& statement : work.statements)
    t.log.info("Running statement: " + without_fragments(statement, work.secrets));
  RedshiftQuery query = redshift_query(std::move(sql), *way.data_api);
  if (!work.parameters.empty()) query.target.set("Parameters", std::move(work.parameters));
  query.secrets = std::move(work.secrets);
  RedshiftData data(t, AwsSource{.conn_id = way.conn_id});
  (void)co_await data.run(std::move(query));
  data.forget_statement();
}

asio::awaitable<void> run(OperatorTry& t, Way& way, Work work) {
  if (way.session)
    co_await run_in_session(t, way.session, std::move(work));
  else
    co_await run_by_data_api(t, way, std::move(work));
}

// ---- how Redshift gets at S3 ------------------------------------------------------------------------------------------------

struct Access {
  std::string credentials;
  std::string region;  // extra's; empty: nothing is said of it
  std::vector<std::string> secrets;
};

// As Airflow: the role of a connection that was named is Redshift's to take on, and otherwise it gets keys.
asio::awaitable<Access> access_of(OperatorTry& t, Arguments arguments, bool is_named) {
  AwsSource source = aws_source(arguments);
  Access access;
  if (source.conn_id && is_named) {
    const Value extra(operators::extra_of(co_await t.host.connection(*source.conn_id)));
    access.region = extra.get_string("region");
    if (const std::string role = extra.get_string("role_arn"); !role.empty()) {
      access.credentials = credentials_clause_of_role(role);
      co_return access;
    }
  }
  const AwsSettings settings = co_await settings_of_try(t, std::move(source));
  access.credentials = credentials_clause(settings.credentials);
  access.secrets.push_back(settings.credentials.secret_access_key);
  if (!settings.credentials.session_token.empty()) access.secrets.push_back(settings.credentials.session_token);
  co_return access;
}

// A list is not split at commas: options have some.
std::vector<std::string> texts_of(const Arguments& arguments, std::string_view name) {
  std::vector<std::string> texts;
  const Value* given = arguments.find(name);
  if (given == nullptr) return texts;
  for (const Value& text : given->as_array()) {
    if (!text.is_string()) throw TaskFailedForGood(fmt::format("the argument {} must be a list of strings", name));
    texts.push_back(text.as_string());
  }
  return texts;
}

CopyMethod method_of(const Arguments& arguments) {
  const std::string name = arguments.string("method", "APPEND");
  if (name == "APPEND") return CopyMethod::append;
  if (name == "REPLACE") return CopyMethod::replace;
  if (name == "UPSERT") return CopyMethod::upsert;
  throw TaskFailedForGood(fmt::format("the argument method must be APPEND, REPLACE or UPSERT, not {}", name));
}

RedshiftTable table_of(const Arguments& arguments) {
  return {.schema = arguments.string("schema"), .table = arguments.string("table")};
}

bool has_header_option(const std::vector<std::string>& options) {
  return std::ranges::any_of(options, [](const std::string& option) {
    std::string word;
    for (const unsigned char c : option) {
      if (std::isspace(c) == 0) word += static_cast<char>(std::toupper(c));
    }
    return word == "HEADER";
  });
}

UnloadStatement unload_of(const Arguments& arguments) {
  UnloadStatement unload{.query = arguments.string("select_query"),
                         .bucket = arguments.string("s3_bucket"),
                         .key = arguments.string("s3_key"),
                         .credentials = {},
                         .options = texts_of(arguments, "unload_options")};
  const RedshiftTable table = table_of(arguments);
  if (!table.table.empty() && arguments.boolean("table_as_file_name", true)) unload.key += "/" + table.table + "_";
  if (unload.query.empty() && table.table.empty())
    throw TaskFailedForGood("Please specify either a table or `select_query` to fetch the data.");
  if (unload.query.empty()) unload.query = "SELECT * FROM " + table.text();
  if (arguments.boolean("include_header", false) && !has_header_option(unload.options)) unload.options.emplace_back("HEADER");
  return unload;
}

}  // namespace

asio::awaitable<Value> run_s3_to_redshift(OperatorTry& t, Arguments arguments) {
  const CopyMethod method = method_of(arguments);
  CopyStatement copy{.table = table_of(arguments),
                     .columns = texts_of(arguments, "column_list"),
                     .bucket = arguments.string("s3_bucket"),
                     .key = arguments.string("s3_key"),
                     .credentials = {},
                     .options = texts_of(arguments, "copy_options")};
  std::vector<std::string> keys = texts_of(arguments, "upsert_keys");
  Access access = co_await access_of(t, arguments, arguments.has("aws_conn_id"));
  copy.credentials = std::move(access.credentials);
  copy.region = std::move(access.region);
  Way way = co_await way_of(t, arguments);
  if (method == CopyMethod::upsert && keys.empty()) {
    keys = co_await first_column(t, way, primary_key_query(copy.table));
    if (keys.empty())
      throw TaskFailedForGood(fmt::format("No primary key on {}. Please provide keys on 'upsert_keys'", copy.table.text()));
  }
  t.log.info("Executing COPY command...");
  Work work{.statements = copy_statements(copy, method, keys),
            .secrets = std::move(access.secrets),
            .autocommit = arguments.boolean("autocommit", false)};
  co_await run(t, way, std::move(work));
  t.log.info("COPY command complete...");
  co_return Value();
}

asio::awaitable<Value> run_redshift_to_s3(OperatorTry& t, Arguments arguments) {
  UnloadStatement unload = unload_of(arguments);
  Access access = co_await access_of(t, arguments, true);
  unload.credentials = std::move(access.credentials);
  Way way = co_await way_of(t, arguments);
  Work work{.statements = {}, .secrets = std::move(access.secrets), .autocommit = arguments.boolean("autocommit", false)};
  if (way.session)
    unload.query = statement_of(*way.session, unload.query, arguments);
  else if (const Value* parameters = arguments.find("parameters"))
    work.parameters = redshift_parameters(*parameters);
  work.statements.push_back(unload_statement(unload));
  t.log.info("Executing UNLOAD command...");
  co_await run(t, way, std::move(work));
  t.log.info("UNLOAD command complete...");
  co_return Value();
}

}  // namespace venturi::providers
