#include "model/partition_key.h"

#include <fmt/format.h>

namespace venturi {

std::optional<Error> partition_key_trouble(const std::string& key) {
  constexpr std::size_t longest = 250;
  if (key.find_first_not_of(" \t\r\n") == std::string::npos)
    return Error{ErrorKind::invalid, "partition_key must not be empty or whitespace-only", {}, "name the partition"};
  if (key.size() > longest)
    return Error{ErrorKind::invalid,
                 fmt::format("partition_key must be at most {} characters; got {}", longest, key.size()),
                 {},
                 "give a shorter one"};
  return std::nullopt;
}

}  // namespace venturi
