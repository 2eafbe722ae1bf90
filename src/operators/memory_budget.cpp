#include "operators/memory_budget.h"

namespace venturi::operators {

std::size_t bytes_of(const Value& value) {
  std::size_t bytes = sizeof(Value);
  if (value.is_string()) return bytes + value.as_string().size();
  if (value.is_array()) {
    for (const Value& item : value.as_array()) bytes += bytes_of(item);
  } else if (value.is_object()) {
    for (const auto& [key, member] : value.as_object()) bytes += sizeof(std::string) + key.size() + bytes_of(member);
  }
  return bytes;
}

}  // namespace venturi::operators
