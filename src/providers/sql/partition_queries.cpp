#include "providers/sql/partition_queries.h"

#include <algorithm>

#include <fmt/format.h>

#include "operators/outcome.h"

namespace venturi::providers {

using operators::TaskFailedForGood;

std::string partition_of(const operators::Arguments& arguments, const Value& check) {
  const std::string all = arguments.string("partition_clause"), own = check.get_string("partition_clause");
  if (all.find(';') != std::string::npos) throw TaskFailedForGood("Invalid partition_clause: semicolons (;) not allowed.");
  if (all.empty() || own.empty()) return all + own;
  return all + " AND " + own;
}

void PartitionQueries::add(const std::string& partition, const std::string& aggregate) {
  auto query = std::ranges::find(queries_, partition, &Query::partition);
  if (query == queries_.end())
    query = queries_.insert(queries_.end(), {.partition = partition, .aggregates = {}, .places = {}});
  query->aggregates.push_back(aggregate);
  query->places.push_back(count_++);
}

std::string PartitionQueries::sql(const std::string& table) const {
  std::string from;
  for (std::size_t q = 0; q < queries_.size(); ++q) {
    const Query& query = queries_[q];
    const std::string where = query.partition.empty() ? "" : " WHERE " + query.partition;
    std::string columns;
    for (std::size_t i = 0; i < query.aggregates.size(); ++i)
      columns += fmt::format("{}{} AS check_{}", i == 0 ? "" : ", ", query.aggregates[i], query.places[i]);
    from += fmt::format("{}(SELECT {} FROM {}{}) AS part_{}", q == 0 ? "" : " CROSS JOIN ", columns, table, where, q);
  }
  return "SELECT * FROM " + from;
}

Array PartitionQueries::values(const Array& row) const {
  Array values(count_);
  std::size_t at = 0;
  for (const Query& query : queries_) {
    for (const std::size_t place : query.places) values.at(place) = row.at(at++);
  }
  return values;
}

}  // namespace venturi::providers
