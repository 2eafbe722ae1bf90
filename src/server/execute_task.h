// What a worker is sent to start a try: Airflow's ExecuteTask workload with what docs/architecture/task-host.md adds.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"
#include "venturi/value.h"

namespace venturi::server {

// Airflow's DagRun of the Task Execution API, all keys present.
[[nodiscard]] Value dag_run_value(const DagRun& run);
// Airflow's TaskInstance of the same.
[[nodiscard]] Value task_instance_value(const TaskInstance& ti, const DagRun& run, const std::string& queue);
// TIRunContext, as the answer to `PATCH .../run` would be. xcom_keys: what an earlier try left behind.
[[nodiscard]] Value run_context(const engine::Launch& launch, const std::vector<std::string>& xcom_keys);
// The operator of a try that has templates: its "__var" (server/mapped_operator.h) with what they are rendered by.
[[nodiscard]] Value operator_with_context(const engine::Launch& launch);
// What templates show of the DAG, and its params as the run sees them: the worker has the DAG's program at most.
[[nodiscard]] Value template_context(const Dag& dag, const DagRun& run);
// Packed: made for each try. `files`: the folder of all files of runs.
[[nodiscard]] std::string execute_task(const std::string& files, const engine::Launch& launch,
                                       const std::vector<std::string>& xcom_keys);
[[nodiscard]] Value token_value(LaunchToken token);

}  // namespace venturi::server
