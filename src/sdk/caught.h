// What a function of an author's threw, as people are told of it.
#pragma once

#include <string>

#include "venturi/context.h"

namespace venturi::inline sdk::internal {

// `type` is the name of the exception's class as its users know it: of the SDK's own Airflow's name (AirflowFailException), of
// others the one that they wrote.
struct Caught {
  std::string text, type;
};
// Of the exception that is being handled.
[[nodiscard]] Caught current_exception_text();

}  // namespace venturi::inline sdk::internal
