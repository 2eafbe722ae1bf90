// MessagePack, as far as Airflow's supervisor protocol needs it. C++20 without third parties: part of the SDK archive.
//   nil, bool, int, float, str -> Value of the same type      bin -> string      ext -1 (timestamp) -> ISO 8601 string with Z
// Other extensions, map keys that are no strings, and nesting deeper than 200 are refused.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "venturi/value.h"

namespace venturi::task {

// What the other side sent is no valid frame or message; what() says what and at which byte.
class ProtocolError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

void append_msgpack(std::string& out, const Value& value);
// Throws ProtocolError for anything but exactly one value.
[[nodiscard]] Value decode_msgpack(std::string_view data);

}  // namespace venturi::task
