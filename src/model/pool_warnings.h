// Tasks that can never run as the pools are now (Airflow's DagWarning of type "non-existent pool"; that a pool is too small,
// Airflow's scheduler says in its log alone).
#pragma once

#include <string>
#include <vector>

#include "model/dag.h"
#include "model/records.h"

namespace venturi {

// One line for each pool of the DAG's that is missing, and for each task that takes more slots than its pool has. `pools`: all
// that there are.
[[nodiscard]] std::vector<std::string> pool_warnings(const Dag& dag, const std::vector<PoolRecord>& pools);

}  // namespace venturi
