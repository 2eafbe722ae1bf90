// The messages behind venturi/deferral.h, as Airflow's task runner writes and reads them.
#pragma once

#include <optional>

#include "venturi/deferral.h"
#include "venturi/value.h"

namespace venturi::inline sdk::internal {

[[nodiscard]] Value defer_message(const TaskDeferred& deferred, Value rendered_map_index);

// Of a TIRunContext: `next_method` and `next_kwargs`, of which "event" is the trigger's.
[[nodiscard]] std::optional<Resumption> resumption_of(const Value& run_context);

// Where the server says that the trigger failed, or that its time is over (Airflow's method "__fail__"): throws
// TaskDeferralError or TaskDeferralTimeout.
void throw_if_failed(const Resumption& resumption);

}  // namespace venturi::inline sdk::internal
