// Reading JSON text into a Value (Boost.JSON's parser behind our own type). Writing is to_json() in venturi/value.h.
#pragma once

#include <string_view>

#include "base/result.h"
#include "venturi/value.h"

namespace venturi {

// Strict RFC 8259. The error names line, column and reason. Nesting is limited to 200 levels.
[[nodiscard]] Result<Value> parse_json(std::string_view text);

}  // namespace venturi
