#include "providers/http/settling.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "operators/outcome.h"

namespace venturi::providers {

using operators::TaskFailed;
using operators::TaskFailedForGood;

Settling::Settling(const operators::Arguments& arguments)
    : inactivity_period_(arguments.number("inactivity_period", 3600)),
      min_objects_(arguments.integer("min_objects", 1)),
      allow_delete_(arguments.boolean("allow_delete", true)) {
  if (inactivity_period_ < 0) throw TaskFailedForGood("inactivity_period must be non-negative");
  if (arguments.string("mode", "poke") == "reschedule" && !arguments.boolean("deferrable", false))
    throw TaskFailedForGood("mode: reschedule forgets what was there before: take mode poke, or deferrable");
  const std::vector<std::string> previous = arguments.string_list("previous_objects");
  names_.insert(previous.begin(), previous.end());
}

bool Settling::has_settled(const std::string& shown, std::set<std::string> names, operators::TryLog& log) {
  const auto now = Steady::now();
  const bool lost_some = !std::ranges::includes(names, names_);
  if (lost_some && !allow_delete_)
    throw TaskFailed(fmt::format("Illegal behavior: objects were deleted in {} between pokes.", shown));
  if (lost_some) {
    log.warning(
        "Objects were deleted during the last poke interval. Updating the file counter and resetting last_activity_time.");
  } else if (names.size() > names_.size()) {
    log.info(fmt::format("New objects found at {} resetting last_activity_time.", shown));
  }
  if (names != names_ || !last_activity_) last_activity_ = now;
  names_ = std::move(names);
  if (std::chrono::duration<double>(now - *last_activity_).count() < inactivity_period_) return false;
  if (static_cast<std::int64_t>(names_.size()) < min_objects_) {
    log.error(fmt::format("FAILURE: Inactivity Period passed, not enough objects found in {}", shown));
    return false;
  }
  log.info(fmt::format("SUCCESS: Sensor found {} objects at {}. Waited at least {} seconds, with no new objects dropped.",
                       names_.size(), shown, inactivity_period_));
  return true;
}

}  // namespace venturi::providers
