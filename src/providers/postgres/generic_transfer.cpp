// GenericTransfer, from PostgreSQL to PostgreSQL: COPY out of one and into the other, row by row.
//
//   source_conn_id, sql       one query, or several whose rows all go into the table
//   destination_conn_id, destination_table
//   preoperator               statements that run first, in the transaction of the load
//   insert_args               replace (an upsert, by replace_index or the primary key; replace_target: what is updated) and
//                             target_fields (the columns of the table; without: all of them, in their order)
//   source_hook_params, destination_hook_params   as hook_params elsewhere
//
// page_size and paginated_sql_statement_clause of Airflow's are not needed: nothing is held in memory. commit_every is not
// either: all rows arrive, or none. The XCom is the number of rows.
#include <fmt/format.h>

#include "operators/mover_try.h"
#include "operators/outcome.h"
#include "providers/postgres/mover_sql.h"
#include "providers/postgres/postgres.h"
#include "providers/postgres/sql_split.h"

namespace venturi::providers {

Value transfer_rows(operators::MoverTry& t, const operators::Arguments& arguments) {
  const std::vector<std::string> queries = statements_in(arguments, "sql");
  if (queries.empty()) throw operators::TaskFailedForGood("the argument sql has no statement in it");
  const InsertArgs insert_args = insert_args_of(arguments, t.log);
  LoadOptions options{.table = arguments.string("destination_table"),
                      .columns = insert_args.target_fields,
                      .truncate = false,
                      .upsert = insert_args.upsert,
                      .before = statements_in(arguments, "preoperator"),
                      .after = {}};
  PgConnection source = connect_to(t, arguments.string("source_conn_id"), pg_options(arguments, t.log, "source_hook_params"));
  t.log.info("Extracting data from " + source.where());
  PgConnection destination =
      connect_to(t, arguments.string("destination_conn_id"), pg_options(arguments, t.log, "destination_hook_params"));
  const std::string table = options.table;
  TableLoad load(destination, std::move(options));
  std::int64_t rows = 0;
  for (const std::string& sql : queries) {
    t.log.info("Executing: " + sql);
    source.begin_copy("COPY (" + without_last_semicolon(sql) + "\n) TO STDOUT");
    load.begin();
    try {
      for (std::string_view row = source.next_row(); !row.empty(); row = source.next_row()) load.put(row);
      rows += load.end();
    } catch (const PgServerError& e) {
      const auto row = row_of(e);
      if (!row) throw;
      throw operators::TaskFailed(fmt::format("row {} of the query: {}", *row, e.what()));
    }
  }
  load.commit();
  t.log.info(fmt::format("Done loading. Loaded a total of {} rows into {}, {}", rows, table, destination.where()));
  return static_cast<long long>(rows);
}

}  // namespace venturi::providers
