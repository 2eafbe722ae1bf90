// Random expressions against a search that tries every minute.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "schedule/cron.h"
#include "schedule/cron_schedule.h"

namespace venturi::schedule {
namespace {

namespace chr = std::chrono;

// A field as text, and what it means: no values are all.
struct Field {
  std::string text = "*";
  std::set<int> values;
  [[nodiscard]] bool holds(int value) const { return values.empty() || values.contains(value); }
};

rc::Gen<Field> gen_field(int low, int high) {
  return rc::gen::exec([=] {
    Field field;
    const auto add = [&](const std::string& text, int from, int to, int step) {
      field.text = field.values.empty() ? text : field.text + "," + text;
      for (int value = from; value <= to; value += step) field.values.insert(value);
    };
    const int elements = *rc::gen::weightedElement<int>({{2, 0}, {5, 1}, {2, 2}, {1, 3}});
    for (int i = 0; i < elements; ++i) {
      const int from = *rc::gen::inRange(low, high + 1), to = *rc::gen::inRange(from, high + 1),
                step = *rc::gen::inRange(2, 20);
      switch (*rc::gen::inRange(0, 5)) {
        case 0:
          add(std::to_string(from), from, from, 1);
          break;
        case 1:
          if (from < to) add(std::to_string(from) + "-" + std::to_string(to), from, to, 1);
          break;
        case 2:
          if (from < to) add(std::to_string(from) + "-" + std::to_string(to) + "/" + std::to_string(step), from, to, step);
          break;
        case 3:
          add("*/" + std::to_string(step), low, high, step);
          break;
        default:
          add(std::to_string(from) + "/" + std::to_string(step), from, high, step);
      }
    }
    // Every value by name is "*" in another spelling, which croniter treats apart in the day fields.
    if (field.values.size() == static_cast<std::size_t>(high - low + 1)) return Field();
    return field;
  });
}

struct Expression {
  std::vector<Field> fields;  // minute, hour, day, month, weekday
  [[nodiscard]] std::string text() const {
    std::string text;
    for (const Field& field : fields) text += (text.empty() ? "" : " ") + field.text;
    return text;
  }
  [[nodiscard]] bool matches(chr::local_days date) const {
    const chr::year_month_day ymd{date};
    const bool day = fields[2].holds(static_cast<int>(static_cast<unsigned>(ymd.day())));
    const bool weekday = fields[4].holds(static_cast<int>(chr::weekday{date}.c_encoding()));
    const bool both_restricted = fields[2].text != "*" && fields[4].text != "*";
    return fields[3].holds(static_cast<int>(static_cast<unsigned>(ymd.month()))) &&
           (both_restricted ? day || weekday : day && weekday);
  }
  // The first match after (the last before) `from`, by trying.
  [[nodiscard]] std::optional<WallTime> search(WallTime from, bool backwards) const {
    constexpr int most_days = 50 * 366;
    const chr::local_days first = chr::floor<chr::days>(from);
    for (int i = 0; i <= most_days; ++i) {
      const chr::local_days date = first + chr::days{backwards ? -i : i};
      if (!matches(date)) continue;
      for (int m = 0; m < 24 * 60; ++m) {
        const int minute = backwards ? 24 * 60 - 1 - m : m;
        const WallTime t = date + chr::minutes{minute};
        if (backwards ? t >= from : t <= from) continue;
        if (fields[1].holds(minute / 60) && fields[0].holds(minute % 60)) return t;
      }
    }
    return std::nullopt;
  }
};

Expression any_expression() {
  return {{*gen_field(0, 59), *gen_field(0, 23), *gen_field(1, 31), *gen_field(1, 12), *gen_field(0, 6)}};
}

constexpr WallTime from_2019{chr::local_days{chr::year{2019} / 1 / 1}};

WallTime any_wall_time() {
  const auto minutes = *rc::gen::inRange<std::int64_t>(0, 6 * 366 * 24 * 60);
  const auto rest = *rc::gen::weightedElement<std::int64_t>({{3, 0}, {1, 1}, {1, 30'000'000}, {1, 59'999'999}});
  return from_2019 + chr::minutes{minutes} + Duration{rest};
}

RC_GTEST_PROP(CronProperty, FindsWhatTryingEveryMinuteFinds, ()) {
  const Expression expression = any_expression();
  const WallTime from = any_wall_time();
  RC_LOG() << expression.text() << " from " << format_time(Time{from.time_since_epoch()});
  const auto cron = Cron::parse(expression.text());
  RC_ASSERT(cron.has_value());
  RC_ASSERT(cron->next(from) == expression.search(from, false));
  RC_ASSERT(cron->previous(from) == expression.search(from, true));
}

RC_GTEST_PROP(CronProperty, ThereAndBack, ()) {
  const Expression expression = any_expression();
  const WallTime from = any_wall_time();
  const auto cron = Cron::parse(expression.text());
  RC_ASSERT(cron.has_value());
  const auto next = cron->next(from);
  RC_PRE(next.has_value());
  RC_ASSERT(*next > from);
  const auto before = cron->previous(*next);
  RC_ASSERT(!before || *before <= from);
  const auto after = cron->next(*next);
  RC_ASSERT(after && cron->previous(*after) == next);
}

// In any zone, whatever daylight saving does, a schedule goes on. Going back it may end up later: of a wall time that exists
// twice it is the second one that counts, as in Airflow.
RC_GTEST_PROP(CronProperty, SchedulesGoOnInAnyZone, ()) {
  auto zones = TimeZones::load();
  RC_ASSERT(zones.has_value());
  const auto name = *rc::gen::element<std::string>("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
                                                   "Africa/Casablanca", "Pacific/Apia");
  RC_ASSERT(zones->add(name).has_value());
  const auto text = any_expression().text();
  const auto cron = CronSchedule::make(text, *zones->find(name));
  RC_ASSERT(cron.has_value());
  const Time from{any_wall_time().time_since_epoch()};
  RC_LOG() << text << " in " << name << " from " << format_time(from);
  const auto next = cron->next(from), aligned = cron->align_to_next(from);
  RC_PRE(next.has_value() && aligned.has_value());
  RC_ASSERT(*next > from);
  RC_ASSERT(*aligned == from || *aligned == *next);
}

}  // namespace
}  // namespace venturi::schedule
