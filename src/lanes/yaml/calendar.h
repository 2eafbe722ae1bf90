// Time zones and timetables, as far as a file can be wrong about them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "venturi/time.h"
#include "venturi/value.h"

namespace venturi::lanes::yaml {

// Reads the zones' files, each once. Not thread-safe.
class Calendar {
 public:
  Calendar();
  ~Calendar();
  Calendar(const Calendar&) = delete;
  Calendar& operator=(const Calendar&) = delete;

  // Whether there is such a time zone; the error lists near names.
  [[nodiscard]] Result<void> check_zone(const std::string& zone);
  // A date as files write it; without an offset it is a wall time of the zone, which check_zone() took.
  [[nodiscard]] Result<Time> to_utc(std::string_view text, const std::string& zone);
  // What the scheduler would say of a serialized timetable.
  [[nodiscard]] Result<void> check_timetable(const Value& timetable);
  // ... of a partition mapper, whose zones check_zone() took.
  [[nodiscard]] Result<void> check_mapper(const Value& mapper);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace venturi::lanes::yaml
