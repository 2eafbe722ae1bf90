// Time zones as values: what is pure gets them handed in and never reads a file.
//
//   TimeZones zones = *TimeZones::load();         // at start: reads nothing but the folder's existence
//   zones.add("Europe/Berlin"), zones.add_for(dag's timetable)   // the shell, when it sees a DAG: one small file each
//   make_timetable(serialized, zones)             // pure code: finds what was added, never reads
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "schedule/posix_tz.h"
#include "venturi/value.h"

namespace venturi::schedule {

// What a clock on the wall shows: a type of its own, so that it is never taken for UTC.
using WallTime = std::chrono::local_time<Duration>;

// One zone's rules.
class TimeZone {
 public:
  [[nodiscard]] static TimeZone fixed(std::chrono::seconds offset, std::string name);
  // From the bytes of a TZif file (RFC 8536, versions 1 to 4).
  [[nodiscard]] static Result<TimeZone> from_tzif(std::string_view bytes, std::string name);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] WallTime to_local(Time utc) const;
  // "CEST", and whether daylight saving is on; a fixed offset's is its name.
  struct Abbreviation {
    std::string text;
    bool dst = false;
  };
  [[nodiscard]] Abbreviation abbreviation(Time utc) const;
  // A wall time that exists twice: `fold` 0 takes the first, 1 the second. One that does not exist: 0 takes the instant that
  // the clock would have shown had it been put forward before, 1 the instant had it not been put forward yet (02:30 becomes
  // 03:30). This is pendulum's Timezone.convert(); Airflow always asks with fold 1.
  [[nodiscard]] Time to_utc(WallTime wall, int fold = 1) const;

 private:
  TimeZone() = default;
  [[nodiscard]] Phase utc_phase(std::int64_t utc) const;
  [[nodiscard]] std::int32_t wall_offset(std::int64_t wall, int fold) const;

  std::string name_;
  Phase first_;                             // before all transitions
  std::vector<Transition> transitions_;     // by time
  std::optional<PosixTz> afterwards_;       // the rule after the last transition
  std::vector<std::string> abbreviations_;  // of first_ and transitions_; the rule has its own
};

// The zones in use, by name. Thread-safe.
class TimeZones {
 public:
  // Only remembers the folder; the error says what to install where it is missing.
  [[nodiscard]] static Result<TimeZones> load(std::string_view zoneinfo = "/usr/share/zoneinfo");
  // UTC and fixed offsets only: for tests and programs that need no more.
  [[nodiscard]] static TimeZones utc_only();

  TimeZones(TimeZones&&) noexcept;
  TimeZones& operator=(TimeZones&&) noexcept;
  ~TimeZones();

  // Reads the zone's file, the only I/O here; nothing where it is known already. The error lists near names.
  [[nodiscard]] Result<void> add(std::string_view name);
  // Adds all zones that a serialized timetable names.
  [[nodiscard]] Result<void> add_for(const Value& serialized_timetable);

  // "UTC", "+02:00", a number of seconds as Airflow serializes fixed offsets ("7200"), or a name that was added.
  [[nodiscard]] Result<std::shared_ptr<const TimeZone>> find(std::string_view name) const;

 private:
  TimeZones();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace venturi::schedule
