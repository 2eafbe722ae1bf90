// Whoever typed the command.
#pragma once

#include <string>

#include "base/result.h"

namespace venturi::cli {

// As the system calls it; its number where it has no name.
[[nodiscard]] std::string user_name();

// Asks for a yes at the terminal; an error where there is none to ask at.
[[nodiscard]] Result<bool> ask(const std::string& question);

}  // namespace venturi::cli
