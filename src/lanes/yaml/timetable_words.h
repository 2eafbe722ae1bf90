// Airflow's timetables as a file names them: {timetable: CronTriggerTimetable, cron: ...}.
#pragma once

#include <string_view>
#include <vector>

#include "lanes/yaml/keys.h"

namespace venturi::lanes::yaml {

struct TimetableArgument {
  Key key;
  std::string_view serialized;  // its name there; empty: the SDK serializes it
  bool required = false;
};
struct TimetableKind {
  std::string_view name, path;
  std::vector<TimetableArgument> arguments;
};
[[nodiscard]] const std::vector<TimetableKind>& timetable_kinds();

}  // namespace venturi::lanes::yaml
