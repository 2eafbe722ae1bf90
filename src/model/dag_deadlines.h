// "deadline" of a serialized DAG: Airflow's DeadlineAlerts.
#pragma once

#include <vector>

#include "model/dag.h"
#include "model/dag_fields.h"

namespace venturi {

// What does not fit is fields.error().
[[nodiscard]] std::vector<DeadlineAlert> read_deadlines(Fields& fields);

}  // namespace venturi
