// The rows of the command table, which are in the order of the help. Details that begin with two blanks are examples: none has
// a password in it, because everybody on the machine can read the arguments of a process.
#pragma once

#include <vector>

#include "cli/command.h"

namespace venturi::cli {

// What is the same in many rows.
inline constexpr Parameter output_option{
    "-o,--output", ValueType::choice, "table json yaml plain", "How the rows are written", "table", false};
inline constexpr Parameter yes_option{"-y,--yes", ValueType::flag, "", "Does not ask", "", false};
inline constexpr Parameter dag_id_argument{"dag_id", ValueType::text, "", "The DAG", "", false};
inline constexpr Parameter task_id_argument{"task_id", ValueType::text, "", "The task", "", false};
inline constexpr Parameter run_argument{
    "logical_date_or_run_id", ValueType::text, "", "The run: its id, or its logical date", "", false};
inline constexpr Parameter conf_option{
    "-c,--conf", ValueType::json_object, "JSON", "An object: the run's configuration, in place of the DAG's params", "", false};
inline constexpr Parameter keep_option{
    "--keep", ValueType::flag, "", "Leaves the temporary home with its logs and database behind, and says where", "", false};

// command_rows_program.cpp
[[nodiscard]] std::vector<Command> program_commands();
[[nodiscard]] std::vector<Command> about_commands();
// command_rows_dags.cpp
[[nodiscard]] std::vector<Command> dag_commands();
[[nodiscard]] std::vector<Command> backfill_commands();
// command_rows_tasks.cpp
[[nodiscard]] std::vector<Command> task_commands();
// command_rows_records.cpp
[[nodiscard]] std::vector<Command> connection_commands();
[[nodiscard]] std::vector<Command> asset_commands();
[[nodiscard]] std::vector<Command> pool_commands();
[[nodiscard]] std::vector<Command> variable_commands();
// command_rows_home.cpp
[[nodiscard]] std::vector<Command> setting_commands();
[[nodiscard]] std::vector<Command> home_commands();

}  // namespace venturi::cli
