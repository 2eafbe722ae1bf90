// LatestOnlyOperator, BranchDayOfWeekOperator and BranchDateTimeOperator: choices by the clock.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "net/background.h"
#include "operators/branch.h"
#include "operators/outcome.h"
#include "providers/standard/branches.h"
#include "providers/standard/clock.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailedForGood;

using ZonePtr = std::shared_ptr<const schedule::TimeZone>;

asio::awaitable<ZonePtr> zone_of_dag(Arguments arguments) {
  const std::string name = arguments.string("timezone", "UTC");
  auto work = [name] { return zone_of(name); };
  auto zone = co_await net::in_background(std::move(work));
  if (!zone) throw TaskFailedForGood("the argument timezone: " + zone.error().text());
  co_return *std::move(zone);
}

void follow(OperatorTry& t, const Arguments& arguments, bool choice) {
  operators::branch_into(t, arguments.string_list(choice ? "follow_task_ids_if_true" : "follow_task_ids_if_false"));
}

// A bound of BranchDateTimeOperator: a point in time, or a time of day on the day of what it is compared with.
struct Bound {
  Time time;
  bool of_day = false;
};
std::optional<Bound> bound_of(const Arguments& arguments, std::string_view name, Time now, const schedule::TimeZone& zone) {
  const Value* given = arguments.find(name);
  if (given == nullptr) return std::nullopt;
  if (given->is_number()) return Bound{Time(from_seconds(given->as_double()))};  // Airflow's serialized datetime
  const std::string text = given->is_string() ? given->as_string() : "";
  const bool of_day = !text.empty() && text.find_first_not_of("0123456789:.") == std::string::npos;
  // Airflow puts the time of day on the date in UTC, then takes it for one of the DAG's zone.
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const bool has_zone = text.ends_with('Z') || text.find_first_of("+-", 11) != std::string::npos;
  const auto time = parse_time(of_day ? "1970-01-01T" + text : text);
  if (!time) {
    throw TaskFailedForGood(fmt::format(
        "the argument {} must be a date and time like 2026-01-31T07:30:00+01:00, or a time of day like 07:30, not '{}'", name,
        text));
  }
  if (of_day) return Bound{zone.to_utc(schedule::WallTime(day.time_since_epoch() + time->time_since_epoch())), true};
  return Bound{has_zone ? *time : zone.to_utc(schedule::WallTime(time->time_since_epoch()))};
}

}  // namespace

asio::awaitable<Value> run_latest_only(OperatorTry& t, Arguments) {
  std::vector<std::string> below;
  const Value ids = operators::decode_serialized(t.op.get_value("downstream_task_ids"));
  if (ids.is_array()) {
    for (const Value& id : ids.as_array()) below.push_back(id.as_string());
  }
  const Value window = co_await t.host.ask(Object{{"type", "GetLatestOnlyWindow"}});
  const Time now = present();
  const auto left = parse_time(window.get_string("left")), right = parse_time(window.get_string("right"));
  bool goes_on = true;
  if (window.get_string("run_type") == "manual") {
    t.log.info("Manually triggered DAG_Run: allowing execution to proceed.");
  } else if (!left || !right) {
    t.log.info("Last scheduled execution: allowing execution to proceed.");
  } else {
    t.log.info(fmt::format("Checking latest only with left_window: {} right_window: {} now: {}", format_time(*left),
                           format_time(*right), format_time(now)));
    goes_on = *left < now && now <= *right;
    t.log.info(goes_on ? "Latest, allowing execution to proceed." : "Not latest execution, skipping downstream.");
  }
  operators::branch_into(t, goes_on ? below : std::vector<std::string>());
  co_return Value();
}

asio::awaitable<Value> run_branch_day_of_week(OperatorTry& t, Arguments arguments) {
  const std::vector<unsigned> wanted = week_day_numbers(arguments);
  std::chrono::sys_days day{};
  if (arguments.boolean("use_task_logical_date", false)) {
    day = std::chrono::floor<std::chrono::days>(date_of_run(t));
  } else {
    const ZonePtr zone = co_await zone_of_dag(arguments);
    day = std::chrono::sys_days(std::chrono::floor<std::chrono::days>(zone->to_local(present()).time_since_epoch()));
  }
  const unsigned number = std::chrono::weekday(day).iso_encoding();
  const bool choice = std::ranges::find(wanted, number) != wanted.end();
  t.log.info(fmt::format("It is {}", week_day_name(number)));
  follow(t, arguments, choice);
  co_return Value();
}

asio::awaitable<Value> run_branch_date_time(OperatorTry& t, Arguments arguments) {
  if (arguments.find("target_lower") == nullptr && arguments.find("target_upper") == nullptr) {
    throw TaskFailedForGood(
        "Both target_upper and target_lower are None. At least one must be defined to be compared to the current datetime");
  }
  const Time now = arguments.boolean("use_task_logical_date", false) ? date_of_run(t) : present();
  const ZonePtr zone = co_await zone_of_dag(arguments);
  auto lower = bound_of(arguments, "target_lower", now, *zone), upper = bound_of(arguments, "target_upper", now, *zone);
  // 22:00 to 06:00 goes over midnight.
  if (lower && upper && (lower->of_day || upper->of_day) && upper->time < lower->time) upper->time += std::chrono::days(1);
  const bool choice = !(upper && upper->time < now) && !(lower && lower->time > now);
  follow(t, arguments, choice);
  co_return Value();
}

}  // namespace venturi::providers
