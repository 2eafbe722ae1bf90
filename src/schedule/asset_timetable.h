// Timetables of DAGs that are scheduled on assets: what time has to do with them. When their assets have events is not a
// timetable's to know (timetables/simple.py, timetables/assets.py).
#pragma once

#include "schedule/trigger_timetable.h"

namespace venturi::schedule {

[[nodiscard]] MadeTimetable make_asset_triggered(const SerializedTimetable& serialized);
[[nodiscard]] MadeTimetable make_asset_or_time(const SerializedTimetable& serialized);

}  // namespace venturi::schedule
