// SQLCheckOperator: each value of the first row is true, as Python's bool() sees it.
// SQLValueCheckOperator: each value of the first row is pass_value, as a number (within `tolerance`, a fraction of it) where
// pass_value is one, otherwise as Python's str() writes it.
#include <algorithm>
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
using operators::TaskFailed;

std::string value_check_text(const Value& pass_value, std::optional<double> tolerance, const std::string& sql,
                             const Array& row) {
  return fmt::format("Test failed.\nPass value:{}\nTolerance:{}\nQuery:\n{}\nResults:\n{}", python_str(pass_value),
                     tolerance ? fmt::format("{:.1f}%", *tolerance * 100) : "None", sql, python_tuple(row));
}

bool all_are(const Array& row, const std::string& text) {
  return std::ranges::all_of(row, [&](const Value& value) { return python_str(value) == text; });
}

}  // namespace

asio::awaitable<Value> check_sql(OperatorTry& t, Arguments arguments, CheckedDatabasePtr database) {
  const std::string sql = arguments.string("sql");
  t.log.info("Executing SQL check: " + sql);
  const std::optional<Array> row = co_await database->first_row_with_parameters(sql);
  t.log.info("Record: " + (row ? python_tuple(*row) : "None"));
  if (!row) fail_without_rows(arguments, sql);
  if (!std::ranges::all_of(*row, python_bool))
    fail_check(arguments, fmt::format("Test failed.\nQuery:\n{}\nResults:\n{}", sql, python_tuple(*row)));
  t.log.info("Success.");
  co_return Value();
}

asio::awaitable<Value> check_value(OperatorTry& t, Arguments arguments, CheckedDatabasePtr database) {
  const std::string sql = arguments.string("sql");
  t.log.info("Executing SQL check: " + sql);
  const std::optional<Array> row = co_await database->first_row_with_parameters(sql);
  if (!row) fail_without_rows(arguments, sql);

  const Value& given = *arguments.find("pass_value");
  // As in Airflow pass_value is made a text first: True is no number then.
  const std::optional<double> number = given.is_bool() ? std::nullopt : number_in(given);
  const Value* given_tolerance = arguments.find("tolerance");
  const std::optional<double> tolerance = given_tolerance == nullptr ? std::nullopt : number_in(*given_tolerance);
  const std::string text = value_check_text(number ? Value(*number) : given, tolerance, sql, *row);
  if (!number) {
    if (!all_are(*row, python_str(given))) fail_check(arguments, text);
    co_return Value();
  }
  const double margin = std::abs(*number) * tolerance.value_or(0);
  for (const Value& value : *row) {
    const std::optional<double> found = number_in(value);
    if (!found) throw TaskFailed("Converting a result to float failed.\n" + text);
    const bool passes = tolerance ? *number - margin <= *found && *found <= *number + margin : *found == *number;
    if (!passes) fail_check(arguments, text);
  }
  co_return Value();
}

}  // namespace venturi::providers
