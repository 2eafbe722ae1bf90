// Help texts and the reference page, made from the table of commands.
#pragma once

#include <string>
#include <string_view>

#include "cli/command.h"

namespace venturi::cli {

[[nodiscard]] std::string help_of_program();
[[nodiscard]] std::string help_of_group(std::string_view group);
[[nodiscard]] std::string help_of_command(const Command& command);
// "venturi dags trigger DAG_ID [OPTION...]"
[[nodiscard]] std::string usage_of(const Command& command);
// "-c, --conf JSON", "DAG_ID"
[[nodiscard]] std::string words_of(const Parameter& p);
[[nodiscard]] std::string help_with_default(const Parameter& p);
// Lines that begin with two blanks are examples.
[[nodiscard]] std::string details_with_examples(const Command& command);
// docs/reference/cli.md
[[nodiscard]] std::string cli_reference();

}  // namespace venturi::cli
