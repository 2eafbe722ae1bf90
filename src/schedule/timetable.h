// When a DAG runs: Airflow's timetables. Pure: time-zone data and the present are handed in.
//
//   trigger_timetable.h   CronTriggerTimetable, DeltaTriggerTimetable, MultipleCronTriggerTimetable
//   interval_timetable.h  CronDataIntervalTimetable, DeltaDataIntervalTimetable
//   asset_timetable.h     AssetTriggeredTimetable, AssetOrTimeSchedule
//   partition_timetable.h PartitionedAssetTimetable, PartitionedAtRuntime, CronPartitionTimetable
//   simple_timetable.h    NullTimetable, OnceTimetable, ContinuousTimetable, EventsTimetable
//   user_timetable.h      classes of the user's, whose programs are asked (timetable_question.h)
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

class AssetCondition;
class PartitionMappers;  // schedule/partition_mapper.h
class TimeZones;         // schedule/time_zone.h: all zones as a value, read once at start

struct DataInterval {
  Time start, end;
  friend bool operator==(const DataInterval&, const DataInterval&) = default;
};

struct Partition {
  std::string key;
  std::optional<Time> date;
};

struct RunInfo {
  Time logical_date;  // Airflow: the start of the data interval
  DataInterval interval;
  Time run_after;  // not before this
};

struct Restriction {
  std::optional<Time> earliest, latest;  // the DAG's start and end dates
  bool catchup = false;
  friend bool operator==(const Restriction&, const Restriction&) = default;
};

class Timetable {
 public:
  virtual ~Timetable() = default;
  // The run that follows `last` (the newest automatic run's interval), or none for ever. `now` matters without catchup, for the
  // first run of a DAG without start date, and always for @continuous.
  [[nodiscard]] virtual std::optional<RunInfo> next(const std::optional<DataInterval>& last, const Restriction& restriction,
                                                    Time now) const = 0;
  [[nodiscard]] virtual DataInterval manual_interval(Time run_after) const = 0;
  // False for None (only manual runs): next() gives nothing.
  [[nodiscard]] virtual bool is_scheduled() const = 0;
  // A class of the user's: next() and manual_interval() know nothing, and the DAG's program is asked (timetable_question.h).
  [[nodiscard]] virtual bool is_user_defined() const { return false; }
  // Whether its runs follow dates that can be made up for (Airflow's `periodic`): a backfill needs that.
  [[nodiscard]] virtual bool is_periodic() const { return is_scheduled(); }
  // How many runs of the DAG may be active at once at most, whatever the DAG says; nothing: the timetable does not mind.
  [[nodiscard]] virtual std::optional<int> active_runs_limit() const { return std::nullopt; }
  // What assets have to have events for a run beside those that next() names; nullptr: it is not scheduled on assets.
  [[nodiscard]] virtual const AssetCondition* asset_condition() const { return nullptr; }
  // Of a schedule on partitioned assets: how keys of events become those of its runs; nullptr: it is none.
  [[nodiscard]] virtual const PartitionMappers* partition_mappers() const { return nullptr; }
  // Of a schedule whose runs are each for a partition: that of the run at this time. Such a run has no logical date.
  [[nodiscard]] virtual std::optional<Partition> partition_of(Time) const { return std::nullopt; }
  // Whether runs may have a partition key, and what a key says of time: nothing, or an error where it is no key of this
  // schedule.
  [[nodiscard]] virtual bool takes_partition_keys() const { return false; }
  [[nodiscard]] virtual Result<std::optional<Time>> partition_date(std::string_view) const { return std::nullopt; }
  // "0 0 * * *", "1 day, 0:00:00", "None", "@once": Airflow's timetable_summary.
  [[nodiscard]] virtual std::string summary() const = 0;
};

// From the serialized form ({"__type": "airflow.timetables.trigger.CronTriggerTimetable", "__var": {...}}). The error names
// what is wrong with the expression, field by field.
[[nodiscard]] Result<std::shared_ptr<const Timetable>> make_timetable(const Value& serialized, const TimeZones& zones);

// "scheduled__2024-01-01T00:00:00+00:00": run ids carry run_after, not the logical date (Airflow 3).
[[nodiscard]] std::string make_run_id(RunType type, Time run_after);

// How long after the end of try `try_number` the next one begins, as Airflow 3.3 computes it
// (TaskInstance.next_retry_datetime), the jitter included: it comes from a SHA-1 over "dag_id#task_id#logical_date#try_number".
[[nodiscard]] Duration retry_delay(std::string_view dag_id, std::string_view task_id, std::optional<Time> logical_date,
                                   int try_number, Duration delay, double exponential_backoff,
                                   std::optional<Duration> max_delay);

}  // namespace venturi::schedule
