// The rule at the end of a TZif file, a POSIX TZ string such as "CET-1CEST,M3.5.0,M10.5.0/3": how offsets go on for ever
// after the last listed transition. With the extensions of RFC 8536: times from -167 to 167 hours.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace venturi::schedule {

// What clocks show: local time is `offset` seconds east of UTC, `name` is the number of its abbreviation.
struct Phase {
  std::int32_t offset = 0;
  std::uint8_t name = 0;
  bool dst = false;
};
// It begins at `at` (seconds since 1970, UTC).
struct Transition {
  std::int64_t at = 0;
  Phase phase;
};

class PosixTz {
 public:
  // Nothing where the text is no POSIX TZ string.
  [[nodiscard]] static std::optional<PosixTz> parse(std::string_view text);

  [[nodiscard]] bool has_dst() const { return has_dst_; }
  // Their names are numbers 0 and 1 of abbreviations().
  [[nodiscard]] Phase standard() const { return {standard_, 0, false}; }
  [[nodiscard]] const std::array<std::string, 2>& abbreviations() const { return abbreviations_; }  // standard, daylight saving
  // The transitions of the years before, in and after `year`, by time; without daylight saving none.
  [[nodiscard]] std::vector<Transition> around(int year) const;

 private:
  struct Day {
    enum class Kind : std::uint8_t { month_week, julian, zero_based } kind = Kind::month_week;
    int month = 1, week = 1, weekday = 0;  // month_week: week 5 is the last
    int day = 0;                           // julian: 1-365 without 29 February; zero_based: 0-365 with it
    std::int32_t time = 2 * 3600;          // seconds after local midnight
    [[nodiscard]] std::int64_t local_seconds(int year) const;
  };
  static bool parse_day(std::string_view& text, Day& day);

  bool has_dst_ = false;
  std::int32_t standard_ = 0, daylight_ = 0;
  std::array<std::string, 2> abbreviations_;
  Day start_, end_;
};

}  // namespace venturi::schedule
