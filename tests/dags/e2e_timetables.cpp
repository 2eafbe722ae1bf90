// Timetables of the program's own, for tests/e2e/timetables_test.py.
#include <venturi/choices.h>
#include <venturi/dag.h>
#include <venturi/timetable.h>

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

using namespace venturi;
using namespace std::chrono_literals;

namespace {

using Days = std::chrono::days;

bool is_free(Time day) {
  const std::chrono::weekday weekday(std::chrono::floor<Days>(day));
  return weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
}

// A run for each working day, when it is over.
struct WorkdayTimetable : Timetable {
  std::string region = "here";

  WorkdayTimetable() = default;
  explicit WorkdayTimetable(std::string r) : region(std::move(r)) {}

  std::optional<DagRunInfo> next_dagrun_info(const std::optional<DataInterval>& last,
                                             const TimeRestriction& restriction) const override {
    if (!last && !restriction.earliest) return std::nullopt;
    Time day = last ? last->start + Days(1) : Time(std::chrono::floor<Days>(*restriction.earliest));
    if (!restriction.catchup) day = std::max(day, Time(std::chrono::floor<Days>(restriction.now)) - Days(1));
    while (is_free(day)) day += Days(1);
    if (restriction.latest && day > *restriction.latest) return std::nullopt;
    return DagRunInfo::interval(day, day + Days(1));
  }
  DataInterval infer_manual_data_interval(Time run_after) const override {
    Time day = Time(std::chrono::floor<Days>(run_after)) - Days(1);
    while (is_free(day)) day -= Days(1);
    return {day, day + Days(1)};
  }
  std::string summary() const override { return "working days " + region; }
  Object serialize() const override { return {{"region", region}}; }
};

// Needs a file in the DAGs folder, which is the working directory.
struct CalendarTimetable : WorkdayTimetable {
  static void read() {
    if (!std::filesystem::exists("calendar.txt")) throw std::runtime_error("there is no calendar.txt");
  }
  std::optional<DagRunInfo> next_dagrun_info(const std::optional<DataInterval>& last,
                                             const TimeRestriction& restriction) const override {
    read();
    return WorkdayTimetable::next_dagrun_info(last, restriction);
  }
  DataInterval infer_manual_data_interval(Time run_after) const override {
    read();
    return WorkdayTimetable::infer_manual_data_interval(run_after);
  }
};

// Leaves nothing out, whatever catchup says.
struct EveryDay : Timetable {
  std::optional<DagRunInfo> next_dagrun_info(const std::optional<DataInterval>& last,
                                             const TimeRestriction& restriction) const override {
    const Time day = last ? last->end : *restriction.earliest;
    if (day > *restriction.latest) return std::nullopt;
    return DagRunInfo::interval(day, day + Days(1));
  }
  DataInterval infer_manual_data_interval(Time run_after) const override { return {run_after, run_after}; }
};

// Hours that follow each other.
struct HourTimetable : Timetable {
  static Time hour_of(Time time) { return std::chrono::floor<std::chrono::hours>(time); }
  std::optional<DagRunInfo> next_dagrun_info(const std::optional<DataInterval>& last,
                                             const TimeRestriction& restriction) const override {
    if (!last && !restriction.earliest) return std::nullopt;
    Time hour = last ? last->end : hour_of(*restriction.earliest);
    if (!restriction.catchup) hour = std::max(hour, hour_of(restriction.now) - 1h);
    if (restriction.latest && hour > *restriction.latest) return std::nullopt;
    return DagRunInfo::interval(hour, hour + 1h);
  }
  DataInterval infer_manual_data_interval(Time run_after) const override {
    return {hour_of(run_after) - 1h, hour_of(run_after)};
  }
};

struct HangingTimetable : WorkdayTimetable {
  std::optional<DagRunInfo> next_dagrun_info(const std::optional<DataInterval>& /*last*/,
                                             const TimeRestriction& /*restriction*/) const override {
    for (;;) ::pause();
  }
};

struct DyingTimetable : WorkdayTimetable {
  std::optional<DagRunInfo> next_dagrun_info(const std::optional<DataInterval>& /*last*/,
                                             const TimeRestriction& /*restriction*/) const override {
    std::abort();
  }
};

struct BackwardTimetable : WorkdayTimetable {
  std::optional<DagRunInfo> next_dagrun_info(const std::optional<DataInterval>& last,
                                             const TimeRestriction& restriction) const override {
    if (last) return DagRunInfo::interval(last->start - Days(1), last->end);
    return DagRunInfo::interval(*restriction.earliest, *restriction.earliest + Days(1));
  }
};

// What it prints is no answer.
struct TalkativeTimetable : WorkdayTimetable {
  std::optional<DagRunInfo> next_dagrun_info(const std::optional<DataInterval>& last,
                                             const TimeRestriction& restriction) const override {
    for (int i = 0; i < 10'000; ++i) std::puts("thinking");
    return WorkdayTimetable::next_dagrun_info(last, restriction);
  }
};

template <class T>
void add(DagBag& bag, std::string_view dag_id, const T& timetable, const char* start, const char* end) {
  bag.add(dag_id, {.schedule = timetable,
                   .start_date = start,
                   .end_date = end,
                   .catchup = true,
                   .max_active_runs = 3,
                   .is_paused_upon_creation = false})
      .empty("work");
}

}  // namespace

VENTURI_DAGS(bag) {
  add(bag, "e2e_workdays", WorkdayTimetable("in Berlin"), "2026-03-02", "2026-03-15");
  add(bag, "e2e_future", WorkdayTimetable(), "2030-01-01", "2031-01-01");
  add(bag, "e2e_every_day", EveryDay(), "2030-01-01", "2031-01-01");
  add(bag, "e2e_calendar", CalendarTimetable(), "2026-03-02", "2026-03-15");
  add(bag, "e2e_hanging", HangingTimetable(), "2026-03-02", "2026-03-15");
  add(bag, "e2e_dying", DyingTimetable(), "2026-03-02", "2026-03-15");
  add(bag, "e2e_backward", BackwardTimetable(), "2026-03-02", "2026-03-15");
  add(bag, "e2e_talkative", TalkativeTimetable(), "2026-03-02", "2026-03-04");
  auto latest =
      bag.add("e2e_latest", {.schedule = HourTimetable(), .start_date = "2026-01-01", .is_paused_upon_creation = false});
  latest.add(LatestOnlyOperator{.task_id = "latest"}) >> latest.empty("work");
  bag.add("e2e_newest", {.schedule = WorkdayTimetable(), .start_date = "2026-03-02", .is_paused_upon_creation = false})
      .empty("work");
}
