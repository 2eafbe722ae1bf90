// Names one launch of a try (docs/architecture/task-host.md). On the wire it is [epoch, sequence].
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "venturi/value.h"

namespace venturi::worker {

struct Token {
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;  // from 1
  friend auto operator<=>(const Token&, const Token&) = default;
};

[[nodiscard]] inline Value to_value(const Token& token) {
  return Array{Value(token.epoch), Value(token.sequence)};
}

// Throws ValueError for anything but two integers.
[[nodiscard]] inline Token parse_token(const Value& value) {
  const Array& parts = value.as_array();
  if (parts.size() != 2) throw ValueError("a launch token has two numbers, not " + std::to_string(parts.size()));
  return {static_cast<std::uint64_t>(parts[0].as_int()), static_cast<std::uint64_t>(parts[1].as_int())};
}

}  // namespace venturi::worker
