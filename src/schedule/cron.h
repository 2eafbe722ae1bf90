// Cron expressions with the semantics of croniter 7, on which Airflow's timetables stand. Pure wall-clock arithmetic: what a
// daylight saving change makes of the result is the timetable's matter.
//
//   minute hour day-of-month month day-of-week [second [year]]
//
//   *   ?          all values (? in the day fields only)      a-b  a-b/n  */n  a/n   ranges, also backwards: 22-2, fri-mon
//   jan-dec sun-sat  names; 7 is Sunday too                   L    last day of the month
//   5#3  mon#1     the third Friday, the first Monday         L5   the last Friday
//   15W            the weekday nearest to the 15th            R  R(a-b)  R/n   a value drawn from the expression's text
//   @hourly @daily @midnight @weekly @monthly @yearly @annually
//
// Where both day fields are restricted, either is enough. Airflow hands croniter no hash id, so `H` is refused; `R` is drawn
// anew by croniter at each use, here it is always the same for the same expression.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "schedule/time_zone.h"

namespace venturi::schedule {

struct CronField {
  bool any = false;         // holds "*"; `only_any` when it holds nothing else (croniter tells the two apart)
  bool last = false;        // L, day of month only
  std::vector<int> values;  // sorted, without duplicates
  [[nodiscard]] bool only_any() const { return any && !last && values.empty(); }
};

class Cron {
 public:
  enum Index : std::uint8_t { minute, hour, day, month, weekday, second, year };

  // The error names the field, what it holds and what it may hold.
  [[nodiscard]] static Result<Cron> parse(std::string_view expression);

  // The first match after (before) `wall`, strictly; nothing where there is none within 50 years.
  [[nodiscard]] std::optional<WallTime> next(WallTime wall) const;
  [[nodiscard]] std::optional<WallTime> previous(WallTime wall) const;

  // The hour field is "*" and nothing else: Airflow then counts elapsed time across a daylight saving change.
  [[nodiscard]] bool covers_every_hour() const { return fields_[hour].only_any(); }

 private:
  friend class CronParser;
  friend class CronSearch;

  [[nodiscard]] std::optional<WallTime> find(WallTime wall, bool backwards) const;

  std::array<CronField, 7> fields_;
  int field_count_ = 5;
  // By weekday (0 is Sunday) the set of occurrences asked for: bit n for #n, bit 6 for the last one.
  std::array<std::uint8_t, 7> nth_weekdays_{};
  bool has_nth_weekdays_ = false;
  int nearest_weekday_ = 0;  // the day before W; 0 is none
};

}  // namespace venturi::schedule
