#include "schedule/partition_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace venturi::schedule {

using namespace std::chrono;

namespace {

constexpr std::string_view directives = "YmdHMSfjzVUW%";
constexpr std::string_view quarter_word = "{quarter}";

// A format from left to right: a directive's letter, Q for {quarter}, or a character that stands for itself.
struct Piece {
  char directive = 0;
  char literal = 0;
};
class Pieces {
 public:
  explicit Pieces(std::string_view format) : rest_(format) {}
  std::optional<Piece> next() {
    if (rest_.empty()) return std::nullopt;
    if (rest_.starts_with(quarter_word)) {
      rest_.remove_prefix(quarter_word.size());
      return Piece{'Q'};
    }
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c != '%' || rest_.empty()) return Piece{0, c};
    const char directive = rest_.front();
    rest_.remove_prefix(1);
    return directive == '%' ? Piece{0, '%'} : Piece{directive};
  }

 private:
  std::string_view rest_;
};

// One or more digits, at most so many.
std::optional<int> take_number(std::string_view& text, std::size_t least, std::size_t most) {
  std::size_t n = 0;
  int number = 0;
  while (n < most && n < text.size() && text[n] >= '0' && text[n] <= '9') number = number * 10 + (text[n++] - '0');
  if (n < least) return std::nullopt;
  text.remove_prefix(n);
  return number;
}

// Z, +0200 or +02:00.
std::optional<seconds> take_offset(std::string_view& text) {
  if (text.starts_with('Z')) {
    text.remove_prefix(1);
    return seconds(0);
  }
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const int sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  const auto hour = take_number(text, 2, 2);
  if (text.starts_with(':')) text.remove_prefix(1);
  const auto minute = take_number(text, 2, 2);
  if (!hour || !minute || *minute > 59) return std::nullopt;
  return sign * (hours(*hour) + minutes(*minute));
}

struct Fields {
  int year = 1900, month = 1, day = 1, hour = 0, minute = 0, second = 0, micros = 0;
  std::optional<int> day_of_year, quarter;
  std::optional<seconds> offset;
};

bool take(std::string_view& text, char directive, Fields& fields) {
  const auto into = [&](int& field, std::size_t least, std::size_t most, int lowest, int highest) {
    const auto number = take_number(text, least, most);
    if (!number || *number < lowest || *number > highest) return false;
    field = *number;
    return true;
  };
  switch (directive) {
    case 'Y':
      return into(fields.year, 4, 4, 1, 9999);
    case 'm':
      return into(fields.month, 1, 2, 1, 12);
    case 'd':
      return into(fields.day, 1, 2, 1, 31);
    case 'H':
      return into(fields.hour, 1, 2, 0, 23);
    case 'M':
      return into(fields.minute, 1, 2, 0, 59);
    case 'S':
      return into(fields.second, 1, 2, 0, 59);
    case 'f': {
      const std::size_t before = text.size();
      if (!into(fields.micros, 1, 6, 0, 999'999)) return false;
      for (std::size_t digits = before - text.size(); digits < 6; ++digits) fields.micros *= 10;
      return true;
    }
    case 'j':
      return into(fields.day_of_year.emplace(), 1, 3, 1, 366);
    case 'Q':
      return into(fields.quarter.emplace(), 1, 1, 1, 4);
    case 'z':
      fields.offset = take_offset(text);
      return fields.offset.has_value();
    default: {  // a week, which follows from the rest
      int week = 0;
      return into(week, 1, 2, 0, 53);
    }
  }
}

int iso_week(year_month_day date) {
  const sys_days day(date);
  // The year of a week is that of its Thursday.
  const sys_days thursday = day + days(4 - static_cast<int>(weekday(day).iso_encoding()));
  const sys_days first(year_month_day(thursday).year() / January / 1);
  return static_cast<int>((thursday - first).count()) / 7 + 1;
}

// Weeks begin with `first`; days before the first one are of week 0.
int week_of_year(year_month_day date, weekday first) {
  const sys_days day(date), begin(date.year() / January / 1);
  const int into_year = static_cast<int>((day - begin).count());
  const int into_week = static_cast<int>((weekday(day) - first).count());
  return (into_year + 7 - into_week) / 7;
}

std::string offset_text(seconds offset) {
  const auto minutes_of = duration_cast<minutes>(abs(offset)).count();
  return fmt::format("{}{:02}{:02}", offset < seconds(0) ? '-' : '+', minutes_of / 60, minutes_of % 60);
}

}  // namespace

Result<void> check_key_format(std::string_view format) {
  Pieces pieces(format);
  while (const auto piece = pieces.next()) {
    if (piece->directive == 0 || piece->directive == 'Q' || directives.contains(piece->directive)) continue;
    return fail(ErrorKind::invalid, fmt::format("the format '{}' of a partition key has %{}", format, piece->directive), {},
                "use %Y %m %d %H %M %S %f %j %z %V %U %W %% and {quarter}");
  }
  return {};
}

Result<KeyTime> read_key(std::string_view key, std::string_view format) {
  const auto refuse = [&](std::string_view what) {
    return fail(ErrorKind::invalid, fmt::format("the partition key '{}' does not match the format '{}'{}", key, format, what));
  };
  Fields fields;
  std::string_view rest = key;
  Pieces pieces(format);
  while (const auto piece = pieces.next()) {
    if (piece->directive != 0) {
      if (!take(rest, piece->directive, fields)) return refuse({});
    } else if (rest.starts_with(piece->literal)) {
      rest.remove_prefix(1);
    } else {
      return refuse({});
    }
  }
  if (!rest.empty()) return refuse({});
  if (fields.quarter) fields.month = *fields.quarter * 3 - 2;
  const year_month_day date{year(fields.year), month(static_cast<unsigned>(fields.month)),
                            day(static_cast<unsigned>(fields.day))};
  if (!date.ok()) return refuse(": there is no such day");
  local_days on(date);
  if (fields.day_of_year) on = local_days(year(fields.year) / January / 1) + days(*fields.day_of_year - 1);
  return KeyTime{on + hours(fields.hour) + minutes(fields.minute) + seconds(fields.second) + microseconds(fields.micros),
                 fields.offset};
}

std::string write_key(WallTime wall, std::string_view format, const TimeZone& zone) {
  const local_days on = floor<days>(wall);
  const year_month_day date(on);
  const hh_mm_ss<Duration> time(wall - on);
  std::string out;
  Pieces pieces(format);
  while (const auto piece = pieces.next()) {
    switch (piece->directive) {
      case 0:
        out += piece->literal;
        break;
      case 'Y':
        out += fmt::format("{:04}", static_cast<int>(date.year()));
        break;
      case 'm':
        out += fmt::format("{:02}", static_cast<unsigned>(date.month()));
        break;
      case 'd':
        out += fmt::format("{:02}", static_cast<unsigned>(date.day()));
        break;
      case 'H':
        out += fmt::format("{:02}", time.hours().count());
        break;
      case 'M':
        out += fmt::format("{:02}", time.minutes().count());
        break;
      case 'S':
        out += fmt::format("{:02}", time.seconds().count());
        break;
      case 'f':
        out += fmt::format("{:06}", time.subseconds().count());
        break;
      case 'j':
        out += fmt::format("{:03}", (on - local_days(date.year() / January / 1)).count() + 1);
        break;
      case 'Q':
        out += fmt::format("{}", (static_cast<unsigned>(date.month()) - 1) / 3 + 1);
        break;
      case 'V':
        out += fmt::format("{:02}", iso_week(date));
        break;
      case 'U':
        out += fmt::format("{:02}", week_of_year(date, Sunday));
        break;
      case 'W':
        out += fmt::format("{:02}", week_of_year(date, Monday));
        break;
      default:
        out += offset_text(floor<seconds>(wall.time_since_epoch() - zone.to_utc(wall).time_since_epoch()));
    }
  }
  return out;
}

}  // namespace venturi::schedule
