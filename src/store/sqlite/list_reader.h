// Lists on a read-only connection of its own. Which index a statement goes by is decided here, not by SQLite's planner, which
// knows nothing of how many rows there are of a kind; dag_run_count does.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/lists.h"

namespace venturi::store {

[[nodiscard]] Result<std::unique_ptr<Lists>> open_sqlite_lists(const std::string& path);

// How a list of these would be read: the statements' texts, for tests (EXPLAIN QUERY PLAN).
[[nodiscard]] std::vector<std::string> statements_of(Lists& lists);

}  // namespace venturi::store
