// SQLTableCheckOperator.
//
//   table             may be anything that stands behind FROM
//   checks            {"row_count": {"check_statement": "COUNT(*) = 1000"}, "sums": {"check_statement": "a + b = c",
//                     "partition_clause": "c IS NOT NULL"}}: an aggregate, or what has to be true of each row
//   partition_clause  of all checks, beside their own
//   accept_none       false; true: a check of no rows passes
#include <fmt/format.h>

#include "operators/outcome.h"
#include "providers/sql/partition_queries.h"
#include "providers/sql/python_text.h"
#include "providers/sql/sql_checks.h"
#include "providers/sql/sql_try.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailedForGood;

struct TableCheck {
  std::string name;
  Object values;  // as given, and then its result
};

std::vector<TableCheck> table_checks(const Arguments& arguments) {
  std::vector<TableCheck> list;
  for (const auto& [name, check] : arguments.find("checks")->as_object()) {
    const Value* statement = check.get("check_statement");
    if (statement == nullptr || !statement->is_string() || statement->as_string().empty())
      throw TaskFailedForGood(fmt::format("checks: {} has no check_statement: give it one, like \"COUNT(*) > 0\"", name));
    list.push_back({name, check.as_object()});
  }
  if (list.empty()) throw TaskFailedForGood("the argument checks has no check in it");
  return list;
}

// A sub-query for each: an aggregate gives one row, anything else one for each row of the table, of which the least counts.
std::string table_query(const Arguments& arguments, const std::vector<TableCheck>& list) {
  std::string from;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string partition = partition_of(arguments, list[i].values);
    from += fmt::format(
        "{}(SELECT MIN(passed) AS check_{} FROM (SELECT CASE WHEN ({}) THEN 1 ELSE 0 END AS passed FROM {}{}) AS rows_{}) AS "
        "part_{}",
        i == 0 ? "" : " CROSS JOIN ", i, list[i].values.at("check_statement").as_string(), arguments.string("table"),
        partition.empty() ? "" : " WHERE " + partition, i, i);
  }
  return "SELECT * FROM " + from;
}

}  // namespace

asio::awaitable<Value> check_table(OperatorTry& t, Arguments arguments, CheckedDatabasePtr database) {
  std::vector<TableCheck> list = table_checks(arguments);
  const std::string sql = table_query(arguments, list);
  const bool accept_none = arguments.boolean("accept_none", false);
  t.log.info("Executing SQL check: " + sql);
  const std::optional<Array> row = co_await database->first_row(sql);
  if (!row) fail_without_rows(arguments, sql);

  std::string records, failed;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Value& result = row->at(i);
    const bool none = result.is_null(), success = none ? accept_none : result == Value(1);
    if (none && accept_none) {
      t.log.warning(fmt::format("No records found for the check {} of the table {}, but accept_none=True: it passes",
                                list[i].name, arguments.string("table")));
    }
    list[i].values.set("result", python_repr(result));
    list[i].values.set("success", success);
    records += (i == 0 ? "" : ", ") + python_tuple({Value(list[i].name), result});
    if (!success) failed += fmt::format("\tCheck: {},\n\tCheck Values: {}\n", list[i].name, python_repr(list[i].values));
  }
  t.log.info("Record:\n[" + records + "]");
  if (!failed.empty()) {
    fail_check(arguments, fmt::format("Test failed.\nQuery:\n{}\nResults:\n[{}]\nThe following tests have failed:\n{}", sql,
                                      records, failed));
  }
  t.log.info("All tests have passed");
  co_return Value();
}

}  // namespace venturi::providers
