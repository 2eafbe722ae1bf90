// The order in which a task is mapped over a dict: shorter keys first, those of one length bytewise. It is that of PostgreSQL's
// jsonb, which Airflow keeps XComs in; here it is so whatever the database.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "venturi/value.h"

namespace venturi {

[[nodiscard]] inline Object in_mapped_order(const Object& dict) {
  std::vector<Object::Entry> entries(dict.begin(), dict.end());
  std::ranges::sort(entries, [](const Object::Entry& a, const Object::Entry& b) {
    return a.first.size() != b.first.size() ? a.first.size() < b.first.size() : a.first < b.first;
  });
  return Object::from_entries(std::move(entries));
}

}  // namespace venturi
