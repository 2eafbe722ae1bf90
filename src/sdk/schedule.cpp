// Schedules and dates of a DAG in their serialized form.
//
//   nothing        airflow.timetables.simple.NullTimetable           @once, @continuous: Once-, ContinuousTimetable there
//   "0 5 * * 1"    airflow.timetables.trigger.CronTriggerTimetable   @hourly, @daily, ...: by their expressions
//   24h            airflow.timetables.trigger.DeltaTriggerTimetable
//   timetables     src/sdk/timetable.h
//
// Whether a cron expression is one is the server's to say: it has the parser.
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <stdexcept>
#include <utility>

#include "sdk/encode.h"
#include "sdk/serialize.h"
#include "sdk/timetable.h"

namespace venturi::inline sdk::internal {
namespace {

// The environment's time zone for a moment: the C library's is the only time-zone data that a static program has.
class ZoneForAMoment {
 public:
  explicit ZoneForAMoment(const std::string& zone) {
    if (const char* old = std::getenv("TZ")) {
      had_ = true;
      old_ = old;
    }
    ::setenv("TZ", (":" + zone).c_str(), 1);
    ::tzset();
  }
  ZoneForAMoment(const ZoneForAMoment&) = delete;
  ZoneForAMoment& operator=(const ZoneForAMoment&) = delete;
  ~ZoneForAMoment() {
    if (had_)
      ::setenv("TZ", old_.c_str(), 1);
    else
      ::unsetenv("TZ");
    ::tzset();
  }

 private:
  bool had_ = false;
  std::string old_;
};

bool has_offset(std::string_view text) {
  const std::size_t time = text.find_first_of("Tt ");
  return time != std::string_view::npos && text.find_first_of("Zz+-", time) != std::string_view::npos;
}

// The point in time at which a wall clock of the zone shows `wall`.
Time from_wall_clock(Time wall, const std::string& zone) {
  if (::access(("/usr/share/zoneinfo/" + zone).c_str(), R_OK) != 0) {
    throw std::invalid_argument("the time zone \"" + zone +
                                "\" is not among this machine's (/usr/share/zoneinfo): correct its "
                                "name, or install tzdata, or write dates with Z or an offset");
  }
  const ZoneForAMoment set(zone);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(wall);
  const std::time_t as_utc = seconds.time_since_epoch().count();
  std::tm parts{};
  ::gmtime_r(&as_utc, &parts);
  parts.tm_isdst = -1;
  return Time(std::chrono::seconds(::mktime(&parts))) + (wall - seconds);
}

}  // namespace

std::string_view timezone_of(const DagOptions& options) {
  return options.timezone.empty() ? std::string_view("UTC") : std::string_view(options.timezone);
}

std::optional<int> max_active_runs_of(const DagOptions& options) {
  if (!options.max_active_runs && options.schedule.text() == "@continuous") return 1;
  return options.max_active_runs ? std::optional<int>(*options.max_active_runs) : std::nullopt;
}

std::optional<Time> time_of(const Date& date, const DagOptions& options) {
  if (date.time()) return date.time();
  if (!date.is_given()) return std::nullopt;
  const std::optional<Time> time = parse_time(date.text());
  if (!time) {
    throw std::invalid_argument("\"" + date.text() +
                                "\" is no date: write 2026-01-31, 2026-01-31T06:30 or 2026-01-31T06:30:00Z");
  }
  const std::string zone(timezone_of(options));
  return has_offset(date.text()) || zone == "UTC" ? *time : from_wall_clock(*time, zone);
}

void check_schedule(const DagOptions& options, std::vector<std::string>& mistakes) {
  for (const auto& [name, date] : {std::pair("start_date", &options.start_date), std::pair("end_date", &options.end_date)}) {
    try {
      (void)time_of(*date, options);
    } catch (const std::invalid_argument& e) {
      mistakes.push_back(std::string(name) + ": " + e.what());
    }
  }
  const Schedule& schedule = options.schedule;
  if (schedule.kind() == Schedule::Kind::delta && schedule.delta() <= Duration::zero()) {
    mistakes.emplace_back("schedule: the time between runs has to be above 0");
  }
  if (schedule.kind() == Schedule::Kind::timetable) return check_timetable(schedule.timetable(), options, mistakes);
  if (schedule.kind() != Schedule::Kind::text) return;
  const std::string& text = schedule.text();
  if (text == "@continuous" && options.max_active_runs.value_or(1) > 1) {
    mistakes.emplace_back("schedule @continuous goes with max_active_runs 1: take the option away");
  }
  if (text != "@once" && text != "@continuous" && cron_of(text).empty()) {
    mistakes.push_back("schedule: \"" + text +
                       "\" is unknown: write a cron expression (minute hour day month weekday), a distance "
                       "such as 24h, or one of @once, @continuous, " +
                       std::string(known_presets));
  }
}

Value serialize_timetable(const DagOptions& options) {
  const Schedule& schedule = options.schedule;
  switch (schedule.kind()) {
    case Schedule::Kind::none:
      return typed("airflow.timetables.simple.NullTimetable", Object{});
    case Schedule::Kind::delta:
      return typed("airflow.timetables.trigger.DeltaTriggerTimetable",
                   Object{{"delta", seconds_of(schedule.delta())}, {"interval", 0.0}});
    case Schedule::Kind::timetable:
      return serialize(schedule.timetable(), options);
    case Schedule::Kind::text:
      break;
  }
  if (schedule.text() == "@once") return typed("airflow.timetables.simple.OnceTimetable", Object{});
  if (schedule.text() == "@continuous") return typed("airflow.timetables.simple.ContinuousTimetable", Object{});
  return typed("airflow.timetables.trigger.CronTriggerTimetable", Object{{"expression", cron_of(schedule.text())},
                                                                         {"timezone", timezone_of(options)},
                                                                         {"interval", 0.0},
                                                                         {"run_immediately", false}});
}

}  // namespace venturi::inline sdk::internal
