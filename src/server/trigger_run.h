// A run that somebody asks for: the command line, or a task (TriggerDagRunOperator). Both have the same checks.
#pragma once

#include <functional>

#include "base/result.h"
#include "server/scheduler.h"
#include "store/store.h"

namespace venturi::server {

using OnTriggered = std::function<void(Result<DagRun>)>;

// The DAG is known. `on_run` is called once; a run that it is given is durable. Refused, beside what the engine refuses: params
// that do not fit, and (ErrorKind::conflict) a run id or a logical date that a run has already.
void trigger_run(Scheduler& scheduler, store::Reader& reader, engine::TriggerRun event, const OnTriggered& on_run);

}  // namespace venturi::server
