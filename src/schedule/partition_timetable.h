// Timetables of DAGs whose runs are each for a partition (timetables/simple.py, timetables/trigger.py).
#pragma once

#include "schedule/trigger_timetable.h"

namespace venturi::schedule {

[[nodiscard]] MadeTimetable make_partitioned_asset(const SerializedTimetable& serialized);
[[nodiscard]] MadeTimetable make_partitioned_at_runtime(const SerializedTimetable& serialized);
[[nodiscard]] MadeTimetable make_cron_partition(const SerializedTimetable& serialized);

}  // namespace venturi::schedule
