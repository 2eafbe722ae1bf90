// Rows about a home as a whole: `db`, `config`, `users`, `jobs`, `providers`, `plugins`.
#include "cli/command_rows.h"
#include "cli/handlers.h"

namespace venturi::cli {

using enum ValueType;

namespace {

constexpr Parameter password_option{"-p,--password", ValueType::text, "-", "- reads it from stdin", "", false};
constexpr Parameter random_password_option{"--use-random-password", ValueType::flag, "", "One is made", "", false};

}  // namespace

std::vector<Command> setting_commands() {
  return {
      {"db", "migrate", "Makes the database, or brings it to this version", "", {}, db_migrate},
      {"db",
       "check",
       "Opens the database and looks through it for damage",
       "",
       {{"--retry", integer, "N", "How often it is tried again", "0", false},
        {"--retry-delay", count, "SECONDS", "How long it waits in between", "1", false}},
       db_check},
      {"db",
       "backup",
       "Copies the home into a folder, also while a server works on it",
       "The copy is of one moment: database, keys, configuration and large XComs; DAGs and logs are not in it. Whoever has it "
       "can\n"
       "read all connections: keep it like the home itself.\n"
       "  venturi db backup /backups/venturi-$(date +%F)",
       {{"folder", text, "", "A folder that is not there yet", "", false}},
       db_backup},
      {"db",
       "restore",
       "Makes the home what it was when a backup was made",
       "No server may run on it. What the home had before is kept beside the database. Tasks that ran after the backup was "
       "made\n"
       "may run again, and those that ran then count as lost.\n"
       "  venturi db restore /backups/venturi-2026-01-31 --yes",
       {{"folder", text, "", "A backup", "", false}, yes_option},
       db_restore},
      {"db",
       "clean",
       "Deletes old runs, XComs, versions of DAGs and asset events, also while a server works",
       "Of each DAG the last run stays, and whatever scheduling still needs. What is deleted is copied into archive tables "
       "first,\n"
       "in which it takes as much room as before until they are dropped. The server does the like by itself ([retention]).\n"
       "  venturi db clean --clean-before-timestamp 2026-01-01 --dry-run",
       {{"--clean-before-timestamp", date, "DATE", "Runs that ended before it, and what was made before it", "", false},
        {"-t,--tables", text, "NAME,...",
         "Only these: asset_event, dag_run (with all that belongs to a run), dag_version, log, xcom", "", false},
        {"--dag-ids", text, "DAG,...", "Only what is of these DAGs", "", false},
        {"--exclude-dag-ids", text, "DAG,...", "Nothing that is of these DAGs", "", false},
        {"--dry-run", flag, "", "Only says what would be deleted", "", false},
        {"--skip-archive", flag, "", "Makes no archive tables", "", false},
        yes_option,
        output_option},
       db_clean},
      {"db",
       "export-archived",
       "Writes archive tables of db clean into files",
       "",
       {{"--export-format", choice, "csv", "How", "csv", false},
        {"--output-path", text, "FOLDER", "Where the files are made; it exists", ".", false},
        {"-t,--tables", text, "NAME,...", "Only archives of these tables", "", false},
        {"--drop-archives", flag, "", "Drops the archive tables afterwards", "", false},
        yes_option,
        output_option},
       db_export_archived},
      {"db",
       "drop-archived",
       "Drops archive tables of db clean",
       "",
       {{"-t,--tables", text, "NAME,...", "Only archives of these tables", "", false}, yes_option},
       db_drop_archived},
      {"config",
       "list",
       "Lists the settings with their values and where they come from",
       "",
       {{"--section", text, "NAME", "Only this section", "", false},
        {"--changed", flag, "", "Only what is not as it is by itself", "", false},
        {"--ignored", flag, "", "Variables AIRFLOW__SECTION__KEY that are not used, and what there is in their place", "",
         false},
        {"-d,--include-descriptions", flag, "", "With what they mean", "", false},
        {"-V,--include-env-vars", flag, "", "With their environment variables", "", false},
        output_option},
       config_list},
      {"config",
       "get-value",
       "Shows the value of a setting",
       "  venturi config get-value core dags_folder",
       {{"section", text, "", "The section", "", false}, {"option", text, "", "The key", "", false}},
       config_get_value},
      {"config",
       "lint",
       "Checks venturi.toml and the environment",
       "Every mistake with its place and what to write instead; the exit code is 1 where there are any.",
       {},
       config_lint},
      {"config",
       "import",
       "Takes over an airflow.cfg",
       "What has the same meaning here is written to venturi.toml, what stands there already stays. The rest is listed with "
       "what\n"
       "there is in its place.",
       {{"file", text, "", "An airflow.cfg, of Airflow 2 or 3", "", false},
        {"--dry-run", flag, "", "Writes nothing", "", false},
        output_option},
       config_import},
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
      {"users", "list", "Lists who may log in to the REST API and the pages", "", {output_option}, users_list},
      {"users",
       "create",
       "Lets somebody log in to the REST API and the pages",
       "Also beside a running server. The password is asked for unless an option says where it comes from; the home keeps a "
       "hash "
       "of it. A viewer looks at everything but connections, variables and the configuration; a user changes DAGs, runs and "
       "tasks "
       "too; an op, and an admin, may do everything that the API can.",
       {{"-u,--username", text, "NAME", "The name, without blanks", "", false},
        {"-r,--role", text, "ROLE", "viewer, user, op or admin", "", false},
        password_option,
        random_password_option,
        {"-e,--email", text, "EMAIL", "Taken as in Airflow, and not kept", "", false},
        {"-f,--firstname", text, "NAME", "Taken as in Airflow, and not kept", "", false},
        {"-l,--lastname", text, "NAME", "Taken as in Airflow, and not kept", "", false}},
       users_create,
       check_users_create},
      {"users",
       "delete",
       "Takes a user's right to log in away",
       "At once: a running server takes its tokens no more.",
       {{"-u,--username", text, "NAME", "The user", "", false}},
       users_delete,
       check_users_delete},
      {"users",
       "reset-password",
       "Gives a user a new password",
       "Also beside a running server. The password is asked for unless an option says where it comes from. That of admin is in "
       "a "
       "file that only its owner can read.",
       {{"-u,--username", text, "NAME", "The user", "", false}, password_option, random_password_option},
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
      {"providers", "hooks", "Lists the connection types and their hooks", "", {output_option}, providers_hooks},
      {"providers",
       "widgets",
       "Lists the fields of connection forms, by connection type",
       "",
       {output_option},
       providers_widgets},
      {"providers", "notifications", "Lists the notifiers", "", {output_option}, providers_notifications},
      {"providers",
       "new",
       "Writes what the folder of a new provider begins with",
       "In the root of Venturi's sources, whose CONTRIBUTING.md says how to go on.",
       {{"provider_name", text, "", "The folder: amazon_s3", "", false}},
       providers_new},
      {"plugins", "list", "Lists the plugins, and which of them are there", "", {output_option}, plugins_list},
      {"plugins",
       "install",
       "Makes a plugin on this machine, or makes it anew",
       "It gets a pyarrow wheel from PyPI by pip, compiles a small file against it and keeps its two libraries in the home: a\n"
       "hundred MB on the way, sixty in the end. It needs python3 with venv, and a C++ compiler.",
       {{"plugin_name", choice, "parquet", "The plugin", "", false},
        {"--pyarrow", text, "WHAT", "Another pyarrow: pyarrow==24.0.0, or a folder with one in it", "", false},
        {"--target", text, "FOLDER", "Where to, if not the folder plugins of the home: /usr/lib/venturi/plugins", "", false}},
       plugins_install},
  };
}

}  // namespace venturi::cli
