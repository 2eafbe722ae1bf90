// Dates and times in templates: Python's datetime module, and pendulum's DateTime on top of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "template/item.h"
#include "venturi/time.h"

namespace venturi::templates {

// What a zone's clocks show at an instant.
struct Offset {
  int seconds = 0;  // east of UTC
  bool dst = false;
  std::string abbreviation;  // "CEST"
};

// The zones of the tz database; implemented outside, where files may be read.
class Zones {
 public:
  virtual ~Zones() = default;
  // nullopt: no such zone.
  [[nodiscard]] virtual std::optional<Offset> at(std::string_view zone, Time time) const = 0;
};

inline constexpr std::int64_t second_us = 1'000'000, minute_us = 60 * second_us, hour_us = 60 * minute_us,
                              day_us = 24 * hour_us;

// Days since 1970 and microseconds are all that is kept: whatever is shown is computed by <chrono>'s calendar.
struct Date {
  std::int32_t days = 0;
  bool pendulum = false;
};

struct TimeOfDay {
  std::int64_t microseconds = 0;
  bool pendulum = false;
};

struct DateTime {
  std::int64_t wall = 0;                              // microseconds since 1970 on the clock on the wall
  std::shared_ptr<const std::string> zone = nullptr;  // "UTC", "Europe/Berlin", "+02:00"; nullptr: naive
  int offset = 0;                                     // seconds east of UTC
  bool pendulum = false;                              // pendulum's DateTime, not Python's own datetime

  [[nodiscard]] bool is_naive() const { return zone == nullptr; }
  [[nodiscard]] std::int64_t utc() const { return wall - offset * second_us; }
};

// -1, 0, 1: by instant, naive ones by their wall time.
[[nodiscard]] int compare(const DateTime& a, const DateTime& b);

// Airflow's own dates: pendulum in UTC.
[[nodiscard]] DateTime utc_datetime(Time time);
[[nodiscard]] const std::shared_ptr<const std::string>& utc_zone();
// Python's range of dates, years 1 to 9999: OverflowError outside.
std::int64_t checked_wall(std::int64_t microseconds);

struct Civil {
  int year, month, day;
  int hour, minute, second, microsecond;
  int weekday;      // Monday 0
  int day_of_year;  // 1 to 366
};
[[nodiscard]] Civil civil(std::int64_t wall);
// ValueError where there is no such day or time, in Python's words.
[[nodiscard]] std::int64_t wall_time(std::int64_t year, std::int64_t month, std::int64_t day, std::int64_t hour = 0,
                                     std::int64_t minute = 0, std::int64_t second = 0, std::int64_t microsecond = 0);
[[nodiscard]] int days_in_month(int year, int month);
[[nodiscard]] bool is_leap_year(int year);
struct IsoWeek {
  int year, week;
};
[[nodiscard]] IsoWeek iso_week(std::int64_t wall);

// The same instant elsewhere; pendulum's InvalidTimezone is a ValueError here.
[[nodiscard]] DateTime in_zone(const DateTime& time, std::string_view zone, const Zones* zones);
// The instant at which the clocks of `zone` show `wall`. One that exists twice is the second (pendulum) or the first
// (datetime); one that is left out is moved on by what was left out.
[[nodiscard]] DateTime at_wall(std::int64_t wall, const std::shared_ptr<const std::string>& zone, bool pendulum,
                               const Zones* zones);
[[nodiscard]] DateTime on_a_day(const Item& item);  // a datetime, date or time for strftime: a time is one of 1900-01-01
[[nodiscard]] Offset offset_at(std::string_view zone, std::int64_t utc, const Zones* zones);

// "2024-05-06T07:08:09.123456+02:00": isoformat().
[[nodiscard]] std::string iso_format(const DateTime& time, char separator = 'T');
[[nodiscard]] std::string iso_format(const Date& date);
[[nodiscard]] std::string iso_format(const TimeOfDay& time);
[[nodiscard]] std::string offset_text(int seconds, std::string_view colon);  // "+02:00"
[[nodiscard]] std::string timedelta_str(TimeDelta delta);                    // "1 day, 2:00:00"
[[nodiscard]] std::string timedelta_repr(TimeDelta delta);                   // "datetime.timedelta(days=1, seconds=7200)"
[[nodiscard]] std::string datetime_repr(const DateTime& time);
[[nodiscard]] std::string date_repr(const Date& date);
[[nodiscard]] std::string time_repr(const TimeOfDay& time);
// OverflowError beyond Python's range.
[[nodiscard]] TimeDelta make_timedelta(double days, double seconds, double microseconds);

[[nodiscard]] std::string strftime(const DateTime& time, std::string_view format, const Zones* zones);
// ValueError where the text does not match. Naive unless the format has %z.
[[nodiscard]] DateTime strptime(std::string_view text, std::string_view format);
// pendulum's tokens: "YYYY-MM-DD HH:mm:ss".
[[nodiscard]] std::string pendulum_format(const DateTime& time, std::string_view format, const Zones* zones);
// pendulum.parse() for ISO 8601 texts; nullopt for others.
[[nodiscard]] std::optional<DateTime> parse_iso(std::string_view text);

extern const std::string_view month_names[12];
extern const std::string_view day_names[7];

}  // namespace venturi::templates
