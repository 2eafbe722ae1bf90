// Rows of commands about the program itself: what runs, and what it says of itself.
#include "cli/command_rows.h"
#include "cli/handlers.h"

namespace venturi::cli {

using enum ValueType;

std::vector<Command> program_commands() {
  return {
      {"",
       "standalone",
       "Runs server and worker: all that is needed on one machine",
       "Prints where its home, DAGs folder and socket are when it takes commands. The first start makes the home and an admin\n"
       "password. Ctrl-C or SIGTERM lets running tasks end; a second one ends them at once.",
       {},
       standalone},
      {"",
       "server",
       "Runs the server alone: it schedules, and hands tasks to the home's worker",
       "Ctrl-C or SIGTERM ends the server; the worker's tasks go on, and the next server finds them.",
       {},
       server},
      {"",
       "worker",
       "Runs the worker alone: it executes tasks for the home's server",
       "It waits for a server, and without one it ends some time after its last task did ([worker] server_grace_s).",
       {},
       worker},
      {"",
       "doctor",
       "Says what is wrong with the home, and how to mend it",
       "Looks at the modes of the home, its server and worker, disk, database, keys, clock, DAG files, pools, compiler and "
       "limits.\n"
       "The exit code is 1 where there is an error, and 0 where there are warnings alone.",
       {output_option},
       doctor},
  };
}

std::vector<Command> about_commands() {
  return {
      {"",
       "version",
       "Shows the version",
       "",
       {{"-v,--verbose", flag, "", "A row with the commit it was built from, and the version of its database's schema", "",
         false},
        output_option},
       version},
      {"",
       "info",
       "Shows what there is to know of this program, its home and the machine",
       "For a report of something that goes wrong.",
       {{"--anonymize", flag, "", "Without the names of the user and the home folder", "", false}, output_option},
       info},
      {"", "cheat-sheet", "Lists all commands", "", {}, cheat_sheet},
      {"",
       "completion",
       "Prints what a shell needs to complete commands, options and the names of DAGs, tasks and runs",
       "For this session, and for all to come:",
       {{"shell", choice, "bash zsh fish", "The shell", "", false}},
       completion},
      {"",
       "rotate-fernet-key",
       "Encrypts connections and variables with a new key",
       "No server may run on the home. The old key is gone then: a backup that was made before has its own.",
       {},
       rotate_fernet_key},
  };
}

}  // namespace venturi::cli
