// Rows of what DAGs work with: `connections`, `assets`, `pools`, `variables`.
#include "cli/command_rows.h"
#include "cli/handlers.h"

namespace venturi::cli {

using enum ValueType;

namespace {

constexpr Parameter conn_id{"conn_id", text, "", "The connection", "", false};
constexpr Parameter variable_key{"key", text, "", "The variable", "", false};
constexpr Parameter pool{"pool", text, "", "The pool", "", false};
constexpr Parameter import_file{"file", text, "", "A .json, .yaml, .yml or .env file", "", false};

}  // namespace

std::vector<Command> connection_commands() {
  return {
      {"connections",
       "list",
       "Lists the connections, without their passwords and other secrets",
       "",
       {{"--conn-id", text, "ID", "Only this one", "", false},
        {"--show-values", flag, "", "Taken as in Airflow: all but secrets is shown anyway", "", false},
        {"--hide-sensitive", flag, "", "Taken as in Airflow: secrets are never shown", "", false},
        output_option},
       connections_list},
      {"connections",
       "get",
       "Shows a connection, without its password and other secrets",
       "As for tasks, an environment variable AIRFLOW_CONN_ID goes before what is stored.",
       {conn_id, output_option},
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

std::vector<Command> asset_commands() {
  const Parameter name{"--name", text, "NAME", "The asset's name", "", false};
  const Parameter uri{"--uri", text, "URI", "The asset's uri", "", false};
  const Parameter alias{"--alias", flag, "", "Asset aliases instead of assets", "", false};
  return {
      {"assets", "list", "Lists the assets that DAGs make, read or are scheduled on", "", {alias, output_option}, assets_list},
      {"assets",
       "details",
       "Shows an asset: the DAGs that make it, and its last event",
       "  venturi assets details --name orders",
       {alias, name, uri, output_option},
       assets_details,
       check_asset_or_alias_named},
      {"assets",
       "materialize",
       "Makes a run of the DAG that makes an asset",
       "It is an error where several DAGs make it, or none.\n  venturi assets materialize --name orders",
       {name, uri, output_option},
       assets_materialize,
       check_asset_named},
  };
}

std::vector<Command> pool_commands() {
  return {
      {"pools", "list", "Lists the pools", "", {output_option}, pools_list},
      {"pools", "get", "Shows a pool", "", {pool, output_option}, pools_get},
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

std::vector<Command> variable_commands() {
  return {
      {"variables",
       "list",
       "Lists the variables",
       "",
       {{"--show-values", flag, "", "Shows values too; those of keys like api_password are ***", "", false},
        {"--hide-sensitive", flag, "", "All values are ***", "", false},
        output_option},
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

}  // namespace venturi::cli
