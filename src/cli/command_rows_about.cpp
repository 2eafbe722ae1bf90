// Rows of commands about this program and its home.
#include "cli/command_rows.h"
#include "cli/handlers.h"

namespace venturi::cli {

using enum ValueType;

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

std::vector<Command> home_commands() {
  return {
      {"db",
       "check-migrations",
       "Checks that the database is at this program's version, and waits for it",
       "",
       {{"-t,--migration-wait-timeout", integer, "SECONDS", "How long it waits", "60", false}},
       db_check_migrations},
      {"db",
       "reset",
       "Removes the database with all that is in it, and makes a new one",
       "No server may run on the home. XComs and files of runs are removed too; logs, DAGs, keys and configuration stay.",
       {yes_option, {"-s,--skip-init", flag, "", "Makes no new one", "", false}},
       db_reset},
      {"db",
       "shell",
       "Runs the program sqlite3 on the database, to read it",
       "Nothing can be changed there, so that it can be used beside a server.",
       {},
       db_shell},
      {"users", "list", "Lists who may log in to the REST API", "", {output_option}, users_list},
      {"users",
       "reset-password",
       "Gives a user a new password",
       "Also beside a running server. The file that it is in can be read by its owner only.",
       {{"username", text, "", "The user: admin", "", false},
        {"-p,--password", text, "-", "- reads it from stdin; without it, one is made", "", false}},
       users_reset_password,
       check_users_reset_password},
      {"jobs",
       "check",
       "Checks that a server runs and answers",
       "The exit code is 1 where none does. One server is Airflow's scheduler, triggerer and DAG processor.",
       {{"--job-type", choice, "SchedulerJob TriggererJob DagProcessorJob", "Which of them is asked for", "", false},
        {"--hostname", text, "NAME", "That it runs on this machine", "", false},
        {"--local", flag, "", "That it runs here, as it always does", "", false},
        {"--limit", integer, "N", "Taken as in Airflow; there is one", "1", false},
        {"--allow-multiple", flag, "", "Taken as in Airflow; there is one", "", false}},
       jobs_check},
      {"providers", "list", "Lists the systems that operators and hooks are built in for", "", {output_option}, providers_list},
      {"providers",
       "get",
       "Shows what is built in for a system",
       "",
       {{"provider_name", text, "", "The provider", "", false}, output_option},
       providers_get},
      {"providers", "hooks", "Lists the hooks, by connection type", "", {output_option}, providers_hooks},
      {"providers", "notifications", "Lists the notifiers", "", {output_option}, providers_notifications},
  };
}

}  // namespace venturi::cli
