// A point in time within a message.
#pragma once

#include <optional>

#include "base/time.h"
#include "venturi/value.h"

namespace venturi::server {

// Null where there is none.
[[nodiscard]] inline Value time_value(const std::optional<Time>& time) {
  return time ? Value(format_time(*time)) : Value();
}

}  // namespace venturi::server
