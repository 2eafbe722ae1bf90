#include "cli/command.h"

#include <algorithm>

#include "cli/command_rows.h"

namespace venturi::cli {

const std::vector<Group>& command_groups() {
  static const std::vector<Group> groups{{"dags", "DAGs and their runs"},
                                         {"backfill", "Runs of a DAG's schedule for dates that lie behind"},
                                         {"tasks", "Tasks, their states and logs"},
                                         {"connections", "Connections to other systems"},
                                         {"assets", "Assets: data that tasks make, and that DAGs run for"},
                                         {"pools", "Pools: so many slots for tasks of all DAGs"},
                                         {"variables", "Variables that DAGs read"},
                                         {"db", "The database of the metadata"},
                                         {"config", "The configuration"},
                                         {"users", "Who may log in to the REST API and the pages"},
                                         {"jobs", "Whether a server runs"},
                                         {"providers", "What is built in for other systems"},
                                         {"plugins", "What is made on this machine, and is no part of the programs"}};
  return groups;
}

const std::vector<Command>& command_table() {
  static const std::vector<Command> table = [] {
    std::vector<Command> all;
    for (const auto& rows :
         {program_commands(), about_commands(), dag_commands(), backfill_commands(), task_commands(), connection_commands(),
          asset_commands(), pool_commands(), variable_commands(), setting_commands(), home_commands()})
      all.insert(all.end(), rows.begin(), rows.end());
    return all;
  }();
  return table;
}

const Command* find_command(std::string_view group, std::string_view name) {
  const auto& table = command_table();
  const auto found = std::ranges::find_if(table, [&](const Command& c) { return c.group == group && c.name == name; });
  return found == table.end() ? nullptr : &*found;
}

bool is_group(std::string_view word) {
  return std::ranges::find(command_groups(), word, &Group::name) != command_groups().end();
}

}  // namespace venturi::cli
