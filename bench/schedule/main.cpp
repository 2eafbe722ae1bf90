// How long the next 1,000 dates of a cron expression take, in a zone with summer time: as for a preview, or for a DAG that
// catches up. For several expressions; the slowest counts.
//
//   bench_schedule        prints {"us": median of the slowest, "p99_us": ..., "slowest": expression}
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "base/time.h"
#include "schedule/time_zone.h"
#include "schedule/timetable.h"

namespace {

using namespace venturi;
using namespace venturi::schedule;

// Every weekday, across many changes of the clock; on the hour; on the last Friday of each month, which is looked for long.
constexpr const char* expressions[] = {"30 6 * * 1-5", "0 * * * *", "*/15 2 * * *", "0 3 1 * *", "0 8 * * L5"};
constexpr int dates = 1000, repetitions = 200;

struct Figures {
  double median = 0, p99 = 0;
};

Figures measure(const Timetable& timetable) {
  const Restriction restriction{parse_time("2026-01-01T00:00:00Z"), std::nullopt, true};
  std::vector<double> us;
  for (int i = 0; i < repetitions; ++i) {
    const auto from = std::chrono::steady_clock::now();
    std::optional<DataInterval> last;
    for (int n = 0; n < dates; ++n) {
      const auto run = timetable.next(last, restriction, *restriction.earliest);
      if (!run || (last && run->run_after <= last->end)) return {};
      last = run->interval;
    }
    us.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - from).count());
  }
  std::ranges::sort(us);
  return {us[us.size() / 2], us[us.size() * 99 / 100]};
}

}  // namespace

int main() {
  auto zones = TimeZones::load();
  if (!zones || !zones->add("Europe/Berlin")) {
    std::fprintf(stderr, "there is no time zone Europe/Berlin: install tzdata\n");
    return 1;
  }
  Figures slowest;
  std::string of;
  for (const char* expression : expressions) {
    const auto timetable = make_timetable(Object{{"__type", "airflow.timetables.trigger.CronTriggerTimetable"},
                                                 {"__var", Object{{"expression", expression}, {"timezone", "Europe/Berlin"}}}},
                                          *zones);
    const Figures figures = timetable ? measure(**timetable) : Figures{};
    if (figures.median == 0) {
      std::fprintf(stderr, "%s does not give its dates\n", expression);
      return 1;
    }
    if (figures.median > slowest.median) {
      slowest = figures;
      of = expression;
    }
  }
  fmt::print("{{\"us\": {:.1f}, \"p99_us\": {:.1f}, \"slowest\": \"{}\"}}\n", slowest.median, slowest.p99, of);
}
