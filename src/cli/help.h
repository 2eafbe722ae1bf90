// Help texts and the reference page, made from the table of commands.
#pragma once

#include <string>
#include <string_view>

#include "cli/command.h"

namespace venturi::cli {

[[nodiscard]] std::string help_of_program();
[[nodiscard]] std::string help_of_group(std::string_view group);
[[nodiscard]] std::string help_of_command(const Command& command);
// docs/reference/cli.md
[[nodiscard]] std::string cli_reference();

}  // namespace venturi::cli
