// Timetables whose data intervals follow each other without gaps; a run begins when its interval is over
// (timetables/interval.py).
#pragma once

#include "schedule/trigger_timetable.h"

namespace venturi::schedule {

[[nodiscard]] MadeTimetable make_cron_data_interval(const SerializedTimetable& serialized);
[[nodiscard]] MadeTimetable make_delta_data_interval(const SerializedTimetable& serialized);

}  // namespace venturi::schedule
