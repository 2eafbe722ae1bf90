// Whether and how a run may follow its DAG as it is now: private to the engine.
#pragma once

#include <optional>

#include "base/result.h"
#include "engine/run.h"
#include "model/task_selection.h"

namespace venturi::engine {

// Why there is no room for task instances of other tasks; nothing: there is.
[[nodiscard]] std::optional<Error> room_trouble(const DagRun& row, const Dag& followed, const Dag& latest);
// What a clear means, in terms of the tasks that there are now. Nothing: none of them is meant.
[[nodiscard]] std::optional<TaskSelection> selection_in(const Change& change, const Dag& followed, const Dag& latest);

}  // namespace venturi::engine
