// What sensors and branches know of the clock.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "operators/operator_try.h"
#include "schedule/time_zone.h"

namespace venturi::providers {

[[nodiscard]] Time present();
// The run's logical date, or its run_after. Throws TaskFailed where it has neither.
[[nodiscard]] Time date_of_run(const operators::OperatorTry& t);
// Reads files: beside the loop (net/background.h).
[[nodiscard]] Result<std::shared_ptr<const schedule::TimeZone>> zone_of(const std::string& name);

// The argument week_day as numbers, Monday 1. Throws TaskFailedForGood.
[[nodiscard]] std::vector<unsigned> week_day_numbers(const operators::Arguments& arguments);
[[nodiscard]] std::string_view week_day_name(unsigned number);

}  // namespace venturi::providers
