// Clearing across DAGs: where an ExternalTaskMarker is cleared, so is the task that it names, with what is below it, in the run
// of that date (Airflow's DAG.clear with include_dependent_dags). All is looked for before the first thing is changed.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "server/scheduler.h"
#include "store/store.h"

namespace venturi::server {

// `first` are clears of runs of one DAG. `on_found` gets these and what follows from them, or why there is no end to it.
// Scheduler and reader outlive the call.
void find_all_to_clear(Scheduler& scheduler, store::Reader& reader, std::vector<engine::ClearTasks> first,
                       std::function<void(Result<std::vector<engine::ClearTasks>>)> on_found);

}  // namespace venturi::server
