// A schedule that no cron expression can say: on working days, but not on holidays. A class says when the DAG runs.
#include <venturi/dag.h>
#include <venturi/timetable.h>

#include <set>
using namespace venturi;

// [own_timetable]
using Days = std::chrono::days;

// A run for each working day, when it is over.
struct WorkdayTimetable : Timetable {
  std::set<std::string> holidays;

  explicit WorkdayTimetable(std::set<std::string> days) : holidays(std::move(days)) {}

  bool is_free(Time day) const {
    const std::chrono::weekday weekday(std::chrono::floor<Days>(day));
    return weekday == std::chrono::Saturday || weekday == std::chrono::Sunday ||
           holidays.contains(format_time(day).substr(0, 10));
  }

  std::optional<DagRunInfo> next_dagrun_info(const std::optional<DataInterval>& last,
                                             const TimeRestriction& restriction) const override {
    if (!last && !restriction.earliest) return std::nullopt;  // no start_date: never
    Time day = last ? last->end : Time(std::chrono::floor<Days>(*restriction.earliest));
    if (!restriction.catchup) day = std::max(day, Time(std::chrono::floor<Days>(restriction.now)) - Days(1));
    while (is_free(day)) day += Days(1);
    if (restriction.latest && day > *restriction.latest) return std::nullopt;
    return DagRunInfo::interval(day, day + Days(1));
  }

  // A run that is triggered by hand is for the last working day that is over.
  DataInterval infer_manual_data_interval(Time run_after) const override {
    Time day = Time(std::chrono::floor<Days>(run_after)) - Days(1);
    while (is_free(day)) day -= Days(1);
    return {day, day + Days(1)};
  }

  std::string summary() const override { return "working days"; }
  Object serialize() const override { return {{"holidays", Array(holidays.begin(), holidays.end())}}; }
};

std::string report(const Context& context) { return "turnover of " + format_time(*context.data_interval_start()); }

VENTURI_DAG(own_timetable, {.schedule = WorkdayTimetable({"2026-12-25", "2027-01-01"}),
                            .start_date = "2026-01-01",
                            .catchup = true,
                            .max_active_runs = 1}) {
  dag.task<report>();
}
// [end]
//
//   venturi dags test own_timetable
//   success
