// PostgreSQL: operators that move rows, each in a process of its own. What waits only is in providers/sql.
//
// All but GenericTransfer take conn_id (postgres_default where not given), database and hook_params, as providers/sql/sql.h has
// them. Of a connection, host, port, schema (the database), login and password count; what extra holds are libpq's keywords
// (sslmode, connect_timeout, options, ...) and goes to libpq.
#pragma once

#include "operators/registry.h"

namespace venturi::providers {

// PostgresToFileOperator: the rows of a query into a file of the run, whose handle is the XCom. Memory does not grow with them.
//   sql         one statement that returns rows
//   parameters  a list for $1, $2, ... or %s, an object for %(name)s: put in as literals (sql_parameters.h)
//   columns     what the file holds, by name and with types; all of the query's with the nearest types where it is not given
//   file_name   name in the run's folder; <task_id>.rows where not given (also `file`)
[[nodiscard]] Value move_from_postgres(operators::MoverTry& t, const operators::Arguments& arguments);
// Each has its arguments on top of its source: postgres_to_csv.cpp, file_to_postgres.cpp, insert_rows.cpp,
// generic_transfer.cpp.
[[nodiscard]] Value move_postgres_to_csv(operators::MoverTry& t, const operators::Arguments& arguments);
[[nodiscard]] Value move_file_to_postgres(operators::MoverTry& t, const operators::Arguments& arguments);
[[nodiscard]] Value move_rows_to_postgres(operators::MoverTry& t, const operators::Arguments& arguments);
[[nodiscard]] Value transfer_rows(operators::MoverTry& t, const operators::Arguments& arguments);

// Of what speaks PostgreSQL's protocol.
[[nodiscard]] operators::ConnectionTest test_postgres(const Connection& connection);

}  // namespace venturi::providers
