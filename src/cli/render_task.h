// The templated fields of a task as a try of it would find them, rendered here by what renders them there (src/operators).
#pragma once

#include "base/result.h"
#include "cli/home_access.h"
#include "model/dag.h"
#include "model/records.h"

namespace venturi::cli {

// `ti` need not be in the metadata. Secrets show in none of them. Where an XCom is not there yet, the value is null.
[[nodiscard]] Result<Object> render_task(const Metadata& metadata, const std::shared_ptr<const Dag>& dag, TaskIndex task,
                                         const DagRun& run, const TaskInstance& ti);

}  // namespace venturi::cli
