// Pages of the event log.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "store/sqlite/conditions.h"
#include "store/sqlite/database.h"
#include "store/store.h"

namespace venturi::store {

[[nodiscard]] Conditions conditions_of(const EventLogFilter& filter);
// A page; behind what the conditions bind stand its limit and its offset.
[[nodiscard]] std::string page_sql(const EventLogFilter& filter, const Conditions& conditions);
[[nodiscard]] Result<std::pair<std::vector<EventLog>, std::int64_t>> read_event_logs(const Database& db,
                                                                                     const EventLogFilter& filter);

}  // namespace venturi::store
