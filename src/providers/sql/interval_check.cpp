// SQLIntervalCheckOperator: metrics of the run's day against those of days_back before.
//
//   table, date_filter_column   which rows: the column (ds) is the date
//   metrics_thresholds          {"COUNT(*)": 1.5, ...}: the ratio has to stay below the threshold
//   days_back                   -7; its sign does not matter
//   ratio_formula               max_over_min: max(current, past) / min(current, past); relative_diff: |current - past| / past
//   ignore_zero                 true: a metric that is 0 on one of the days passes
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "operators/outcome.h"
#include "providers/sql/python_text.h"
#include "providers/sql/sql_checks.h"
#include "providers/sql/sql_try.h"
#include "venturi/time.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailedForGood;

struct Metric {
  std::string expression;
  double threshold = 0;
};

std::vector<Metric> metrics_of(const Arguments& arguments) {
  std::vector<Metric> metrics;
  for (const auto& [expression, threshold] : arguments.find("metrics_thresholds")->as_object()) {
    const auto number = number_in(threshold);
    if (!number) throw TaskFailedForGood(fmt::format("metrics_thresholds: the threshold of {} must be a number", expression));
    metrics.push_back({expression, *number});
  }
  if (metrics.empty()) throw TaskFailedForGood("the argument metrics_thresholds is empty: name at least one metric");
  std::ranges::sort(metrics, {}, &Metric::expression);
  return metrics;
}

// The run's date, `days` later.
std::string date_of(const OperatorTry& t, std::int64_t days) {
  if (!t.facts.run->logical_date)
    throw TaskFailedForGood(
        "the run has no logical date, so there is no day to compare: give the run one, or use another check");
  return format_time(*t.facts.run->logical_date + std::chrono::hours(24 * days)).substr(0, 10);
}

std::string interval_query(const Arguments& arguments, const std::vector<Metric>& metrics, const std::string& date) {
  std::string expressions;
  for (const Metric& metric : metrics) expressions += (expressions.empty() ? "" : ", ") + metric.expression;
  return fmt::format("SELECT {} FROM {} WHERE {}='{}'", expressions, arguments.string("table"),
                     arguments.string("date_filter_column", "ds"), date);
}

double ratio_of(const std::string& formula, double current, double past) {
  if (formula == "relative_diff") return std::abs(current - past) / past;
  return std::max(current, past) / std::min(current, past);
}

// What Airflow shows of a metric.
struct MetricOutcome {
  Object details;
  bool success = false;
};

MetricOutcome compare_metric(const Metric& metric, const Value& current, const Value& past, const std::string& formula,
                             bool ignore_zero) {
  MetricOutcome outcome;
  outcome.details = {{"metric", metric.expression},
                     {"current_metric", current},
                     {"past_metric", past},
                     {"threshold", metric.threshold},
                     {"ignore_zero", ignore_zero}};
  const auto now = number_in(current), before = number_in(past);
  if (!now || !before) {  // NULL, or no number: Airflow ends with a TypeError
    outcome.details.add("ratio", nullptr);
  } else if (*now == 0 || *before == 0) {
    outcome.details.add("ratio", nullptr);
    outcome.success = ignore_zero;
  } else {
    const double ratio = ratio_of(formula, *now, *before);
    outcome.details.add("ratio", ratio);
    outcome.success = ratio < metric.threshold;
  }
  outcome.details.add("success", outcome.success);
  return outcome;
}

}  // namespace

asio::awaitable<Value> check_interval(OperatorTry& t, Arguments arguments, CheckedDatabasePtr database) {
  const std::string formula = arguments.string("ratio_formula", "max_over_min");
  if (formula != "max_over_min" && formula != "relative_diff")
    throw TaskFailedForGood(fmt::format("the argument ratio_formula must be max_over_min or relative_diff, not '{}'", formula));
  const std::vector<Metric> metrics = metrics_of(arguments);
  const bool ignore_zero = arguments.boolean("ignore_zero", true);
  const std::string sql_now = interval_query(arguments, metrics, date_of(t, 0));
  const std::string sql_before = interval_query(arguments, metrics, date_of(t, -std::abs(arguments.integer("days_back", -7))));
  t.log.info("Using ratio formula: " + formula);
  t.log.info("Executing SQL check: " + sql_before);
  const std::optional<Array> past = co_await database->first_row(sql_before);
  t.log.info("Executing SQL check: " + sql_now);
  const std::optional<Array> current = co_await database->first_row(sql_now);
  if (!past) fail_without_rows(arguments, sql_before);
  if (!current) fail_without_rows(arguments, sql_now);

  std::string failed;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    const MetricOutcome outcome = compare_metric(metrics[i], current->at(i), past->at(i), formula, ignore_zero);
    const std::string name = metrics[i].expression, ratio = python_repr(outcome.details.at("ratio"));
    t.log.info(fmt::format("Current metric for {}: {}\nPast metric for {}: {}\nRatio for {}: {}\nThreshold: {}", name,
                           python_repr(current->at(i)), name, python_repr(past->at(i)), name, ratio,
                           python_repr(metrics[i].threshold)));
    if (outcome.success) continue;
    t.log.warning(fmt::format("'{}' check failed. {} is above {}", name, ratio, python_repr(metrics[i].threshold)));
    failed += (failed.empty() ? "" : "; ") + name + ": " + python_repr(outcome.details);
  }
  if (!failed.empty()) fail_check(arguments, "The following tests have failed:\n " + failed);
  t.log.info("All tests have passed");
  co_return Value();
}

}  // namespace venturi::providers
