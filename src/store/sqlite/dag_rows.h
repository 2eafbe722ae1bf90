// Reading DAGs back: the serialized text goes through read_serialized_dag(), which another version of this program may refuse.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/sqlite/database.h"
#include "store/store.h"

namespace venturi::store {

struct DagRows {
  std::vector<std::shared_ptr<const Dag>> dags;
  // One for each that is unreadable; they must not keep the others from running.
  std::vector<ImportError> unreadable;
  std::vector<std::string> unreadable_versions;  // their version ids
};

// "SELECT ... FROM dag_version AS v " + rest, in the column order that read_dags wants.
[[nodiscard]] std::string select_dags_sql(std::string_view rest);
// Of DAGs whose file is there, by dag_id.
[[nodiscard]] std::string current_dags_sql();
[[nodiscard]] std::string stale_dags_sql();  // ... is gone

// All rows of a statement to which values are bound already.
[[nodiscard]] Result<DagRows> read_dags(const Database& db, Statement& statement, Time now);

}  // namespace venturi::store
