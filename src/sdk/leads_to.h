// What a built-in operator that branches is told of its DAG: for each task directly below it, to which others of them it leads
// ({"left": ["join"]}). Those are not skipped when it is chosen.
#pragma once

#include "sdk/dag_node.h"
#include "venturi/value.h"

namespace venturi::inline sdk::internal {

[[nodiscard]] Value leads_to(const detail::TaskNode& branch);

}  // namespace venturi::inline sdk::internal
