#include "template/interval.h"

#include <cstdlib>
#include <utility>

#include "template/call.h"
#include "template/compare.h"
#include "template/datetime_arithmetic.h"
#include "template/methods.h"
#include "template/operators.h"

namespace venturi::templates {
namespace {

std::string counted(int n, std::string_view unit) {
  return std::to_string(n) + " " + std::string(unit) + (n == 1 ? "" : "s");
}

// pendulum's Interval: a timedelta that knows its ends.
class IntervalObject final : public HostObject {
 public:
  // `inverted`: the ends were exchanged.
  IntervalObject(const DateTime& start, const DateTime& end, bool inverted)
      : start_(start),
        end_(end),
        delta_{end.utc() - start.utc()},
        difference_(difference(start, end)),
        inverted_(inverted || delta_.microseconds < 0) {}
  IntervalObject(const Date& start, const Date& end, bool inverted)
      : start_(start),
        end_(end),
        delta_{(std::int64_t{end.days} - start.days) * day_us},
        difference_(difference(DateTime{start.days * day_us}, DateTime{end.days * day_us})),
        inverted_(inverted || delta_.microseconds < 0) {}

  [[nodiscard]] std::string type_name() const override { return "Interval"; }
  [[nodiscard]] std::optional<Item> plain() override { return delta_; }
  [[nodiscard]] std::string repr(Walk&) override {
    return "<Interval [" + templates::str(start_) + " -> " + templates::str(end_) + "]>";
  }
  [[nodiscard]] std::optional<Item> attribute(std::string_view name) override {
    const std::int64_t seconds = delta_.microseconds / second_us;
    if (name == "start") return start_;
    if (name == "end") return end_;
    if (name == "years") return difference_.years;
    if (name == "months") return difference_.months;
    if (name == "weeks") return difference_.days / 7;
    if (name == "days") return delta_.microseconds / day_us;
    if (name == "remaining_days") return difference_.days % 7;
    if (name == "hours") return difference_.hours;
    if (name == "minutes") return difference_.minutes;
    if (name == "seconds") return seconds % 86400;
    if (name == "remaining_seconds") return difference_.seconds;
    if (name == "microseconds") return delta_.microseconds % second_us;
    if (name == "invert") return inverted_;
    if (name == "range")
      return make_function("range", [start = start_, end = end_](Call& call) { return steps(call, start, end); });
    const auto function = [&](const Item& value) {
      return make_function(std::string(name), [name = std::string(name), value](Call& call) {
        const Args args(call, {}, 0);
        return value;
      });
    };
    const double real_seconds = static_cast<double>(delta_.microseconds) / static_cast<double>(second_us);
    if (name == "in_years") return function(difference_.years);
    if (name == "in_months") return function(difference_.years * 12 + difference_.months);
    if (name == "in_weeks") return function(difference_.total_days / 7);
    if (name == "in_days") return function(difference_.total_days);
    if (name == "in_hours") return function(seconds / 3600);
    if (name == "in_minutes") return function(seconds / 60);
    if (name == "in_seconds") return function(seconds);
    if (name == "total_seconds") return function(real_seconds);
    if (name == "total_minutes") return function(real_seconds / 60);
    if (name == "total_hours") return function(real_seconds / 3600);
    if (name == "total_days") return function(real_seconds / 86400);
    if (name == "total_weeks") return function(real_seconds / 86400 / 7);
    if (name == "as_timedelta") return function(delta_);
    if (name == "in_words") {
      return make_function("in_words", [difference = difference_](Call& call) -> Item {
        const Args args(call, {"locale", "separator"}, 0);
        return difference_in_words(difference, args.text(1, " "));
      });
    }
    return std::nullopt;
  }

 private:
  // range('days', 2): dates from the start up to the end.
  static Item steps(Call& call, const Item& start, const Item& end) {
    call.args.insert(call.args.begin(), Item());
    const Args args(call, {"self", "unit", "amount"}, 2);
    const bool forward = !less(end, start);
    Items items;
    for (std::int64_t i = 0;; ++i) {
      call.runtime.budget.step(8);
      call.runtime.budget.check_items(items.size() + 1);
      Item next =
          call.runtime.call(*own_attribute(start, forward ? "add" : "subtract"), {}, {{args.text(1), i * args.integer(2, 1)}});
      if (forward ? less(end, next) : less(next, end)) break;
      items.push_back(std::move(next));
      if (args.integer(2, 1) <= 0) fail(ErrorKind::value, "the amount of range() must be positive");
    }
    return make_generator(std::move(items));
  }

  const Item start_, end_;
  const TimeDelta delta_;
  const Difference difference_;
  const bool inverted_;
};

}  // namespace

Difference difference(const DateTime& start, const DateTime& end) {
  if (compare(start, end) > 0) {
    const Difference d = difference(end, start);
    return {-d.years, -d.months, -d.days, -d.hours, -d.minutes, -d.seconds, -d.microseconds, -d.total_days};
  }
  const std::int64_t first_days = wall_time(civil(start.wall).year, civil(start.wall).month, civil(start.wall).day) / day_us;
  const std::int64_t last_days = wall_time(civil(end.wall).year, civil(end.wall).month, civil(end.wall).day) / day_us;
  Difference d;
  d.total_days = last_days - first_days;
  // By the clocks on the wall within one zone, by UTC otherwise.
  const bool same_zone = start.is_naive() || *start.zone == *end.zone;
  const bool by_wall = same_zone && d.total_days != 0;
  const Civil a = civil(by_wall ? start.wall : start.utc()), b = civil(by_wall ? end.wall : end.utc());
  d.years = b.year - a.year;
  d.months = b.month - a.month;
  d.days = b.day - a.day;
  d.hours = b.hour - a.hour;
  d.minutes = b.minute - a.minute;
  d.seconds = b.second - a.second;
  d.microseconds = b.microsecond - a.microsecond;
  const auto borrow = [](int& lower, int& higher, int size) {
    if (lower < 0) {
      lower += size;
      --higher;
    }
  };
  borrow(d.microseconds, d.seconds, 1'000'000);
  borrow(d.seconds, d.minutes, 60);
  borrow(d.minutes, d.hours, 60);
  borrow(d.hours, d.days, 24);
  if (d.days < 0) {
    const int last_month = b.month == 1 ? 12 : b.month - 1, year = b.month == 1 ? b.year - 1 : b.year;
    const int in_last_month = days_in_month(year, last_month), longer = days_in_month(b.year, b.month) - in_last_month;
    if (d.days < longer) {
      d.days += in_last_month < a.day ? a.day : in_last_month;
    } else if (d.days == longer) {  // exactly a month
      d.days = 0;
      ++d.months;
    } else {
      d.days += in_last_month;
    }
    --d.months;
  }
  borrow(d.months, d.years, 12);
  return d;
}

std::string difference_in_words(const Difference& d, std::string_view separator) {
  const std::pair<int, std::string_view> parts[] = {{d.years, "year"},    {d.months, "month"}, {d.days / 7, "week"},
                                                    {d.days % 7, "day"},  {d.hours, "hour"},   {d.minutes, "minute"},
                                                    {d.seconds, "second"}};
  std::string words;
  for (const auto& [count, unit] : parts) {
    if (count == 0) continue;
    if (!words.empty()) words += separator;
    words += std::to_string(count) + " " + std::string(unit) + (std::abs(count) == 1 ? "" : "s");
  }
  return words.empty() ? "0 microseconds" : words;
}

std::string difference_for_humans(const DateTime& time, const DateTime& other, bool other_is_now, bool absolute) {
  if (time.is_naive() != other.is_naive()) fail(ErrorKind::type, "can't compare offset-naive and offset-aware datetimes");
  const bool future = compare(time, other) > 0;
  const Difference d = future ? difference(other, time) : difference(time, other);
  const int weeks = d.days / 7, days = d.days % 7;
  std::string text;
  const auto set = [&](int count, std::string_view unit) { text = counted(count == 0 ? 1 : count, unit); };
  // Rounded up where little is missing.
  if (d.years > 0)
    set(d.years + (d.months > 6 ? 1 : 0), "year");
  else if (d.months == 11 && d.days > 15)
    set(1, "year");
  else if (d.months > 0)
    set(d.months + (d.days >= 27 ? 1 : 0), "month");
  else if (weeks > 0)
    set(weeks + (days > 3 ? 1 : 0), "week");
  else if (days > 0)
    set(days + (d.hours >= 22 ? 1 : 0), "day");
  else if (d.hours > 0)
    set(d.hours, "hour");
  else if (d.minutes > 0)
    set(d.minutes, "minute");
  else if (d.seconds > 10)
    set(d.seconds, "second");
  else
    text = "a few seconds";
  if (absolute) return text;
  if (other_is_now) return future ? "in " + text : text + " ago";
  return text + (future ? " after" : " before");
}

Item make_interval(const Date& start, const Date& end, bool absolute) {
  if (absolute && start.days > end.days) return std::make_shared<IntervalObject>(end, start, true);
  return std::make_shared<IntervalObject>(start, end, false);
}

Item make_interval(const DateTime& start, const DateTime& end, bool absolute) {
  if (start.is_naive() != end.is_naive()) fail(ErrorKind::type, "can't compare offset-naive and offset-aware datetimes");
  if (absolute && compare(start, end) > 0) return std::make_shared<IntervalObject>(end, start, true);
  return std::make_shared<IntervalObject>(start, end, false);
}

}  // namespace venturi::templates
