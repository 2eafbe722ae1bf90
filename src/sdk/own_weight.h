// Weight rules of the program's own: what they answer.
#pragma once

#include "sdk/dag_node.h"

namespace venturi::inline sdk::internal {

// The answer to "get_weight" (src/server/user_questions.cpp); passes on what the author's code throws.
[[nodiscard]] Object ask_weights(const detail::DagNode& dag, const Value& question);

}  // namespace venturi::inline sdk::internal
