// JSON text to a Value, for what tasks get as text: variables and the extra of connections. (The server's reader is
// base/json.h, on Boost, which no DAG program is linked with.)
#pragma once

#include <string_view>

#include "venturi/value.h"

namespace venturi::inline sdk::internal {

// Strict RFC 8259, at most 200 levels deep. Throws ValueError: "<what> is no JSON: ... at byte 7". The text itself is not told:
// it may be a secret.
[[nodiscard]] Value read_json(std::string_view text, std::string_view what);

}  // namespace venturi::inline sdk::internal
