// Timetables without a rhythm (timetables/simple.py, timetables/events.py).
#pragma once

#include "schedule/trigger_timetable.h"

namespace venturi::schedule {

[[nodiscard]] MadeTimetable make_null(const SerializedTimetable& serialized);
[[nodiscard]] MadeTimetable make_once(const SerializedTimetable& serialized);
[[nodiscard]] MadeTimetable make_continuous(const SerializedTimetable& serialized);
[[nodiscard]] MadeTimetable make_events(const SerializedTimetable& serialized);

}  // namespace venturi::schedule
