// Answers the engine's questions about a DAG's earlier runs from the store: for the run before one (depends_on_past), and how
// long the last ones took (deadlines).
#pragma once

#include "base/result.h"
#include "engine/engine.h"
#include "store/store.h"

namespace venturi::server {

[[nodiscard]] Result<engine::PastFound> look_back(store::Reader& reader, const engine::LookBack& question);
// As in Airflow those with the latest logical dates, however they ended.
[[nodiscard]] Result<engine::RuntimesFound> find_runtimes(store::Reader& reader, const engine::FindRuntimes& question);

}  // namespace venturi::server
