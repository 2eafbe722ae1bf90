// Answers the engine's questions about a DAG's earlier runs from the store: for the run before one (depends_on_past), how
// long the last ones took (deadlines), and how they ended (max_consecutive_failed_dag_runs).
#pragma once

#include "base/result.h"
#include "engine/engine.h"
#include "store/store.h"

namespace venturi::server {

[[nodiscard]] Result<engine::PastFound> look_back(store::Reader& reader, const engine::LookBack& question);
// As in Airflow those with the latest logical dates, however they ended.
[[nodiscard]] Result<engine::RuntimesFound> find_runtimes(store::Reader& reader, const engine::FindRuntimes& question);

[[nodiscard]] Result<engine::OutcomesFound> find_outcomes(store::Reader& reader, const engine::FindOutcomes& question);

}  // namespace venturi::server
