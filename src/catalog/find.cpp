#include <algorithm>
#include <iterator>

#include "catalog/catalog.h"

namespace venturi::catalog {
namespace {

template <class Entry>
const Entry* find(const std::vector<Entry>& sorted, std::string_view Entry::* name, std::string_view wanted) {
  const auto found = std::ranges::lower_bound(sorted, wanted, {}, name);
  return found == sorted.end() || (*found).*name != wanted ? nullptr : &*found;
}

}  // namespace

bool is_column(const FieldInfo& field) {
  constexpr std::string_view columns[] = {"host", "port", "schema", "login", "password"};
  return std::ranges::find(columns, field.name) != std::end(columns);
}

const OperatorInfo* find_operator(std::string_view task_type) {
  return find(operators(), &OperatorInfo::task_type, task_type);
}

const ConnectionTypeInfo* find_connection_type(std::string_view conn_type) {
  return find(connection_types(), &ConnectionTypeInfo::conn_type, conn_type);
}

}  // namespace venturi::catalog
