// SQLColumnCheckOperator.
//
//   table             may be anything that stands behind FROM
//   column_mapping    {"amount": {"min": {"geq_to": 0}, "null_check": {"equal_to": 0, "partition_clause": "paid"}}}
//   partition_clause  of all checks, beside their own
//   accept_none       true: NULL (of an empty table, say) is taken for 0
#include <array>

#include <fmt/format.h>

#include "operators/outcome.h"
#include "providers/sql/comparison.h"
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

// {} is the column, as it was written.
struct CheckRow {
  std::string_view name, aggregate;
};
constexpr std::array<CheckRow, 5> known_checks = {{{"null_check", "SUM(CASE WHEN {0} IS NULL THEN 1 ELSE 0 END)"},
                                                   {"distinct_check", "COUNT(DISTINCT {0})"},
                                                   {"unique_check", "COUNT({0}) - COUNT(DISTINCT {0})"},
                                                   {"min", "MIN({0})"},
                                                   {"max", "MAX({0})"}}};

// What can be seen before the query, in Airflow's words.
void validate(const std::string& name, const Value& check) {
  if (!check.is_object()) throw TaskFailedForGood(fmt::format("column_mapping: the check {} must be an object", name));
  const auto has = [&](std::string_view key) { return check.get(key) != nullptr; };
  bool range = false;
  for (const Comparison& c : comparisons) range = range || has(c.name);
  if (!range && !has("equal_to")) {
    throw TaskFailedForGood(
        fmt::format("the check {}: please provide one or more of: less_than, leq_to, greater_than, geq_to, or equal_to", name));
  }
  if (range && has("equal_to"))
    throw TaskFailedForGood(fmt::format("the check {}: equal_to cannot be passed with a greater or less than function", name));
  if (has("greater_than") && has("geq_to"))
    throw TaskFailedForGood(fmt::format("the check {}: only supply one of greater_than or geq_to", name));
  if (has("less_than") && has("leq_to"))
    throw TaskFailedForGood(fmt::format("the check {}: only supply one of less_than or leq_to", name));
  const std::string_view low = has("geq_to") ? "geq_to" : "greater_than", high = has("leq_to") ? "leq_to" : "less_than";
  if (!has(low) || !has(high)) return;
  const auto found = order_of(check.at(low), check.at(high));
  const bool may_be_equal = low == "geq_to" && high == "leq_to";
  if (!found || *found > 0 || (*found == 0 && !may_be_equal))
    throw TaskFailedForGood(
        fmt::format("the check {}: {} should be less than {}{}", name, low, high, may_be_equal ? ", or equal" : ""));
}

struct ColumnCheck {
  std::string column, name;
  Object values;  // as given, and then its result
};

std::vector<ColumnCheck> column_checks(const Arguments& arguments, PartitionQueries& queries) {
  std::vector<ColumnCheck> list;
  for (const auto& [column, own] : arguments.find("column_mapping")->as_object()) {
    if (!own.is_object()) throw TaskFailedForGood(fmt::format("column_mapping: {} must be an object of checks", column));
    for (const auto& [name, check] : own.as_object()) {
      const auto* const row = std::ranges::find(known_checks, std::string_view(name), &CheckRow::name);
      if (row == known_checks.end()) {
        throw TaskFailedForGood(
            fmt::format("Invalid column check: {}. There are null_check, distinct_check, unique_check, min and max.", name));
      }
      validate(name, check);
      queries.add(partition_of(arguments, check), fmt::format(fmt::runtime(row->aggregate), column));
      list.push_back({column, name, check.as_object()});
    }
  }
  if (list.empty()) throw TaskFailedForGood("the argument column_mapping has no check in it");
  return list;
}

}  // namespace

asio::awaitable<Value> check_column(OperatorTry& t, Arguments arguments, CheckedDatabasePtr database) {
  PartitionQueries queries;
  std::vector<ColumnCheck> list = column_checks(arguments, queries);
  const std::string sql = queries.sql(arguments.string("table"));
  t.log.info("Executing SQL check: " + sql);
  const std::optional<Array> row = co_await database->first_row(sql);
  if (!row) fail_without_rows(arguments, sql);
  const Array results = queries.values(*row);

  std::string records, failed;
  for (std::size_t i = 0; i < list.size(); ++i) {
    ColumnCheck& check = list[i];
    const bool success = passes_check(check.values, results[i], arguments.boolean("accept_none", true));
    check.values.set("result", results[i]);
    check.values.set("success", success);
    records += (i == 0 ? "" : ", ") + python_tuple({Value(check.column), Value(check.name), results[i]});
    if (success) continue;
    failed +=
        fmt::format("Column: {}\n\tCheck: {},\n\tCheck Values: {}\n", check.column, check.name, python_repr(check.values));
  }
  t.log.info("Record: [" + records + "]");
  if (!failed.empty())
    fail_check(arguments, fmt::format("Test failed.\nResults:\n[{}]\nThe following tests have failed:\n{}", records, failed));
  t.log.info("All tests have passed");
  co_return Value();
}

}  // namespace venturi::providers
