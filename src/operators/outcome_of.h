// How an operator ended, as a value: what its exceptions (outcome.h) become at the edge of its try.
#pragma once

#include <cstdint>
#include <exception>
#include <string>

#include "venturi/time.h"
#include "venturi/value.h"

namespace venturi::operators {

struct Outcome {
  enum class Kind : std::uint8_t { success, failed, failed_for_good, skipped, rescheduled, stopped };
  Kind kind = Kind::success;
  Value xcom;         // of a success; null: none
  std::string error;  // of the others, not masked yet
  Time reschedule_date{};
};

// stopped: the wait it was in was cancelled.
[[nodiscard]] Outcome outcome_of(const std::exception_ptr& error);

}  // namespace venturi::operators
