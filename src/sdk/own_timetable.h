// Timetables of the program's own: what is serialized of them, and what they answer.
#pragma once

#include "sdk/dag_node.h"
#include "sdk/timetable.h"
#include "venturi/timetable.h"

namespace venturi::inline sdk::internal {

// "__var" of its serialized form: what its author serializes, and what the server is to know, which begins with "_".
[[nodiscard]] Object own_members(const detail::AnyTimetable& timetable);

// The answer to a question of schedule/timetable_question.h; passes on what the author's code throws.
[[nodiscard]] Object ask_timetable(const detail::DagNode& dag, const Value& question);

}  // namespace venturi::inline sdk::internal
