// RFC 6901: "/items/0/name" names a place in a JSON value, "" the whole. "~1" is a slash, "~0" a tilde.
#pragma once

#include <string_view>

#include "venturi/value.h"

namespace venturi::providers {

// nullptr where there is nothing.
[[nodiscard]] const Value* at_pointer(const Value& value, std::string_view pointer);
// "" or one that begins with a slash?
[[nodiscard]] inline bool is_pointer(std::string_view text) {
  return text.empty() || text.front() == '/';
}

}  // namespace venturi::providers
