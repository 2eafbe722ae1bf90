#include "lanes/yaml/timetable_words.h"

namespace venturi::lanes::yaml {

const std::vector<TimetableKind>& timetable_kinds() {
  using enum KeyKind;
  static const TimetableArgument cron{{"cron", text, "A cron expression, or a preset"}, "expression", true},
      delta{{"delta", duration, "Between two runs"}, "delta", true},
      timezone{{"timezone", text, "Of the expression; the DAG's"}, "timezone"},
      interval{{"interval", duration, "The length of a run's data interval; 0"}, "interval"},
      run_immediately{{"run_immediately", flag_or_duration,
                       "Without start_date: whether the run that was due last is the first, or only if so short a time ago; "
                       "false"},
                      "run_immediately"};
  static const std::vector<TimetableKind> kinds{
      {"CronTriggerTimetable", "airflow.timetables.trigger.", {cron, timezone, interval, run_immediately}},
      {"CronDataIntervalTimetable", "airflow.timetables.interval.", {cron, timezone}},
      {"MultipleCronTriggerTimetable",
       "airflow.timetables.trigger.",
       {{{"crons", texts, "Cron expressions"}, "expressions", true}, timezone, interval, run_immediately}},
      {"DeltaTriggerTimetable", "airflow.timetables.trigger.", {delta, interval}},
      {"DeltaDataIntervalTimetable", "airflow.timetables.interval.", {delta}},
      {"CronPartitionTimetable",
       "airflow.timetables.trigger.",
       {cron,
        timezone,
        run_immediately,
        {{"run_offset", integer, "The run's partition: so many steps of the expression later, or earlier; 0", -10'000},
         "run_offset"},
        {{"key_format", text, "Of the partition's key; \"%Y-%m-%dT%H:%M:%S\""}, "key_format"}}},
      {"PartitionedAtRuntime", "airflow.timetables.simple.", {}},
      {"PartitionedAssetTimetable",
       "",
       {{{"assets", asset_expression, "A run for each key for which they have had their events"}, "", true},
        {{"default_partition_mapper", partition_mapper, "How the key of an event becomes that of a run; IdentityMapper"}, ""},
        {{"partition_mapper_config", partition_mapper_config, "Other mappers for some of the assets, by uri or name"}, ""}}},
      {"EventsTimetable",
       "airflow.timetables.events.",
       {{{"event_dates", dates, "When it runs"}, "event_dates", true},
        {{"restrict_to_events", flag, "true: a manual run is for the last of them that has been; false"}, "restrict_to_events"},
        {{"description", text, "What lists of DAGs show"}, "_summary"}}}};
  return kinds;
}

}  // namespace venturi::lanes::yaml
