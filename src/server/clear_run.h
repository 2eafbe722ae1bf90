// Task instances of a run that are to run again: asked for by the command line, or by a task that wants a run that is there
// already to begin anew (TriggerDagRunOperator's reset_dag_run).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "server/scheduler.h"
#include "store/store.h"

namespace venturi::server {

using OnCleared = std::function<void(Result<engine::Answer>)>;

// `event` names DAG, run and selection; the rows of a run that has ended are looked up here. `on_cleared` is called once; what
// it is given is durable. Both outlive the call.
void clear_run(Scheduler& scheduler, store::Reader& reader, engine::ClearTasks event, const OnCleared& on_cleared);

// A run as the store has it, whole: what the engine needs to let it run again. Nothing: there is no such run.
[[nodiscard]] Result<std::shared_ptr<const engine::ClearTasks::EndedRun>> ended_run(const engine::Engine& engine,
                                                                                    store::Reader& reader,
                                                                                    const std::string& dag_id,
                                                                                    const std::string& run_id);

}  // namespace venturi::server
