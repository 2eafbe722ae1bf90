// Many aggregates of one table in one statement: a sub-query for each partition clause, with a column for each of its
// aggregates, so that the table is read once for each clause, and all see the same rows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "operators/arguments.h"
#include "venturi/value.h"

namespace venturi::providers {

// The operator's partition_clause and the check's own, as what stands behind WHERE; empty for neither. Throws TaskFailedForGood
// for one with a semicolon.
[[nodiscard]] std::string partition_of(const operators::Arguments& arguments, const Value& check);

class PartitionQueries {
 public:
  void add(const std::string& partition, const std::string& aggregate);
  [[nodiscard]] std::string sql(const std::string& table) const;
  // The value of each aggregate, in the order in which they were added, out of the statement's row.
  [[nodiscard]] Array values(const Array& row) const;

 private:
  struct Query {
    std::string partition;
    std::vector<std::string> aggregates;
    std::vector<std::size_t> places;  // of each of them among all
  };
  std::vector<Query> queries_;
  std::size_t count_ = 0;
};

}  // namespace venturi::providers
