// Airflow's command line (3.3) beside this one: what is left out, and what to do instead.
#pragma once

#include <string_view>
#include <vector>

namespace venturi::cli {

struct LeftOut {
  std::string_view words;   // "dags reserialize"
  std::string_view reason;  // of a table's cell
};

// Every command of Airflow's stands here or in command_table(); tests/cli/airflow_commands.txt has them all.
[[nodiscard]] const std::vector<LeftOut>& commands_left_out();

}  // namespace venturi::cli
