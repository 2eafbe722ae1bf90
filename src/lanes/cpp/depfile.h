// The file of dependencies that compilers write with -MMD: a make rule "target: source header header \".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace venturi::lanes {

// The prerequisites in their order, with make's escapes (`\ `, `\#`, `$$`) undone.
[[nodiscard]] std::vector<std::string> parse_depfile(std::string_view text);

}  // namespace venturi::lanes
