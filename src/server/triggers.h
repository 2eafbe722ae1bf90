// The triggers that a task may defer itself to, by Airflow's class paths. There is no triggerer: they fire at a time, which the
// engine keeps.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "venturi/value.h"

namespace venturi::server {

struct TriggerPlan {
  Time fires_at;
  Value event;  // what the task is told, as Airflow's trigger would
};
// `kwargs` as Airflow's serde writes them ({"moment": {"__classname__": "pendulum.datetime.DateTime", ...}}); a date may also
// be an ISO text. An error names what there is.
[[nodiscard]] Result<TriggerPlan> plan_trigger(std::string_view classpath, const Value& kwargs);

// ISO 8601's "P1DT2H3M4.5S", as pydantic writes a timedelta; weeks, no months or years.
[[nodiscard]] std::optional<Duration> parse_iso_duration(std::string_view text);

}  // namespace venturi::server
