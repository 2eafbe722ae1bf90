// Lists on a read-only connection of its own. Which index a statement goes by is decided here, not by SQLite's planner, which
// knows nothing of how many rows there are of a kind; dag_run_count does.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/lists.h"

namespace venturi::store {

[[nodiscard]] Result<std::unique_ptr<Lists>> open_sqlite_lists(const std::string& path);

// For tests: each statement that these lists have read by so far, with its EXPLAIN QUERY PLAN, a step a line.
struct Plan {
  std::string sql, steps;
};
[[nodiscard]] Result<std::vector<Plan>> plans_of(Lists& lists);

}  // namespace venturi::store
