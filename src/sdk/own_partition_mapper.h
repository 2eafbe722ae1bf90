// Partition mappers of the program's own: what they answer.
#pragma once

#include "sdk/dag_node.h"

namespace venturi::inline sdk::internal {

// The answer to "to_downstream": {"keys", "dates"}. Passes on what the author's code throws.
[[nodiscard]] Object ask_partition_mapper(const detail::DagNode& dag, const Value& question);

}  // namespace venturi::inline sdk::internal
