// What the operators that move data from and to PostgreSQL have in common: their connection, and their statements.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "operators/arguments.h"
#include "operators/mover_try.h"
#include "providers/postgres/pg_connection.h"
#include "providers/postgres/table_load.h"

namespace venturi::providers {

// The arguments that say to which database: conn_id, database, hook_params.
[[nodiscard]] std::vector<operators::Argument> with_pg_arguments(std::vector<operators::Argument> own);
[[nodiscard]] PgConnection connect_to(operators::MoverTry& t, const std::string& conn_id, const PgOptions& options);
[[nodiscard]] PgConnection connect_to(operators::MoverTry& t, const operators::Arguments& arguments);

// The one statement `sql` with the argument `parameters` in it, as COPY takes it.
[[nodiscard]] std::string query_of(PgConnection& connection, const operators::Arguments& arguments);
// The statements of an argument that is a string or a list of strings. Throws TaskFailedForGood.
[[nodiscard]] std::vector<std::string> statements_in(const operators::Arguments& arguments, std::string_view name);

// The argument insert_args of Airflow's operators: replace, replace_index, replace_target, commit_every; those that mean
// nothing here are told in the log.
struct InsertArgs {
  std::optional<Upsert> upsert;
  std::int64_t commit_every = 1000;
  std::vector<std::string> target_fields;
};
[[nodiscard]] InsertArgs insert_args_of(const operators::Arguments& arguments, operators::TryLog& log);

}  // namespace venturi::providers
