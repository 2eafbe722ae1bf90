// What a Schedule of kind timetable holds: the members of all of Airflow's timetables in one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "venturi/dag.h"
#include "venturi/partition.h"
#include "venturi/schedule.h"

namespace venturi::inline sdk {

namespace detail {

struct AnyTimetable {
  enum class Kind : std::uint8_t {
    cron_trigger,
    multiple_cron_trigger,
    delta_trigger,
    cron_data_interval,
    delta_data_interval,
    events,
    assets,
    asset_or_time,
    cron_partition,
    partitioned_at_runtime,
    partitioned_assets,
    own
  };

  Kind kind = Kind::cron_trigger;
  std::vector<std::string> crons{};
  std::string timezone{};
  Duration delta{}, interval{};
  RunImmediately run_immediately{};
  std::vector<Date> event_dates{};
  bool restrict_to_events = false;
  std::string description{};
  Value assets{};       // an expression, serialized
  Schedule time{};      // beside it
  Shared own_object{};  // of a class of the program's; `own` is its base
  const Timetable* own = nullptr;
  std::string_view own_name{};  // as the compiler spells it
  int run_offset = 0;
  std::string key_format{};
  Value default_partition_mapper{}, partition_mapper_config{};  // serialized
  std::vector<OwnMapper> own_mappers{};                         // in these: "default_partition_mapper.mappers.1"

  [[nodiscard]] std::string name() const;  // "CronTriggerTimetable"
};

}  // namespace detail

namespace internal {

// The expression of a preset ("@daily"), or the text itself; empty where it begins like a preset and is none.
[[nodiscard]] std::string_view cron_of(std::string_view text);
inline constexpr std::string_view known_presets = "@hourly, @daily, @weekly, @monthly, @quarterly and @yearly";

// Mistakes begin with "schedule".
void check_timetable(const detail::AnyTimetable& timetable, const DagOptions& options, std::vector<std::string>& mistakes);
// {"__type": "airflow.timetables.trigger.CronTriggerTimetable", "__var": {...}}
[[nodiscard]] Value serialize(const detail::AnyTimetable& timetable, const DagOptions& options);

}  // namespace internal
}  // namespace venturi::inline sdk
