// When a DAG runs: Airflow's timetables. Pure: time-zone data and the present are handed in.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "model/state.h"
#include "venturi/value.h"

namespace venturi::schedule {

class TimeZones;  // schedule/time_zone.h: all zones as a value, read once at start

struct DataInterval {
  Time start, end;
  friend bool operator==(const DataInterval&, const DataInterval&) = default;
};

struct RunInfo {
  Time logical_date;  // Airflow: the start of the data interval
  DataInterval interval;
  Time run_after;     // not before this
};

struct Restriction {
  std::optional<Time> earliest, latest;  // the DAG's start and end dates
  bool catchup = false;
};

class Timetable {
 public:
  virtual ~Timetable() = default;
  // The run that follows `last` (the newest automatic run's interval), or none for ever. `now` matters without catchup only.
  [[nodiscard]] virtual std::optional<RunInfo> next(const std::optional<DataInterval>& last, const Restriction& restriction,
                                                    Time now) const = 0;
  [[nodiscard]] virtual DataInterval manual_interval(Time run_after) const = 0;
  // False for None (only manual runs): next() gives nothing.
  [[nodiscard]] virtual bool is_scheduled() const = 0;
  // "0 0 * * *", "1 day, 0:00:00", "Never, external triggers only": Airflow's timetable_summary.
  [[nodiscard]] virtual std::string summary() const = 0;
};

// From the serialized form ({"__type": "airflow.timetables.trigger.CronTriggerTimetable", "__var": {...}}). The error names
// what is wrong with the expression, field by field.
[[nodiscard]] Result<std::shared_ptr<const Timetable>> make_timetable(const Value& serialized, const TimeZones& zones);

// "scheduled__2024-01-01T00:00:00+00:00": run ids carry run_after, not the logical date (Airflow 3).
[[nodiscard]] std::string make_run_id(RunType type, Time run_after);

// Seconds until the next try after try `try_number` ended, as Airflow 3.3 computes them, the SHA-1 jitter included.
[[nodiscard]] Duration retry_delay(std::string_view dag_id, std::string_view task_id, std::optional<Time> logical_date,
                                   int try_number, Duration delay, double exponential_backoff,
                                   std::optional<Duration> max_delay);

}  // namespace venturi::schedule
