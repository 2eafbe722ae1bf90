// Whoever typed the command.
#pragma once

#include <string>

#include "base/result.h"
#include "cli/arguments.h"

namespace venturi::cli {

// As the system calls it; its number where it has no name.
[[nodiscard]] std::string user_name();

// Asks twice for what is not to be seen; an error where there is no terminal, or the two differ.
[[nodiscard]] Result<std::string> ask_secret(const std::string& what);

// Before what cannot be taken back: --yes says yes, else whoever sits at the terminal is asked, with [y/N] behind the question.
// An error where the answer is another, or there is no terminal: nothing may be changed then.
[[nodiscard]] Result<void> confirm(const Arguments& arguments, const std::string& question);

}  // namespace venturi::cli
