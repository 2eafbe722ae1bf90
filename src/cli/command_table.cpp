// The rows are in the order of the help. Details that begin with two blanks are examples: none has a password in it, because
// everybody on the machine can read the arguments of a process.
#include "cli/command.h"

#include <algorithm>

#include "cli/command_rows.h"
#include "cli/handlers.h"

namespace venturi::cli {
namespace {

using enum ValueType;

constexpr Parameter dag_id{"dag_id", text, "", "The DAG", "", false};
constexpr Parameter task_id{"task_id", text, "", "The task", "", false};
constexpr Parameter run{"logical_date_or_run_id", text, "", "The run: its id, or its logical date", "", false};
constexpr Parameter output{"-o,--output", choice, "table json yaml plain", "How the rows are written", "table", false};
constexpr Parameter conf{"-c,--conf", json_object, "JSON", "An object: the run's configuration, in place of the DAG's params",
                         "",          false};
constexpr Parameter conn_id{"conn_id", text, "", "The connection", "", false};
constexpr Parameter variable_key{"key", text, "", "The variable", "", false};
constexpr Parameter pool{"pool", text, "", "The pool", "", false};
constexpr Parameter backfill_id{"backfill_id", integer, "", "The backfill's number", "", false};
constexpr Parameter import_file{"file", text, "", "A .json, .yaml, .yml or .env file", "", false};
constexpr Parameter as_regex{
    "--treat-dag-id-as-regex", flag, "", "All DAGs whose ids have a part that fits this regular expression", "", false};
constexpr Parameter keep{"--keep", flag, "", "Leaves the temporary home with its logs and database behind, and says where",
                         "",       false};

std::vector<Command> programs() {
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
       {output},
       doctor},
  };
}

std::vector<Command> dags() {
  return {
      {"dags",
       "list",
       "Lists the DAGs",
       "",
       {{"--columns", text, "NAME,...", "Which columns", "dag_id,fileloc,owners,is_paused,bundle_name,bundle_version", false},
        output},
       dags_list,
       check_dags_list},
      {"dags", "details", "Shows what there is to know of a DAG", "", {dag_id, output}, dags_details},
      {"dags", "report", "Lists the files that DAGs come from, with what each gives", "", {output}, dags_report},
      {"dags",
       "show",
       "Shows a DAG's tasks and what they depend on",
       "In a terminal as boxes; elsewhere in the DOT language, which Graphviz draws.",
       {dag_id,
        {"-s,--save", text, "FILE",
         "Writes the graph to this file: .dot, .mmd (Mermaid), or .svg, .png, ... where Graphviz is installed", "", false},
        {"-o,--output", choice, "boxes dot mermaid table json yaml plain", "The graph, or its tasks as rows", "", false}},
       dags_show},
      {"dags",
       "show-dependencies",
       "Shows what DAGs have to do with each other: assets, triggers, sensors of other DAGs",
       "In a terminal as boxes; elsewhere in the DOT language.",
       {{"-s,--save", text, "FILE",
         "Writes the graph to this file: .dot, .mmd (Mermaid), or .svg, .png, ... where Graphviz is installed", "", false},
        {"-o,--output", choice, "boxes dot mermaid", "The form of the graph", "", false}},
       dags_show_dependencies},
      {"dags",
       "trigger",
       "Makes a run of a DAG",
       "The run of a paused DAG stays queued until the DAG is unpaused.\n"
       "  venturi dags trigger example --conf '{\"limit\": 10}'",
       {dag_id,
        conf,
        {"-l,--logical-date", date, "DATE", "The run's logical date; without it the run has none", "", false},
        {"-r,--run-id", text, "ID", "The run's id; without it one is made from the date", "", false},
        {"--run-after", date, "DATE", "The run is queued until then; without it, it may start now", "", false},
        {"--partition-key", text, "KEY", "What part of the data the run is for, of a DAG with partitions", "", false},
        output},
       dags_trigger},
      {"dags",
       "test",
       "Runs a DAG once in this terminal, without a server",
       "The run goes through scheduler, database, worker and processes as always, on a temporary home: connections, variables, "
       "DAGs\n"
       "and configuration are those of the real one, and nothing is recorded there. The exit code is the outcome of the run.",
       {dag_id, {"logical_date", date, "", "The run's logical date; without it, now", "", true}, conf, keep},
       dags_test},
      {"dags",
       "state",
       "Shows the state of a run",
       "",
       {dag_id,
        run,
        {"-o,--output", choice, "table json yaml plain", "A row, in place of the state and the configuration alone", "",
         false}},
       dags_state},
      {"dags",
       "list-runs",
       "Lists the runs of a DAG, the newest first",
       "",
       {dag_id,
        {"--state", choice, "queued running success failed", "Only runs in this state", "", false},
        {"--limit", count, "N", "At most so many", "", false},
        {"-s,--start-date", date, "DATE", "Only runs with a logical date from this one on", "", false},
        {"-e,--end-date", date, "DATE", "Only runs with a logical date up to this one", "", false},
        {"--no-backfill", flag, "", "Without those of backfills", "", false},
        output},
       dags_list_runs},
      {"dags",
       "next-execution",
       "Shows when a DAG runs next: the logical dates of its next runs",
       "",
       {dag_id,
        {"-n,--num-executions", count, "N", "So many", "1", false},
        {"--table", flag, "", "All that is known of them, as a table", "", false},
        {"--field", choice, "logical_date data_interval.start data_interval.end partition_key partition_date run_after",
         "This of them; without it the logical date, or the partition key of a DAG with partitions", "", false},
        {"-o,--output", choice, "table json yaml plain", "Rows with data interval and run_after, in place of the dates alone",
         "", false}},
       dags_next_execution},
      {"dags",
       "list-upcoming",
       "Lists the runs that the schedules of all DAGs make next",
       "",
       {{"-n,--limit", count, "N", "So many", "20", false}, {"-a,--all", flag, "", "Also of paused DAGs", "", false}, output},
       dags_list_upcoming},
      {"dags",
       "simulate",
       "Shows what the schedules will do, on a virtual clock: runs, waits and their causes, pools",
       "The same scheduler as always, with stand-ins for tasks that take as long as they did before. The home is only read, "
       "also\n"
       "beside a running server. A task is named TASK, or DAG.TASK; options that name something may be given several times.\n"
       "  venturi dags simulate --from 2026-01-01 --to 2026-02-01 --assume load=90m --fail extract=10%\n"
       "  venturi dags simulate --dag 'ex*' -o html > day.html",
       {{"-d,--dag", list, "PATTERN", "Only these DAGs, as a shell compares names; without it, all", "", false},
        {"--from", date, "DATE", "Begins then, with nothing under way or missing; without it, now, with all that is", "",
         false},
        {"--to", date, "DATE", "Ends then; without it, after a day", "", false},
        {"--assume", list, "TASK=DURATION",
         "How long its tries take: 500ms, 30s, 90m, 1.5h, 2d; without it, as in the newest runs", "", false},
        {"--default-duration", text, "DURATION", "How long tries take of tasks that never ran", "1m", false},
        {"--fail", list, "TASK=RATE", "How many of its tries fail: 10%", "", false},
        {"--assume-length", list, "TASK=N",
         "How long its list is that others are mapped over; without it, as in the last run, or 1", "", false},
        {"--seed", count, "N", "Which tries fail", "1", false},
        {"--pool", list, "POOL=SLOTS", "With so many slots", "", false},
        {"--parallelism", count, "N", "With so many tasks at once; without it, as configured", "", false},
        {"--unpause-all", flag, "", "As if no DAG were paused", "", false},
        {"-o,--output", choice, "table json html", "For a terminal, for programs, or a page with a timeline", "table", false}},
       dags_simulate,
       check_dags_simulate},
      {"dags",
       "delete",
       "Removes all runs of a DAG that have ended, with their XComs, files and logs",
       "None of them may be under way. The DAG itself goes when its file does.",
       {dag_id, yes_option},
       dags_delete},
      {"dags",
       "reserialize",
       "Lets the server read all files of the DAGs folder anew",
       "Files that change are read by themselves; this is for what they depend on.",
       {},
       dags_reserialize},
      {"dags",
       "delete-run",
       "Removes a run that has ended, with its XComs, files and logs",
       "",
       {dag_id, {"run_id", text, "", "The run", "", false}, {"-y,--yes", flag, "", "Does not ask", "", false}},
       dags_delete_run},
      {"dags",
       "set-state",
       "Says how a run ended, or has it looked at again",
       "What runs ends like the run, what waits is skipped, teardowns run. A run that has ended keeps its tasks as they are; "
       "queued, it\n"
       "ends again as they say. Nobody is called back.",
       {dag_id, run, {"state", text, "", "The run's state from now on: success, failed or queued", "", false}, output},
       dags_set_state},
      {"dags",
       "list-import-errors",
       "Lists the files that give no DAGs, or not all of them, and why",
       "The exit code is 1 where there are any.",
       {output},
       dags_list_import_errors},
      {"dags",
       "validate",
       "Checks YAML files without running anything",
       "Every problem has its file, line and column; the exit code is 1 where there are any. C++ files are left out, and "
       "named.\n"
       "  venturi dags validate orders.yaml",
       {{"path", text, "", "A file, or a folder with all that is below it; without it, the DAGs folder", "", true}, output},
       dags_validate},
      {"dags",
       "schema",
       "Prints the JSON schema of YAML files",
       "Editors check and complete with it: docs/yaml.md says how.",
       {},
       dags_schema},
      {"dags",
       "clear",
       "Clears runs as a whole, so that they run again",
       "One run, or those of a partition. For those between two logical dates: venturi tasks clear. Lists what it is about to\n"
       "clear, and asks.",
       {dag_id,
        {"--run-id", text, "ID", "This run: its id, or its logical date", "", false},
        {"--partition-key", text, "KEY", "The runs of this partition", "", false},
        {"--partition-date-start", date, "DATE", "Runs of partitions from this date on", "", false},
        {"--partition-date-end", date, "DATE", "Runs of partitions up to this date", "", false},
        {"-f,--only-failed", flag, "", "Only what failed, or was not run because of it", "", false},
        {"-r,--only-running", flag, "", "Only what is running", "", false},
        {"-y,--yes", flag, "", "Does not ask", "", false},
        output},
       dags_clear,
       check_dags_clear},
      {"dags", "pause", "Pauses a DAG: no run of it begins", "", {dag_id, as_regex, yes_option, output}, dags_pause},
      {"dags", "unpause", "Unpauses a DAG: its runs begin", "", {dag_id, as_regex, yes_option, output}, dags_unpause},
  };
}

std::vector<Command> backfills() {
  return {
      {"backfill",
       "create",
       "Runs a DAG's schedule for dates that lie behind",
       "Both dates are logical dates, and included. The runs are of type backfill and have a limit of their own beside the\n"
       "DAG's max_active_runs; whether the DAG catches up, and its start date, do not matter. There can be one backfill of a\n"
       "DAG at a time.\n"
       "  venturi backfill create --dag-id example --from-date 2026-01-01 --to-date 2026-01-31 --dry-run",
       {{"--dag-id", text, "DAG_ID", "The DAG", "", false},
        {"--from-date", date, "DATE", "The first logical date", "", false},
        {"--to-date", date, "DATE", "The last logical date", "", false},
        {"--dag-run-conf", json_object, "JSON", "An object: the runs' configuration", "", false},
        {"--dry-run", flag, "", "Lists the dates that would run, and changes nothing", "", false},
        {"--run-backwards", flag, "", "The newest date first; not with depends_on_past", "", false},
        {"--max-active-runs", integer, "N", "So many of its runs at once at most", "10", false},
        {"--reprocess-behavior", choice, "none completed failed",
         "Of dates that have a run: none leaves them alone, completed lets all that ended run again, failed those that failed",
         "none", false},
        {"--run-on-latest-version", flag, "",
         "Runs that are made follow the DAG's newest version with and without it; one that runs again keeps the version that "
         "it "
         "followed",
         "", false},
        output},
       backfill_create,
       check_backfill_create},
      {"backfill",
       "list",
       "Lists backfills",
       "",
       {{"--dag-id", text, "DAG_ID", "Only those of this DAG", "", false}, output},
       backfill_list},
      {"backfill",
       "get",
       "Shows a backfill",
       "",
       {backfill_id,
        {"--runs", flag, "", "Its dates in the order in which they run: the run of each, or why it has none", "", false},
        output},
       backfill_get},
      {"backfill",
       "pause",
       "Lets no further runs of a backfill start",
       "What runs goes on.",
       {backfill_id, output},
       backfill_pause},
      {"backfill", "unpause", "Lets a backfill go on", "", {backfill_id, output}, backfill_unpause},
      {"backfill",
       "cancel",
       "Ends a backfill: its queued runs fail",
       "What runs goes on. Afterwards the backfill is completed.",
       {backfill_id, output},
       backfill_cancel},
  };
}

std::vector<Command> tasks() {
  return {
      {"tasks",
       "list",
       "Lists the tasks of a DAG",
       "",
       {dag_id, {"-o,--output", choice, "table json yaml plain", "Rows, in place of the ids alone", "", false}},
       tasks_list},
      {"tasks",
       "test",
       "Runs one task alone in this terminal, without a server",
       "Nothing is checked of what stands before it, its XComs are absent, and nothing is recorded. The exit code is the "
       "outcome.",
       {dag_id,
        task_id,
        {"logical_date", date, "", "The run's logical date; without it, now", "", true},
        {"-t,--task-params", json_object, "JSON", "An object: in place of the DAG's params", "", false},
        keep},
       tasks_test},
      {"tasks",
       "states-for-dag-run",
       "Lists the tasks of a run with their states",
       "",
       {dag_id, run, output},
       tasks_states_for_dag_run},
      {"tasks",
       "state",
       "Shows the state of a task in a run",
       "",
       {dag_id, task_id, run, {"--map-index", count, "N", "Of a mapped task: which instance", "", false}},
       tasks_state},
      {"tasks",
       "clear",
       "Clears task instances, so that they run again as if they never had",
       "Runs that have ended are queued again; what is running is killed first. Lists what it is about to clear, and asks.\n"
       "  venturi tasks clear example --run-id first --task-regex '^load' --downstream --yes",
       {dag_id,
        {"-t,--task-regex", text, "REGEX", "Only tasks whose id has a part that fits", "", false},
        {"--run-id", text, "ID", "Only this run: its id, or its logical date", "", false},
        {"-s,--start-date", date, "DATE", "Only runs with a logical date from this one on", "", false},
        {"-e,--end-date", date, "DATE", "Only runs with a logical date up to this one", "", false},
        {"-u,--upstream", flag, "", "Also the tasks above those", "", false},
        {"-d,--downstream", flag, "", "Also the tasks below those", "", false},
        {"-f,--only-failed", flag, "", "Only what failed, or was not run because of it", "", false},
        {"-r,--only-running", flag, "", "Only what is running", "", false},
        {"--run-on-latest-version", flag, "",
         "By the DAG as it is now, and not by the version that the run began with; without it as the DAG and [core] say", "",
         false},
        {"-y,--yes", flag, "", "Does not ask", "", false},
        output},
       tasks_clear},
      {"tasks",
       "set-state",
       "Says how a task of a run ended",
       "A running one is killed. What failed, or was not run, below it is cleared, and runs again where its rule lets it.\n"
       "  venturi tasks set-state example load first success --downstream",
       {dag_id,
        task_id,
        run,
        {"state", text, "", "Its state from now on: success, failed or skipped", "", false},
        {"--map-index", integer, "N", "Of this instance of a mapped task; without it, of all", "-1", false},
        {"-u,--upstream", flag, "", "Also the tasks above it", "", false},
        {"-d,--downstream", flag, "", "Also the tasks below it", "", false},
        {"--future", flag, "", "Also in the runs with a later logical date", "", false},
        {"--past", flag, "", "Also in the runs with an earlier one", "", false},
        {"-n,--dry-run", flag, "", "Lists what would change, and changes nothing", "", false},
        output},
       tasks_set_state},
      {"tasks",
       "failed-deps",
       "Shows what keeps a task of a queued or running run from being run",
       "Its trigger rule, the run before (depends_on_past), limits, its pool: all that is in the way, each with its reason.",
       {dag_id, task_id, run, {"--map-index", integer, "N", "Of this instance of a mapped task", "-1", false}},
       tasks_failed_deps},
      {"tasks",
       "render",
       "Shows the templates of a task as they are rendered for a run, without running it",
       "As the last try rendered them; before there was one, or for a date without a run, of what is there now. Secrets are "
       "***.",
       {dag_id,
        task_id,
        run,
        {"--map-index", integer, "N", "Of this instance of a mapped task", "-1", false},
        {"-o,--output", choice, "table json yaml plain", "Rows, in place of a heading for each", "", false}},
       tasks_render},
      {"tasks",
       "why",
       "Shows how a task came to be in its state, each step with its cause, and what holds it back now",
       "Also of runs that have ended.",
       {dag_id, task_id, run, {"--map-index", integer, "N", "Of this instance of a mapped task", "-1", false}, output},
       tasks_why},
      {"tasks",
       "logs",
       "Shows the log of a task",
       "",
       {dag_id,
        task_id,
        run,
        {"--try", count, "N", "Of this try; without it, of the last one", "", false},
        {"--map-index", integer, "N", "Of this instance of a mapped task", "-1", false},
        {"-f,--follow", flag, "", "Goes on until the try has ended", "", false},
        {"-o,--output", choice, "text json", "Lines for people, or the log's own lines of JSON", "text", false}},
       tasks_logs},
  };
}

std::vector<Command> connections() {
  return {
      {"connections",
       "list",
       "Lists the connections, without their passwords and other secrets",
       "",
       {{"--conn-id", text, "ID", "Only this one", "", false},
        {"--show-values", flag, "", "Taken as in Airflow: all but secrets is shown anyway", "", false},
        {"--hide-sensitive", flag, "", "Taken as in Airflow: secrets are never shown", "", false},
        output},
       connections_list},
      {"connections",
       "get",
       "Shows a connection, without its password and other secrets",
       "As for tasks, an environment variable AIRFLOW_CONN_ID goes before what is stored.",
       {conn_id, output},
       connections_get},
      {"connections",
       "add",
       "Adds a connection",
       "Give it as a URI, as JSON or in parts. URI, JSON and password are read from stdin where they are -, so that they stand "
       "in no\n"
       "list of processes; PostgreSQL's own forms (Host=...;Username=... and host=... user=...) are understood as well:\n"
       "  venturi connections add test_db --conn-uri - < uri.txt\n"
       "  venturi connections add test_db --conn-type postgres --conn-host localhost --conn-login me --conn-password -",
       {conn_id,
        {"--conn-uri", text, "URI", "All of it as a URI; - for stdin", "", false},
        {"--conn-json", text, "JSON", "All of it as JSON; - for stdin", "", false},
        {"--conn-file", text, "FILE", "All of it, in any of the forms, from this file; - for stdin", "", false},
        {"--conn-type", text, "TYPE", "Its type: postgres, smtp, ...", "", false},
        {"--conn-description", text, "TEXT", "What it is for", "", false},
        {"--conn-host", text, "HOST", "Where the server is", "", false},
        {"--conn-login", text, "NAME", "The user", "", false},
        {"--conn-password", text, "PASSWORD", "The password; - for stdin", "", false},
        {"--conn-schema", text, "NAME", "The schema, or the database", "", false},
        {"--conn-port", count, "PORT", "The port", "", false},
        {"--conn-extra", text, "JSON", "What else its type knows", "", false}},
       connections_add,
       check_connections_add},
      {"connections",
       "test",
       "Tests whether a connection can be used",
       "From this machine, with and without a server. The exit code is 1 where it cannot.",
       {conn_id},
       connections_test},
      {"connections", "delete", "Deletes a connection", "", {conn_id}, connections_delete},
      {"connections",
       "import",
       "Adds the connections of a file",
       "All or, where one of them cannot be read, none.",
       {import_file,
        {"--overwrite", flag, "", "Replaces connections that are there already, in place of leaving them", "", false}},
       connections_import},
      {"connections",
       "export",
       "Writes all connections with their passwords to a file that only its owner can read",
       "",
       {{"file", text, "", "The file: made with mode 0600, refused where others can read it", "", false},
        {"--file-format", choice, "json yaml env", "In place of what the file's name ends with", "", false},
        {"--serialization-format", choice, "uri json", "Of connections in an env file", "uri", false}},
       connections_export,
       check_connections_export},
  };
}

std::vector<Command> assets() {
  const Parameter name{"--name", text, "NAME", "The asset's name", "", false};
  const Parameter uri{"--uri", text, "URI", "The asset's uri", "", false};
  const Parameter alias{"--alias", flag, "", "Asset aliases instead of assets", "", false};
  return {
      {"assets", "list", "Lists the assets that DAGs make, read or are scheduled on", "", {alias, output}, assets_list},
      {"assets",
       "details",
       "Shows an asset: the DAGs that make it, and its last event",
       "  venturi assets details --name orders",
       {alias, name, uri, output},
       assets_details,
       check_asset_or_alias_named},
      {"assets",
       "materialize",
       "Makes a run of the DAG that makes an asset",
       "It is an error where several DAGs make it, or none.\n  venturi assets materialize --name orders",
       {name, uri, output},
       assets_materialize,
       check_asset_named},
  };
}

std::vector<Command> pools() {
  return {
      {"pools", "list", "Lists the pools", "", {output}, pools_list},
      {"pools", "get", "Shows a pool", "", {pool, output}, pools_get},
      {"pools",
       "set",
       "Makes a pool, or gives it other slots",
       "A task takes pool_slots of its pool while it is queued or running. Other slots count at once.\n"
       "  venturi pools set shop_database 2 \"what the shop's database bears\"",
       {pool,
        {"slots", integer, "", "How many slots it has; -1: no limit", "", false},
        {"description", text, "", "What it is for", "", false},
        {"--include-deferred", flag, "", "Deferred tasks keep their slots", "", false}},
       pools_set},
      {"pools",
       "delete",
       "Deletes a pool",
       "Tasks that name it wait until there is such a pool again. default_pool cannot be deleted.",
       {pool},
       pools_delete},
      {"pools",
       "import",
       "Sets the pools of a file",
       "As Airflow writes it: {\"shop\": {\"slots\": 2, \"description\": \"...\", \"include_deferred\": false}}",
       {{"file", text, "", "A .json file", "", false}},
       pools_import},
      {"pools", "export", "Writes all pools as JSON to a file", "", {{"file", text, "", "The file", "", false}}, pools_export},
  };
}

std::vector<Command> variables() {
  return {
      {"variables",
       "list",
       "Lists the variables",
       "",
       {{"--show-values", flag, "", "Shows values too; those of keys like api_password are ***", "", false},
        {"--hide-sensitive", flag, "", "All values are ***", "", false},
        output},
       variables_list},
      {"variables",
       "get",
       "Shows the value of a variable",
       "As for tasks, an environment variable AIRFLOW_VAR_KEY goes before what is stored.",
       {variable_key,
        {"-j,--json", flag, "", "The value is JSON: shows what it stands for", "", false},
        {"-d,--default", text, "VALUE", "Shown where there is no such variable", "", false}},
       variables_get},
      {"variables",
       "set",
       "Sets a variable",
       "",
       {variable_key,
        {"value", text, "", "Its value; - for stdin", "", false},
        {"--description", text, "TEXT", "What it is for", "", false},
        {"-j,--json", flag, "", "Stores the value as a JSON string", "", false}},
       variables_set},
      {"variables", "delete", "Deletes a variable", "", {variable_key}, variables_delete},
      {"variables",
       "import",
       "Sets the variables of a file",
       "Its object has a value for each key, or an object with value and description.",
       {import_file,
        {"-a,--action-on-existing-key", choice, "overwrite fail skip", "What happens with keys that are there already",
         "overwrite", false}},
       variables_import},
      {"variables",
       "export",
       "Writes all variables as JSON to a file that only its owner can read",
       "",
       {{"file", text, "", "The file: made with mode 0600, refused where others can read it", "", false}},
       variables_export},
  };
}

std::vector<Command> settings() {
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
       {{"folder", text, "", "A backup", "", false}, {"-y,--yes", flag, "", "Does not ask", "", false}},
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
        {"-y,--yes", flag, "", "Does not ask", "", false},
        output},
       db_clean},
      {"db",
       "export-archived",
       "Writes archive tables of db clean into files",
       "",
       {{"--export-format", choice, "csv", "How", "csv", false},
        {"--output-path", text, "FOLDER", "Where the files are made; it exists", ".", false},
        {"-t,--tables", text, "NAME,...", "Only archives of these tables", "", false},
        {"--drop-archives", flag, "", "Drops the archive tables afterwards", "", false},
        {"-y,--yes", flag, "", "Does not ask", "", false},
        output},
       db_export_archived},
      {"db",
       "drop-archived",
       "Drops archive tables of db clean",
       "",
       {{"-t,--tables", text, "NAME,...", "Only archives of these tables", "", false},
        {"-y,--yes", flag, "", "Does not ask", "", false}},
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
        output},
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
        output},
       config_import},
  };
}

}  // namespace

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
                                         {"users", "Who may log in to the REST API"},
                                         {"jobs", "Whether a server runs"},
                                         {"providers", "What is built in for other systems"}};
  return groups;
}

const std::vector<Command>& command_table() {
  static const std::vector<Command> table = [] {
    std::vector<Command> all;
    for (const auto& rows : {programs(), about_commands(), dags(), backfills(), tasks(), connections(), assets(), pools(),
                             variables(), settings(), home_commands()})
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
