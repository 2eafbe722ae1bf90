// What a server is rebuilt from after a start. Its cost follows what is active, never the size of the history.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/sqlite/database.h"
#include "store/store.h"

namespace venturi::store {

// ?1: the run.
inline constexpr std::string_view xcom_lengths_sql =
    "SELECT run_no, task_id, map_index, key, length FROM xcom WHERE run_no = ?1 AND length IS NOT NULL "
    "ORDER BY task_id, map_index, key";
[[nodiscard]] Result<void> read_xcom_lengths(const Database& db, Statement& bound, std::vector<XComLength>& target);

[[nodiscard]] Result<ActiveState> load_active_state(Database& db, Time now);

}  // namespace venturi::store
