// Timetables that say when a run begins; its data interval, mostly of no length, ends then (timetables/trigger.py).
#pragma once

#include <memory>

#include "schedule/serialized_timetable.h"
#include "schedule/timetable.h"

namespace venturi::schedule {

using MadeTimetable = Result<std::shared_ptr<const Timetable>>;

[[nodiscard]] MadeTimetable make_cron_trigger(const SerializedTimetable& serialized);
[[nodiscard]] MadeTimetable make_delta_trigger(const SerializedTimetable& serialized);
[[nodiscard]] MadeTimetable make_multiple_cron_trigger(const SerializedTimetable& serialized);

}  // namespace venturi::schedule
