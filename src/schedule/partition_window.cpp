#include "schedule/partition_window.h"

#include <algorithm>
#include <array>
#include <utility>

namespace venturi::schedule {

using namespace std::chrono;

namespace {

constexpr auto names =
    std::to_array<std::pair<std::string_view, PartitionWindow::Kind>>({{"HourWindow", PartitionWindow::Kind::hour},
                                                                       {"DayWindow", PartitionWindow::Kind::day},
                                                                       {"WeekWindow", PartitionWindow::Kind::week},
                                                                       {"MonthWindow", PartitionWindow::Kind::month},
                                                                       {"QuarterWindow", PartitionWindow::Kind::quarter},
                                                                       {"YearWindow", PartitionWindow::Kind::year},
                                                                       {"SegmentWindow", PartitionWindow::Kind::segments}});
constexpr std::string_view module = "airflow.partition_mappers.window.";

WallTime plus_months(WallTime t, int n) {
  const local_days on = floor<days>(t);
  return local_days(year_month_day(on) + months(n)) + (t - on);
}

}  // namespace

Result<PartitionWindow> PartitionWindow::read(const Value& serialized) {
  const std::string type = serialized.is_object() ? serialized.get_string("__type") : "";
  const Value var = serialized.is_object() ? serialized.get_value("__var") : Value();
  const auto* found = type.starts_with(module) ? std::ranges::find(names, std::string_view(type).substr(module.size()),
                                                                   &std::pair<std::string_view, PartitionWindow::Kind>::first)
                                               : names.end();
  if (found == names.end())
    return fail(ErrorKind::invalid,
                "the window '" + type + "' of a partition mapper is none of Airflow's own, and others are not supported", {},
                "use one of HourWindow, DayWindow, WeekWindow, MonthWindow, QuarterWindow, YearWindow, SegmentWindow");
  PartitionWindow window;
  window.kind_ = found->second;
  window.backward_ = var.is_object() && var.get_string("direction") == "backward";
  if (window.kind_ != Kind::segments) return window;
  const Value segments = var.is_object() ? var.get_value("segments") : Value();
  if (segments.is_array()) {
    for (const Value& segment : segments.as_array()) {
      if (segment.is_string() && !segment.as_string().empty()) window.segments_.push_back(segment.as_string());
    }
  }
  if (!segments.is_array() || window.segments_.empty() || window.segments_.size() != segments.as_array().size())
    return fail(ErrorKind::invalid, "a SegmentWindow needs texts that are not empty, at least one", {}, "name its segments");
  std::ranges::sort(window.segments_);
  const auto doubles = std::ranges::unique(window.segments_);
  window.segments_.erase(doubles.begin(), doubles.end());
  return window;
}

Result<std::vector<WallTime>> PartitionWindow::members(WallTime period) const {
  const bool of_months = kind_ == Kind::month || kind_ == Kind::quarter || kind_ == Kind::year;
  if (of_months && year_month_day(floor<days>(period)).day() != day(1))
    return fail(ErrorKind::invalid, "a window of months begins with the first day of one", {},
                "pair it with a mapper of months");
  std::vector<WallTime> all;
  const auto steps = [&](int count, auto step) {
    const WallTime base = backward_ ? step(period, 1 - count) : period;
    for (int i = 0; i < count; ++i) all.push_back(step(base, i));
  };
  switch (kind_) {
    case Kind::hour:
      steps(60, [](WallTime t, int n) { return t + minutes(n); });
      break;
    case Kind::day:
      steps(24, [](WallTime t, int n) { return t + hours(n); });
      break;
    case Kind::week:
      steps(7, [](WallTime t, int n) { return t + days(n); });
      break;
    case Kind::quarter:
      steps(3, plus_months);
      break;
    case Kind::year:
      steps(12, plus_months);
      break;
    case Kind::month: {
      // Backward: the days behind the first one of the month before, up to this one.
      const WallTime begin = backward_ ? plus_months(period, -1) + days(1) : period;
      const WallTime end = backward_ ? period + days(1) : plus_months(period, 1);
      for (WallTime t = begin; t < end; t += days(1)) all.push_back(t);
      break;
    }
    case Kind::segments:
      break;
  }
  return all;
}

}  // namespace venturi::schedule
