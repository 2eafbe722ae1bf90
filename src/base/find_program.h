// Where a shell would find a program.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace venturi {

// In the folders of $PATH, those that begin with / (of this machine's usual ones where it is not set); a name with a slash in
// it is the file itself. Nothing where there is none that may be run.
[[nodiscard]] std::optional<std::string> find_program(std::string_view name);

}  // namespace venturi
