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

// Jsonb whole: dicts within dicts and lists too. Airflow keeps the conf of runs so.
[[nodiscard]] inline Value in_jsonb_order(const Value& value) {
  if (value.is_array()) {
    Array items;
    for (const Value& item : value.as_array()) items.push_back(in_jsonb_order(item));
    return items;
  }
  if (!value.is_object()) return value;
  Object members;
  for (const auto& [key, member] : in_mapped_order(value.as_object())) members.add(key, in_jsonb_order(member));
  return members;
}

}  // namespace venturi
