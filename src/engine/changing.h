// What a change of task instances is made of: private to the engine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "engine/engine.h"
#include "engine/run.h"

namespace venturi::engine {

// Where `to` is given the selected task instances are marked, otherwise they are cleared. Fails where there is no such task.
[[nodiscard]] Result<Change> make_change(TaskSelection selection, std::optional<TaskState> to, std::string user,
                                         const Dag& dag);
// As a run's row says.
[[nodiscard]] Change change_of(const DagRun& row, const Dag& dag);
[[nodiscard]] std::string cause_of_marks(const Change& change);
[[nodiscard]] std::string cause_of_clears(const Change& change);
// A task instance, as it is before it changes, for the answer; of very many the first, and all ExternalTaskMarkers.
void tell(Change& change, const Run& run, SlotIndex index);
[[nodiscard]] Answer answer_of(Change& change, std::int64_t command, const DagRun& run);

}  // namespace venturi::engine
