// Rows of the command table that stand in files of their own.
#pragma once

#include <vector>

#include "cli/command.h"

namespace venturi::cli {

// What is the same in many rows.
inline constexpr Parameter output_option{
    "-o,--output", ValueType::choice, "table json yaml plain", "How the rows are written", "table", false};
inline constexpr Parameter yes_option{"-y,--yes", ValueType::flag, "", "Does not ask", "", false};

// command_rows_about.cpp
[[nodiscard]] std::vector<Command> about_commands();
[[nodiscard]] std::vector<Command> home_commands();

}  // namespace venturi::cli
