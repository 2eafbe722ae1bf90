// BranchSQLOperator: the first value of a query (a boolean, an integer, or a word such as "yes" and "off") says with which
// tasks directly below the run goes on.
#include <fmt/format.h>

#include "operators/branch.h"
#include "operators/outcome.h"
#include "providers/sql/python_text.h"
#include "providers/sql/sql.h"
#include "providers/sql/sql_try.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailed;

bool choice_of(const Value& value) {
  if (value.is_bool()) return value.as_bool();
  if (value.is_int()) return value.as_int() != 0;
  if (value.is_string()) {
    if (const auto word = boolean_in(value.as_string())) return *word;
  }
  throw TaskFailed(
      fmt::format("Unexpected query return result '{}' type '{}': it must be a boolean, an integer, or one of y, yes, t, true, "
                  "on, 1, n, no, f, false, off, 0",
                  python_str(value), value.type_name()));
}

}  // namespace

asio::awaitable<Value> run_branch_sql(OperatorTry& t, Arguments arguments) {
  const SessionPtr session = co_await open_session(t, arguments);
  const std::string sql = arguments.string("sql");
  t.log.info("Executing: " + sql);
  const std::string statement = statement_of(*session, sql, arguments);
  const std::optional<Array> row = co_await first_row(t, session, statement);
  if (!row || row->empty()) throw TaskFailed("No rows returned from sql query. Operator expected True or False return value.");
  t.log.info(fmt::format("Query returns {}, type '{}'", python_str(row->front()), row->front().type_name()));
  const char* follow = choice_of(row->front()) ? "follow_task_ids_if_true" : "follow_task_ids_if_false";
  operators::branch_into(t, arguments.string_list(follow));
  co_return Value();
}

}  // namespace venturi::providers
