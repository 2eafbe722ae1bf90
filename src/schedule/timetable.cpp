#include "schedule/timetable.h"

#include <algorithm>
#include <array>

#include "schedule/asset_timetable.h"
#include "schedule/interval_timetable.h"
#include "schedule/partition_timetable.h"
#include "schedule/simple_timetable.h"
#include "schedule/trigger_timetable.h"
#include "schedule/user_timetable.h"

namespace venturi::schedule {
namespace {

using Make = MadeTimetable (*)(const SerializedTimetable&);

// All timetables of Airflow itself.
struct Kind {
  std::string_view type;
  Make make;
};

constexpr auto kinds = std::to_array<Kind>({
    {"airflow.timetables.simple.NullTimetable", make_null},
    {"airflow.timetables.simple.OnceTimetable", make_once},
    {"airflow.timetables.simple.ContinuousTimetable", make_continuous},
    {"airflow.timetables.trigger.CronTriggerTimetable", make_cron_trigger},
    {"airflow.timetables.trigger.DeltaTriggerTimetable", make_delta_trigger},
    {"airflow.timetables.trigger.MultipleCronTriggerTimetable", make_multiple_cron_trigger},
    {"airflow.timetables.interval.CronDataIntervalTimetable", make_cron_data_interval},
    {"airflow.timetables.interval.DeltaDataIntervalTimetable", make_delta_data_interval},
    {"airflow.timetables.events.EventsTimetable", make_events},
    {"airflow.timetables.simple.AssetTriggeredTimetable", make_asset_triggered},
    {"airflow.timetables.assets.AssetOrTimeSchedule", make_asset_or_time},
    {"airflow.timetables.simple.PartitionedAssetTimetable", make_partitioned_asset},
    {"airflow.timetables.simple.PartitionedAtRuntime", make_partitioned_at_runtime},
    {"airflow.timetables.trigger.CronPartitionTimetable", make_cron_partition},
});

constexpr const char* what_there_is = "use a cron expression, a time span, a list of events, @once, @continuous or no schedule";

}  // namespace

Result<std::shared_ptr<const Timetable>> make_timetable(const Value& serialized, const TimeZones& zones) {
  const std::string type = serialized.get_string("__type");
  if (type.empty()) {
    return fail(ErrorKind::invalid, "the timetable has no \"__type\"", {},
                "build the DAG program with the SDK of this Venturi");
  }
  static const Value empty = Object();
  const Value* var = serialized.get("__var");
  const SerializedTimetable members(type, var == nullptr ? empty : *var, zones);
  if (type.starts_with(user_timetables)) return make_user_defined(members);
  const auto kind = std::ranges::find(kinds, type, &Kind::type);
  if (kind == kinds.end()) {
    return fail(ErrorKind::invalid,
                "the timetable " + type + " is neither one of Airflow's own nor a class of the DAG's program", {},
                what_there_is);
  }
  return kind->make(members);
}

std::string make_run_id(RunType type, Time run_after) {
  return std::string(to_string(type)) + "__" + format_time_offset(run_after);
}

}  // namespace venturi::schedule
