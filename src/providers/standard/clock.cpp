#include "providers/standard/clock.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "operators/outcome.h"

namespace venturi::providers {
namespace {

using operators::Arguments;
using operators::TaskFailed;
using operators::TaskFailedForGood;

constexpr std::array<std::string_view, 7> week_days{"MONDAY", "TUESDAY",  "WEDNESDAY", "THURSDAY",
                                                    "FRIDAY", "SATURDAY", "SUNDAY"};

}  // namespace

Time present() {
  return SystemClock().now();
}

Result<std::shared_ptr<const schedule::TimeZone>> zone_of(const std::string& name) {
  auto zones = schedule::TimeZones::load();
  if (!zones) return std::unexpected(zones.error());
  if (const auto added = zones->add(name); !added) return std::unexpected(added.error());
  return zones->find(name);
}

Time date_of_run(const operators::OperatorTry& t) {
  for (const auto& date : {t.facts.run->logical_date, t.facts.run->run_after}) {
    if (date) return *date;
  }
  throw TaskFailed("the run has neither a logical date nor run_after: the server is too old for this worker");
}

std::vector<unsigned> week_day_numbers(const Arguments& arguments) {
  std::vector<unsigned> numbers;
  for (std::string name : arguments.string_list("week_day")) {
    const std::string given = name;
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    const auto* found = std::ranges::find(week_days, name);
    if (found == week_days.end()) {
      throw TaskFailedForGood(fmt::format("Invalid Week Day passed: \"{}\" (there are {})", given, fmt::join(week_days, ", ")));
    }
    numbers.push_back(static_cast<unsigned>(found - week_days.begin()) + 1);
  }
  return numbers;
}

std::string_view week_day_name(unsigned number) {
  return week_days[number - 1];
}

}  // namespace venturi::providers
