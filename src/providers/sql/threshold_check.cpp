// SQLThresholdCheckOperator: the first value of a query lies between two thresholds, each a number or a query that gives one.
#include <cmath>

#include <fmt/format.h>

#include "operators/outcome.h"
#include "providers/sql/python_text.h"
#include "providers/sql/sql_checks.h"
#include "providers/sql/sql_try.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailedForGood;

asio::awaitable<double> threshold_of(Arguments arguments, CheckedDatabasePtr database, std::string name) {
  const Value& given = *arguments.find(name);
  if (const auto number = number_in(given)) co_return *number;
  if (!given.is_string())
    throw TaskFailedForGood(fmt::format("the argument {} must be a number or a query, not {}", name, given.type_name()));
  const std::string sql = given.as_string();
  const std::optional<Array> row = co_await database->first_row(sql);
  if (!row || row->empty()) fail_without_rows(arguments, sql);
  const auto number = number_in(row->front());
  if (!number) fail_check(arguments, fmt::format("{}: the query gave no number: {}\n{}", name, python_repr(row->front()), sql));
  co_return *number;
}

// As Python's round(value, 2).
Value rounded(const Value& value) {
  if (!value.is_double()) return value;
  return std::nearbyint(value.as_double() * 100) / 100;
}

}  // namespace

asio::awaitable<Value> check_threshold(OperatorTry& t, Arguments arguments, CheckedDatabasePtr database) {
  const std::string sql = arguments.string("sql");
  t.log.info("Executing SQL check: " + sql);
  const std::optional<Array> row = co_await database->first_row(sql);
  if (!row || row->empty()) fail_without_rows(arguments, sql);
  const Value result = row->front();
  const double low = co_await threshold_of(arguments, database, "min_threshold");
  const double high = co_await threshold_of(arguments, database, "max_threshold");
  const auto number = number_in(result);
  const bool within = number && low <= *number && *number <= high;
  t.log.info(fmt::format("result: {}\ntask_id: {}\nmin_threshold: {}\nmax_threshold: {}\nwithin_threshold: {}",
                         python_repr(result), t.facts.task_id, python_repr(low), python_repr(high), python_repr(within)));
  if (!within) {
    fail_check(
        arguments,
        fmt::format("Threshold Check: \"{}\" failed.\nDAG: {}\nTask_id: {}\nSQL: {}\nResult: {} is not within thresholds {} "
                    "and {}",
                    t.facts.task_id, t.facts.run->dag_id, t.facts.task_id, sql,
                    result.is_null() ? "<None>" : python_str(rounded(result)), python_repr(low), python_repr(high)));
  }
  t.log.info(fmt::format("Test {} Successful.", t.facts.task_id));
  co_return Value();
}

}  // namespace venturi::providers
