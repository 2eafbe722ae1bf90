// The writing half of cleaning: Batch::cleaning, and copies of what is deleted into tables that stay until somebody drops them,
// as `airflow db clean` leaves them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "store/sqlite/database.h"
#include "store/store.h"

namespace venturi::store {

// All within the caller's transaction; each false after a failed statement.
class Cleaner {
 public:
  explicit Cleaner(const Database& db) : db_(db) {}

  [[nodiscard]] bool clean(const Cleaning& cleaning);
  [[nodiscard]] bool delete_dag(const DagDeletion& deletion);
  [[nodiscard]] bool make_archive(const std::string& archive);
  // Before the run's row and its notes go.
  [[nodiscard]] bool archive_run(const std::string& archive, RunNo run);
  [[nodiscard]] bool archive_task_instances(const std::string& archive, TaskInstanceNo from, TaskInstanceNo until);
  // The rows that the next deletion of `most` of them takes.
  [[nodiscard]] bool archive_some(const std::string& archive, std::string_view table, RunNo run, std::int64_t most);

 private:
  [[nodiscard]] bool clean_xcoms(const Cleaning& cleaning);
  [[nodiscard]] bool clean_states(const Cleaning& cleaning);
  [[nodiscard]] bool clean_asset_events(const Cleaning& cleaning);
  [[nodiscard]] bool clean_event_logs(const Cleaning& cleaning);
  [[nodiscard]] bool drop(const Cleaning& cleaning);
  [[nodiscard]] bool takes(const std::string& archive, std::string_view table) const;
  // Compiled once. Of copies there are few for each archive, and an archive is made by hand.
  template <class... Values>
  [[nodiscard]] bool run(const std::string& sql, const Values&... values) {
    return statements_.try_emplace(sql, db_, sql).first->second.bind(values...).run();
  }
  template <class... Values>
  [[nodiscard]] bool copy(const std::string& archive, std::string_view table, const std::string& where,
                          const Values&... values);

  const Database& db_;
  std::map<std::string, Statement> statements_;
};

}  // namespace venturi::store
