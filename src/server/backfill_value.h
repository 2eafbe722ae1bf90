// A backfill in the words of Airflow's API.
#pragma once

#include "model/backfill.h"
#include "venturi/value.h"

namespace venturi::server {

// BackfillResponse without dag_display_name.
[[nodiscard]] Value backfill_value(const Backfill& backfill);

}  // namespace venturi::server
