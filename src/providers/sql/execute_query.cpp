// SQLExecuteQueryOperator.
//
//   sql           a text, or a list of statements
//   parameters    a list for $1 and %s, an object for %(name)s (providers/postgres/sql_parameters.h); the same for each
//   statement autocommit    false: all in one transaction. true: each by itself handler       fetch_all_handler (default),
//   fetch_one_handler, none; "fetch_all" and "fetch_one" mean the same split_statements, return_last,
//   show_return_value_in_logs, requires_result_fetch   as in Airflow
//
// The XCom, as in Airflow: the result of a text (of its last statement), or a list of results for a list of statements, and for
// a text that is split where return_last is false. A result is a list of rows, each a list; with fetch_one_handler one row or
// null; null for a statement that returns no rows.
#include <optional>

#include <fmt/format.h>

#include "operators/outcome.h"
#include "providers/postgres/sql_split.h"
#include "providers/sql/sql.h"
#include "providers/sql/sql_try.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailedForGood;

struct Statements {
  std::vector<std::string> list;
  bool single_result = true;  // not a list of results
};

Statements statements_of(const Arguments& arguments) {
  const Value& sql = *arguments.find("sql");
  Statements statements;
  if (sql.is_string()) {
    const bool split = arguments.boolean("split_statements", false);
    statements.single_result = arguments.boolean("return_last", true) || !split;
    if (split)
      statements.list = split_statements(sql.as_string());
    else if (!split_statements(sql.as_string()).empty())
      statements.list.push_back(sql.as_string());
  } else if (sql.is_array()) {
    statements.single_result = false;
    for (const Value& statement : sql.as_array()) {
      if (!statement.is_string()) {
        throw TaskFailedForGood(fmt::format("the argument sql must be a string or a list of strings: sql[{}] is of the type {}",
                                            statements.list.size(), statement.type_name()));
      }
      statements.list.push_back(statement.as_string());
    }
  } else {
    throw TaskFailedForGood(fmt::format("the argument sql must be a string or a list of strings, not {}", sql.type_name()));
  }
  if (statements.list.empty()) throw TaskFailedForGood("the argument sql has no statement in it");
  return statements;
}

Fetch handler_of(const Arguments& arguments) {
  const std::string name = arguments.string("handler", "fetch_all_handler");
  if (name == "fetch_all_handler" || name == "fetch_all") return Fetch::all;
  if (name == "fetch_one_handler" || name == "fetch_one") return Fetch::one;
  if (name == "none") return Fetch::none;
  throw TaskFailedForGood(
      fmt::format("the argument handler must be fetch_all_handler, fetch_one_handler or none, not '{}'", name));
}

Value result_value(SqlResult result, Fetch fetch) {
  if (!result.has_rows || fetch == Fetch::none) return {};
  if (fetch == Fetch::all) return std::move(result.rows);
  return result.rows.empty() ? Value() : std::move(result.rows.front());
}

}  // namespace

asio::awaitable<Value> run_execute_query(OperatorTry& t, Arguments arguments) {
  const Statements statements = statements_of(arguments);
  const bool pushes = t.op.get_bool("do_xcom_push", true), autocommit = arguments.boolean("autocommit", false);
  const bool fetches = pushes || arguments.boolean("requires_result_fetch", false);
  const Fetch handler = handler_of(arguments), fetch = fetches ? handler : Fetch::none;
  const SessionPtr session = co_await open_session(t, arguments);
  std::optional<ResultMemory> memory;
  Array results;
  for (const std::string& sql : statements.list) {
    if (!autocommit && !session->in_transaction()) co_await session->execute("BEGIN");
    t.log.info("Executing: " + sql);
    if (statements.single_result) results.clear();
    const std::string statement = statement_of(*session, sql, arguments);
    if (!memory || statements.single_result) memory.emplace(t.memory);
    SqlResult result = co_await session->run(statement, fetch, *memory);
    if (result.affected >= 0) t.log.info(fmt::format("Rows affected: {}", result.affected));
    results.push_back(result_value(std::move(result), fetch));
  }
  if (!autocommit && session->in_transaction()) co_await session->execute("COMMIT");
  if (!pushes) co_return Value();
  Value output = statements.single_result ? std::move(results.back()) : Value(std::move(results));
  if (arguments.boolean("show_return_value_in_logs", false)) t.log.info("Operator output is: " + to_json(output));
  co_return output;
}

}  // namespace venturi::providers
