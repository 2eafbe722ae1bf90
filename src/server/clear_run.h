// Task instances of a run that are to run again: asked for by the command line, or by a task that wants a run that is there
// already to begin anew (TriggerDagRunOperator's reset_dag_run).
#pragma once

#include <functional>

#include "base/result.h"
#include "server/scheduler.h"
#include "store/store.h"

namespace venturi::server {

using OnCleared = std::function<void(Result<engine::Answer>)>;

// `event` names DAG, run and selection; the rows of a run that has ended are looked up here. `on_cleared` is called once; what
// it is given is durable. Both outlive the call.
void clear_run(Scheduler& scheduler, store::Reader& reader, engine::ClearTasks event, const OnCleared& on_cleared);

}  // namespace venturi::server
