#include "schedule/posix_tz.h"

#include <algorithm>
#include <chrono>

#include "base/text.h"

namespace venturi::schedule {
namespace {

namespace chr = std::chrono;

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<int> take_number(std::string_view& text, int limit) {
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  int value = 0;
  while (!text.empty() && is_digit(text.front())) {
    value = value * 10 + (text.front() - '0');
    if (value > limit) return std::nullopt;
    text.remove_prefix(1);
  }
  return value;
}

// "CET", or "<+0330>" where the abbreviation is not of letters.
bool take_abbreviation(std::string_view& text, std::string& to) {
  if (take(text, '<')) {
    const auto end = text.find('>');
    if (end == std::string_view::npos) return false;
    to = text.substr(0, end);
    text.remove_prefix(end + 1);
    return true;
  }
  std::size_t n = 0;
  while (n < text.size() && ((text[n] >= 'A' && text[n] <= 'Z') || (text[n] >= 'a' && text[n] <= 'z'))) ++n;
  to = text.substr(0, n);
  text.remove_prefix(n);
  return n >= 3;
}

// [+-]hh[:mm[:ss]] in seconds.
std::optional<std::int32_t> take_time(std::string_view& text) {
  int sign = 1;
  if (take(text, '-')) {
    sign = -1;
  } else {
    take(text, '+');
  }
  const auto hours = take_number(text, 167);
  if (!hours) return std::nullopt;
  std::int32_t seconds = *hours * 3600;
  for (const int unit : {60, 1}) {
    if (!take(text, ':')) break;
    const auto part = take_number(text, 59);
    if (!part) return std::nullopt;
    seconds += *part * unit;
  }
  return sign * seconds;
}

}  // namespace

bool PosixTz::parse_day(std::string_view& text, Day& day) {
  if (!take(text, ',')) return false;
  if (take(text, 'M')) {
    const auto month = take_number(text, 12);
    if (!month || *month < 1 || !take(text, '.')) return false;
    const auto week = take_number(text, 5);
    if (!week || *week < 1 || !take(text, '.')) return false;
    const auto weekday = take_number(text, 6);
    if (!weekday) return false;
    day.kind = Day::Kind::month_week;
    day.month = *month;
    day.week = *week;
    day.weekday = *weekday;
  } else {
    day.kind = take(text, 'J') ? Day::Kind::julian : Day::Kind::zero_based;
    const auto number = take_number(text, 365);
    if (!number || (day.kind == Day::Kind::julian && *number < 1)) return false;
    day.day = *number;
  }
  if (take(text, '/')) {
    const auto time = take_time(text);
    if (!time) return false;
    day.time = *time;
  }
  return true;
}

std::optional<PosixTz> PosixTz::parse(std::string_view text) {
  PosixTz tz;
  if (!take_abbreviation(text, tz.abbreviations_[0])) return std::nullopt;
  const auto standard = take_time(text);
  if (!standard) return std::nullopt;
  tz.standard_ = -*standard;  // POSIX counts westwards
  if (text.empty()) return tz;
  tz.has_dst_ = true;
  tz.daylight_ = tz.standard_ + 3600;
  if (!take_abbreviation(text, tz.abbreviations_[1])) return std::nullopt;
  if (!text.empty() && text.front() != ',') {
    const auto daylight = take_time(text);
    if (!daylight) return std::nullopt;
    tz.daylight_ = -*daylight;
  }
  if (!parse_day(text, tz.start_) || !parse_day(text, tz.end_) || !text.empty()) return std::nullopt;
  return tz;
}

std::int64_t PosixTz::Day::local_seconds(int year) const {
  chr::sys_days date;
  switch (kind) {
    case Kind::month_week: {
      const chr::year_month ym = chr::year{year} / chr::month{static_cast<unsigned>(month)};
      const chr::weekday wd{static_cast<unsigned>(weekday)};
      date = week == 5 ? chr::sys_days{ym / wd[chr::last]} : chr::sys_days{ym / wd[static_cast<unsigned>(week)]};
      break;
    }
    case Kind::julian: {
      const bool after_february = day >= 60;
      date =
          chr::sys_days{chr::year{year} / 1 / 1} + chr::days{day - 1 + (after_february && chr::year{year}.is_leap() ? 1 : 0)};
      break;
    }
    case Kind::zero_based:
      date = chr::sys_days{chr::year{year} / 1 / 1} + chr::days{day};
      break;
  }
  return chr::seconds{date.time_since_epoch()}.count() + time;
}

std::vector<Transition> PosixTz::around(int year) const {
  std::vector<Transition> list;
  if (!has_dst_) return list;
  list.reserve(6);
  // Where daylight saving lasts all year, the end of one year and the start of the next fall together, in this order.
  const auto insert = [&list](const Transition& t) {
    list.insert(std::ranges::upper_bound(list, t.at, {}, &Transition::at), t);
  };
  for (int y = year - 1; y <= year + 1; ++y) {
    insert({start_.local_seconds(y) - standard_, {daylight_, 1, true}});
    insert({end_.local_seconds(y) - daylight_, standard()});
  }
  return list;
}

}  // namespace venturi::schedule
