// A timetable that is a class of the DAG's own program: "venturi.program.WorkdayTimetable".
#pragma once

#include "schedule/trigger_timetable.h"

namespace venturi::schedule {

inline constexpr std::string_view user_timetables = "venturi.program.";

[[nodiscard]] MadeTimetable make_user_defined(const SerializedTimetable& serialized);

}  // namespace venturi::schedule
