// Timetables of one's own: a class derived from Timetable, in Airflow's words. Not part of venturi/dag.h: include it beside
// that.
//
//   struct WorkdayTimetable : Timetable {
//     std::optional<DagRunInfo> next_dagrun_info(const std::optional<DataInterval>& last,
//                                                const TimeRestriction& restriction) const override { ... }
//     DataInterval infer_manual_data_interval(Time run_after) const override { ... }
//   };
//
//   VENTURI_DAG(report, {.schedule = WorkdayTimetable{}, .start_date = "2026-01-01", .catchup = true}) { ... }
//
// The server asks the DAG's program, in a process of its own that has [dag_processor] answer_timeout_s. What throws, hangs,
// crashes or does not move on is an import error of the file, and holds up this DAG's schedule alone: it is asked again a
// minute later, then ever more seldom, and at once when the file changes.
#pragma once

#include <chrono>  // calendars, which time.h does without
#include <optional>
#include <string>

#include "venturi/time.h"
#include "venturi/value.h"

namespace venturi::inline sdk {

struct DataInterval {
  Time start{}, end{};
  // Of no length.
  [[nodiscard]] static DataInterval exact(Time at) { return {at, at}; }
  friend bool operator==(const DataInterval&, const DataInterval&) = default;
};

struct DagRunInfo {
  Time run_after{};  // not before this; the run's id is made of it, so no two runs have the same
  DataInterval data_interval{};
  [[nodiscard]] static DagRunInfo exact(Time at) { return {at, DataInterval::exact(at)}; }
  // A run when the interval is over.
  [[nodiscard]] static DagRunInfo interval(Time start, Time end) { return {end, {start, end}}; }
  [[nodiscard]] Time logical_date() const { return data_interval.start; }
};

struct TimeRestriction {
  std::optional<Time> earliest{}, latest{};  // the DAG's start_date and end_date
  bool catchup = false;
  // The present: take it and not a clock of your own, so that `venturi dags simulate` can ask about another time. Without
  // catchup a timetable is to leave out what lies behind it, as in Airflow.
  Time now{};
};

class Timetable {
 public:
  Timetable() = default;
  Timetable(const Timetable&) = default;
  Timetable& operator=(const Timetable&) = default;
  virtual ~Timetable();

  // The run behind the one of this data interval (nothing: the first), or nothing for none any more. Its interval has to start
  // later than the last one did.
  [[nodiscard]] virtual std::optional<DagRunInfo> next_dagrun_info(
      const std::optional<DataInterval>& last_automated_data_interval, const TimeRestriction& restriction) const = 0;
  // The data interval of a run that is triggered by hand.
  [[nodiscard]] virtual DataInterval infer_manual_data_interval(Time run_after) const = 0;

  // What lists of DAGs show: the name of the class.
  [[nodiscard]] virtual std::string summary() const;
  // Longer; the summary where it is empty.
  [[nodiscard]] virtual std::string description() const;
  // What makes this timetable different from others of its class, for the serialized DAG: {{"holidays", ...}}.
  [[nodiscard]] virtual Object serialize() const;
  // Whether its dates can be made up for: backfills need that.
  [[nodiscard]] virtual bool periodic() const;
  // How many runs of the DAG may be active at once at most, whatever the DAG says.
  [[nodiscard]] virtual std::optional<int> active_runs_limit() const;
};

}  // namespace venturi::inline sdk
