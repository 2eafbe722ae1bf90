// What stands between the quotes of a Python string.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace venturi::templates {

// \n, \x41, \u00e9, \101, a backslash at a line's end; nullopt for one that Python refuses ("\x4").
[[nodiscard]] std::optional<std::string> unescape_string(std::string_view literal);

}  // namespace venturi::templates
