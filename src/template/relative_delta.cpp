#include "template/relative_delta.h"

#include <algorithm>
#include <array>

#include "template/datetime.h"
#include "template/operators.h"

namespace venturi::templates {
namespace {

constexpr std::array<std::string_view, 7> added_names = {"years",   "months",  "days",        "hours",
                                                         "minutes", "seconds", "microseconds"};
constexpr std::array<std::string_view, 7> set_names = {"year", "month", "day", "hour", "minute", "second", "microsecond"};
constexpr std::int64_t most = 10'000'000'000;  // of one part: beyond all dates, and no overflow

using Added = std::array<std::int64_t, 7>;
using Replaced = std::array<std::optional<std::int64_t>, 7>;

// 90 minutes are 1 hour and 30 minutes; days do not become months.
Added normalized(Added parts) {
  const auto carry = [&](std::size_t from, std::size_t to, std::int64_t size) {
    parts[to] += parts[from] / size;  // towards zero: all parts have the sign of their own
    parts[from] %= size;
  };
  carry(6, 5, 1'000'000);
  carry(5, 4, 60);
  carry(4, 3, 60);
  carry(3, 2, 24);
  carry(1, 0, 12);
  return parts;
}

class RelativeDelta final : public HostObject {
 public:
  RelativeDelta(const Added& added, const Replaced& set) : added_(normalized(added)), set_(set) {}

  [[nodiscard]] std::string type_name() const override { return "relativedelta"; }
  [[nodiscard]] std::optional<Item> attribute(std::string_view name) override {
    for (std::size_t i = 0; i < added_.size(); ++i) {
      if (name == added_names[i]) return added_[i];
      if (name == set_names[i]) return set_[i] ? Item(*set_[i]) : Item();
    }
    if (name == "weeks") return added_[2] / 7;
    return std::nullopt;
  }
  [[nodiscard]] std::string repr(Walk&) override {
    std::string parts;
    const auto add = [&](std::string_view name, const std::string& value) {
      parts += (parts.empty() ? "" : ", ") + std::string(name) + "=" + value;
    };
    for (std::size_t i = 0; i < added_.size(); ++i) {
      if (added_[i] != 0) add(added_names[i], (added_[i] > 0 ? "+" : "") + std::to_string(added_[i]));
    }
    for (std::size_t i = 0; i < set_.size(); ++i) {
      if (set_[i]) add(set_names[i], std::to_string(*set_[i]));
    }
    return "relativedelta(" + parts + ")";
  }
  [[nodiscard]] std::optional<Item> operate(Runtime& runtime, Operator op, const Item& other, bool reflected) override {
    const bool adds = op == Operator::add, subtracts = op == Operator::subtract;
    if (other.is(Type::datetime) || other.is(Type::date)) {
      if (adds) return moved(runtime, other, 1);
      if (subtracts && reflected) return moved(runtime, other, -1);
    }
    if (op == Operator::multiply && other.is_integer()) {
      return std::make_shared<RelativeDelta>(times(std::clamp(other.as_integer(), -most, most)), set_);
    }
    const auto* delta = other.is(Type::host) ? dynamic_cast<const RelativeDelta*>(other.as_host().get()) : nullptr;
    if (delta == nullptr || reflected || !(adds || subtracts)) return std::nullopt;
    Added sum = added_;
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += adds ? delta->added_[i] : -delta->added_[i];
    Replaced set = set_;
    for (std::size_t i = 0; i < set.size(); ++i) set[i] = delta->set_[i] ? delta->set_[i] : set[i];
    return std::make_shared<RelativeDelta>(sum, set);
  }

 private:
  [[nodiscard]] Added times(std::int64_t factor) const {
    Added product = added_;
    for (std::int64_t& part : product) {
      if (__builtin_mul_overflow(part, factor, &part) || part > most || part < -most)
        fail(ErrorKind::overflow, "date value out of range");
    }
    return product;
  }

  // The calendar first, then the span.
  [[nodiscard]] Item moved(Runtime& runtime, const Item& date, std::int64_t sign) const {
    const Added by = times(sign);
    const DateTime time = on_a_day(date);
    const Civil at = civil(time.wall);
    std::int64_t year = set_[0].value_or(at.year) + by[0], month = set_[1].value_or(at.month) + by[1];
    if (month < 1 || month > 12) {
      year += month > 12 ? 1 : -1;
      month += month > 12 ? -12 : 12;
    }
    if (year < 1 || year > 9999) fail(ErrorKind::value, "year " + std::to_string(year) + " is out of range");
    if (month < 1 || month > 12) fail(ErrorKind::value, "month must be in 1..12");
    const std::int64_t day =
        std::min<std::int64_t>(set_[2].value_or(at.day), days_in_month(static_cast<int>(year), static_cast<int>(month)));
    const std::int64_t wall = wall_time(year, month, day, set_[3].value_or(at.hour), set_[4].value_or(at.minute),
                                        set_[5].value_or(at.second), set_[6].value_or(at.microsecond));
    const TimeDelta span = make_timedelta(static_cast<double>(by[2]), static_cast<double>(by[3] * 3600 + by[4] * 60 + by[5]),
                                          static_cast<double>(by[6]));
    const bool only_date = date.is(Type::date) && by[3] == 0 && by[4] == 0 && by[5] == 0 && by[6] == 0;
    const Item start = only_date ? Item(Date{static_cast<std::int32_t>(wall / day_us), date.as_date().pendulum})
                                 : Item(at_wall(wall, time.zone, time.pendulum, runtime.zones));
    return apply(runtime, Operator::add, start, span);
  }

  const Added added_;
  const Replaced set_;
};

}  // namespace

Item make_relative_delta(Call& call) {
  if (!call.args.empty()) fail(ErrorKind::type, "relativedelta() takes its parts by name here: relativedelta(months=1)");
  Added added{};
  Replaced set;
  for (const Keyword& keyword : call.keywords) {
    const auto number = [&] {
      if (!keyword.value.is_number())
        fail(ErrorKind::type, "relativedelta() argument " + string_repr(keyword.name) + " must be a number");
      const Item whole = to_integer(keyword.value);
      if (!whole.is_integer() || whole.as_integer() > most || whole.as_integer() < -most) {
        fail(ErrorKind::overflow, "date value out of range");
      }
      return whole.as_integer();
    };
    const auto is_added = std::ranges::find(added_names, std::string_view(keyword.name));
    const auto is_set = std::ranges::find(set_names, std::string_view(keyword.name));
    if (keyword.name == "weeks") {
      added[2] += number() * 7;
    } else if (is_added != added_names.end()) {
      added[static_cast<std::size_t>(is_added - added_names.begin())] += number();
    } else if (is_set != set_names.end()) {
      if (!keyword.value.is_none()) set[static_cast<std::size_t>(is_set - set_names.begin())] = number();
    } else {
      fail(ErrorKind::type, "relativedelta() got an unexpected keyword argument " + string_repr(keyword.name));
    }
  }
  return std::make_shared<RelativeDelta>(added, set);
}

}  // namespace venturi::templates
