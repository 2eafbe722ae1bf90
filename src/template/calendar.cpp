// Wall time as numbers of the calendar and back, and the zones between wall time and UTC.
#include <chrono>

#include "template/datetime.h"

namespace venturi::templates {
namespace {

constexpr std::int64_t first_wall = -62'135'596'800 * second_us;   // 0001-01-01T00:00
constexpr std::int64_t beyond_wall = 253'402'300'800 * second_us;  // 10000-01-01T00:00

std::int64_t floor_days(std::int64_t wall) {
  return wall >= 0 ? wall / day_us : -((-wall + day_us - 1) / day_us);
}

// "+02:00", "-0530", "UTC+3" as seconds; nullopt for a name.
std::optional<int> fixed_offset(std::string_view zone) {
  if (zone.size() < 3 || (zone[0] != '+' && zone[0] != '-')) return std::nullopt;
  int digits[4] = {0, 0, 0, 0};
  int count = 0;
  for (const char c : zone.substr(1)) {
    if (c == ':' && count == 2) continue;
    if (c < '0' || c > '9' || count == 4) return std::nullopt;
    digits[count++] = c - '0';
  }
  if (count != 2 && count != 4) return std::nullopt;
  const int seconds = ((digits[0] * 10 + digits[1]) * 60 + digits[2] * 10 + digits[3]) * 60;
  return zone[0] == '-' ? -seconds : seconds;
}

}  // namespace

const std::string_view month_names[12] = {"January", "February", "March",     "April",   "May",      "June",
                                          "July",    "August",   "September", "October", "November", "December"};
const std::string_view day_names[7] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

const std::shared_ptr<const std::string>& utc_zone() {
  static const auto utc = std::make_shared<const std::string>("UTC");
  return utc;
}

DateTime utc_datetime(Time time) {
  return {checked_wall(time.time_since_epoch().count()), utc_zone(), 0, true};
}

int compare(const DateTime& a, const DateTime& b) {
  return a.utc() < b.utc() ? -1 : a.utc() > b.utc();
}

std::int64_t checked_wall(std::int64_t microseconds) {
  if (microseconds < first_wall || microseconds >= beyond_wall) fail(ErrorKind::overflow, "date value out of range");
  return microseconds;
}

Civil civil(std::int64_t wall) {
  const std::int64_t days = floor_days(wall);
  const std::chrono::sys_days day{std::chrono::days(days)};
  const std::chrono::year_month_day date(day);
  const std::int64_t rest = wall - days * day_us;
  const auto first = std::chrono::sys_days(date.year() / 1 / 1);
  return {static_cast<int>(date.year()),
          static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())),
          static_cast<int>(rest / hour_us),
          static_cast<int>(rest / minute_us % 60),
          static_cast<int>(rest / second_us % 60),
          static_cast<int>(rest % second_us),
          static_cast<int>(std::chrono::weekday(day).iso_encoding()) - 1,
          static_cast<int>((day - first).count()) + 1};
}

bool is_leap_year(int year) {
  return std::chrono::year(year).is_leap();
}

int days_in_month(int year, int month) {
  constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return days[month - 1] + (month == 2 && is_leap_year(year) ? 1 : 0);
}

std::int64_t wall_time(std::int64_t year, std::int64_t month, std::int64_t day, std::int64_t hour, std::int64_t minute,
                       std::int64_t second, std::int64_t microsecond) {
  const auto require = [](bool ok, const char* message) {
    if (!ok) fail(ErrorKind::value, message);
  };
  if (year < 1 || year > 9999) fail(ErrorKind::value, "year " + std::to_string(year) + " is out of range");
  require(month >= 1 && month <= 12, "month must be in 1..12");
  require(day >= 1 && day <= days_in_month(static_cast<int>(year), static_cast<int>(month)), "day is out of range for month");
  require(hour >= 0 && hour <= 23, "hour must be in 0..23");
  require(minute >= 0 && minute <= 59, "minute must be in 0..59");
  require(second >= 0 && second <= 59, "second must be in 0..59");
  require(microsecond >= 0 && microsecond <= 999'999, "microsecond must be in 0..999999");
  const std::chrono::sys_days days = std::chrono::year(static_cast<int>(year)) /
                                     std::chrono::month(static_cast<unsigned>(month)) /
                                     std::chrono::day(static_cast<unsigned>(day));
  return days.time_since_epoch().count() * day_us + hour * hour_us + minute * minute_us + second * second_us + microsecond;
}

IsoWeek iso_week(std::int64_t wall) {
  const Civil date = civil(wall);
  // The week belongs to the year of its Thursday.
  const Civil thursday = civil(wall + (3 - date.weekday) * day_us);
  return {thursday.year, (thursday.day_of_year - 1) / 7 + 1};
}

Offset offset_at(std::string_view zone, std::int64_t utc, const Zones* zones) {
  if (zone == "UTC" || zone == "utc" || zone == "Etc/UTC" || zone == "Z") return {0, false, "UTC"};
  if (const auto fixed = fixed_offset(zone)) return {*fixed, false, std::string(zone)};
  auto offset = zones == nullptr ? std::nullopt : zones->at(zone, Time(Duration(utc)));
  if (!offset) fail(ErrorKind::value, "Invalid timezone " + std::string(zone));
  return *offset;
}

DateTime in_zone(const DateTime& time, std::string_view zone, const Zones* zones) {
  const int offset = offset_at(zone, time.utc(), zones).seconds;
  auto name = zone == "utc" ? utc_zone() : std::make_shared<const std::string>(zone);
  return {checked_wall(time.utc() + offset * second_us), std::move(name), offset, time.pendulum};
}

DateTime at_wall(std::int64_t wall, const std::shared_ptr<const std::string>& zone, bool pendulum, const Zones* zones) {
  checked_wall(wall);
  if (zone == nullptr) return {wall, nullptr, 0, pendulum};
  // The offsets a day before and after: equal but near a change. Then each gives a candidate, which counts if it is in force
  // there.
  const int before = offset_at(*zone, wall - day_us, zones).seconds, after = offset_at(*zone, wall + day_us, zones).seconds;
  if (before == after) return {wall, zone, before, pendulum};
  const auto in_force = [&](int offset) { return offset_at(*zone, wall - offset * second_us, zones).seconds == offset; };
  const bool first = in_force(before), second = in_force(after);
  if (first && (!second || !pendulum)) return {wall, zone, before, pendulum};
  if (second) return {wall, zone, after, pendulum};
  // Left out: as if the clock had not been put forward yet.
  return {wall + (after - before) * second_us, zone, after, pendulum};
}

}  // namespace venturi::templates
