// What a compiler's error means in a DAG file, where its own words do not say it: that of a wrong task option is "no matching
// member function for call to 'task'", whatever is wrong with it.
#pragma once

#include <string>
#include <string_view>

namespace venturi::lanes {

// `error`: the compiler's line; `source`: the line of the file that it quotes. Empty where there is nothing to add. Names of
// options are read from the SDK's headers in `sdk_include`.
[[nodiscard]] std::string compile_hint(std::string_view error, std::string_view source, const std::string& sdk_include);

}  // namespace venturi::lanes
