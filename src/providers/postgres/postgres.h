// PostgreSQL: PostgresToFileOperator, which streams the rows of a query into a file of the run.
//
//   conn_id     postgres_default where not given; host, port, schema (the database), login, password; what extra holds are
//               libpq's keywords (sslmode, connect_timeout, options, ...) and goes to libpq
//   sql         one statement that returns rows
//   parameters  a list for $1, $2, ... or %s, an object for %(name)s: put in as literals (sql_parameters.h)
//   columns     what the file holds, by name and with types; all of the query's with the nearest types where it is not given
//   file_name   name in the run's folder; <task_id>.rows where not given (also `file`)
#pragma once

#include "operators/registry.h"

namespace venturi::providers {

void register_postgres(operators::Registry& registry);

// The XCom is the file's handle. Memory does not grow with the rows: COPY ... TO STDOUT, row by row.
[[nodiscard]] Value move_from_postgres(operators::MoverTry& t, const operators::Arguments& arguments);

}  // namespace venturi::providers
