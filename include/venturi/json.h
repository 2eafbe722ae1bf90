// JSON text to a Value, for programs that read files: descriptions of DAGs, configurations. Not part of venturi/dag.h: include it
// beside that. The other way is to_json() in venturi/value.h.
#pragma once

#include <string_view>

#include "venturi/value.h"

namespace venturi::inline sdk {

// Strict RFC 8259, at most 200 levels deep. Throws ValueError, which names the place: "<what> is no JSON: ... at byte 7".
[[nodiscard]] Value from_json(std::string_view text, std::string_view what = "the text");

}  // namespace venturi::inline sdk
