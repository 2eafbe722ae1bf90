// strptime in the C locale.
#include <algorithm>
#include <span>

#include "base/text.h"
#include "template/datetime.h"
#include "template/operators.h"
#include "template/text_shape.h"

namespace venturi::templates {
namespace {

// What strptime has read so far.
struct Parsed {
  int year = 1900, month = 1, day = 1, hour = 0, minute = 0, second = 0, microsecond = 0;
  std::optional<int> day_of_year, offset;
  std::optional<bool> afternoon;
};

class TimeReader {
 public:
  TimeReader(std::string_view text, std::string_view format) : text_(text), format_(format), rest_(text) {}

  DateTime run() {
    read(format_);
    if (!rest_.empty()) fail(ErrorKind::value, "unconverted data remains: " + std::string(rest_));
    if (parsed_.afternoon) parsed_.hour = parsed_.hour % 12 + (*parsed_.afternoon ? 12 : 0);
    std::int64_t wall =
        wall_time(parsed_.year, parsed_.month, parsed_.day, parsed_.hour, parsed_.minute, parsed_.second, parsed_.microsecond);
    if (parsed_.day_of_year) {
      wall = wall_time(parsed_.year, 1, 1, parsed_.hour, parsed_.minute, parsed_.second, parsed_.microsecond) +
             (*parsed_.day_of_year - 1) * day_us;
    }
    if (!parsed_.offset) return {wall};
    auto zone = *parsed_.offset == 0 ? utc_zone() : std::make_shared<const std::string>(offset_text(*parsed_.offset, ":"));
    return {wall, std::move(zone), *parsed_.offset};
  }

 private:
  [[noreturn]] void mismatch() const {
    fail(ErrorKind::value, "time data " + string_repr(text_) + " does not match format " + string_repr(format_));
  }

  void read(std::string_view format) {
    while (!format.empty()) {
      const char c = format[0];
      format.remove_prefix(1);
      if (c == '%' && !format.empty()) {
        directive(format[0]);
        format.remove_prefix(1);
      } else if (is_blank(c)) {
        if (rest_.empty() || !is_blank(rest_[0])) mismatch();
        while (!rest_.empty() && is_blank(rest_[0])) rest_.remove_prefix(1);
      } else {
        if (!rest_.starts_with(c)) mismatch();
        rest_.remove_prefix(1);
      }
    }
  }

  int digits(std::size_t most, int least, int greatest) {
    std::size_t n = 0;
    int value = 0;
    while (n < most && n < rest_.size() && is_digit(rest_[n])) {
      const int next = value * 10 + (rest_[n] - '0');
      if (next > greatest) break;
      value = next;
      ++n;
    }
    if (n == 0 || value < least) mismatch();
    rest_.remove_prefix(n);
    return value;
  }

  int name(std::span<const std::string_view> names, std::size_t letters) {
    // The longest first: "May" is both.
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string_view wanted = letters == 0 ? names[i] : names[i].substr(0, letters);
      if (rest_.size() >= wanted.size() && lower_case(rest_.substr(0, wanted.size())) == lower_case(wanted)) {
        rest_.remove_prefix(wanted.size());
        return static_cast<int>(i);
      }
    }
    mismatch();
  }

  void offset() {
    if (rest_.starts_with('Z')) {
      rest_.remove_prefix(1);
      parsed_.offset = 0;
      return;
    }
    if (!rest_.starts_with('+') && !rest_.starts_with('-')) mismatch();
    const int sign = rest_[0] == '-' ? -1 : 1;
    rest_.remove_prefix(1);
    const int hours = digits(2, 0, 23);
    if (rest_.starts_with(':')) rest_.remove_prefix(1);
    const int minutes = digits(2, 0, 59);
    parsed_.offset = sign * (hours * 60 + minutes) * 60;
  }

  void directive(char which) {
    switch (which) {
      case 'Y': {
        if (rest_.size() < 4 || !std::all_of(rest_.begin(), rest_.begin() + 4, is_digit)) mismatch();
        parsed_.year = digits(4, 0, 9999);
        break;
      }
      case 'y': {
        const int value = digits(2, 0, 99);
        parsed_.year = value < 69 ? 2000 + value : 1900 + value;
        break;
      }
      case 'm':
        parsed_.month = digits(2, 1, 12);
        break;
      case 'd':
        parsed_.day = digits(2, 1, 31);
        break;
      case 'H':
        parsed_.hour = digits(2, 0, 23);
        break;
      case 'I':
        parsed_.hour = digits(2, 1, 12);
        if (!parsed_.afternoon) parsed_.afternoon = false;
        break;
      case 'M':
        parsed_.minute = digits(2, 0, 59);
        break;
      case 'S':
        parsed_.second = digits(2, 0, 61);
        break;
      case 'j':
        parsed_.day_of_year = digits(3, 1, 366);
        break;
      case 'f': {
        const std::size_t before = rest_.size();
        int value = digits(6, 0, 999'999);
        for (std::size_t n = before - rest_.size(); n < 6; ++n) value *= 10;
        parsed_.microsecond = value;
        break;
      }
      case 'B':
        parsed_.month = name(month_names, 0) + 1;
        break;
      case 'b':
        parsed_.month = name(month_names, 3) + 1;
        break;
      case 'A':
        name(day_names, 0);
        break;
      case 'a':
        name(day_names, 3);
        break;
      case 'p': {
        constexpr std::string_view halves[] = {"AM", "PM"};
        parsed_.afternoon = name(halves, 0) == 1;
        break;
      }
      case 'w':
        digits(1, 0, 6);
        break;
      case 'u':
        digits(1, 1, 7);
        break;
      case 'z':
        offset();
        break;
      case 'Z':
        if (rest_.starts_with("UTC") || rest_.starts_with("GMT"))
          rest_.remove_prefix(3);
        else
          mismatch();
        break;
      case 'D':
      case 'x':
        return read("%m/%d/%y");
      case 'X':
      case 'T':
        return read("%H:%M:%S");
      case 'c':
        return read("%a %b %d %H:%M:%S %Y");
      case '%':
        if (!rest_.starts_with('%')) mismatch();
        rest_.remove_prefix(1);
        break;
      default:
        fail(ErrorKind::value, "'" + std::string(1, which) + "' is a bad directive in format " + string_repr(format_));
    }
  }

  const std::string_view text_, format_;
  std::string_view rest_;
  Parsed parsed_;
};

}  // namespace

DateTime strptime(std::string_view text, std::string_view format) {
  return TimeReader(text, format).run();
}

}  // namespace venturi::templates
