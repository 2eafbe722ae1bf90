// GenericTransfer, from PostgreSQL to PostgreSQL: COPY out of one and into the other, row by row; in binary where the types of
// the query and those of the table are the same.
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
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "operators/mover_try.h"
#include "operators/outcome.h"
#include "providers/postgres/mover_sql.h"
#include "providers/postgres/postgres.h"
#include "providers/postgres/sql_split.h"

namespace venturi::providers {
namespace {

// Types whose binary form is the same on every server. Others (domains, enums, types of extensions) have numbers of each
// database's own, or forms that changed.
bool has_one_binary_form(Oid type) {
  static constexpr std::array<Oid, 40> types{
      16,   17,   20,   21,   23,   25,   114,  700,  701,         // bool, bytea, bigint, smallint, integer, text, json, reals
      650,  829,  869,  1042, 1043, 1082, 1083, 1114, 1184,        // cidr, macaddr, inet, char(n), varchar, dates and times
      1186, 1266, 1560, 1562, 1700, 2950, 3802,                    // interval, timetz, bits, numeric, uuid, jsonb
      1000, 1001, 1005, 1007, 1009, 1015, 1016, 1021, 1022, 1115,  // arrays of these
      1182, 1185, 1231, 2951, 3807};
  return std::ranges::find(types, type) != types.end();
}

// text, varchar and char(n) are one in binary.
Oid as_sent(Oid type) {
  return type == 1043 || type == 1042 ? 25 : type;
}

// The servers agree on what the rows look like in binary.
CopyFormat format_of(PgConnection& source, const std::string& query, PgConnection& destination, TableLoad& load) {
  constexpr int first_server = 90000;
  if (source.server_number() < first_server || destination.server_number() < first_server) return CopyFormat::text;
  const std::vector<unsigned> taken = load.types();
  PgResult given;
  try {
    given = source.describe(query);
  } catch (const PgServerError&) {
    return CopyFormat::text;  // what is wrong with it COPY says; and a pooler may not keep a prepared statement
  }
  if (static_cast<std::size_t>(::PQnfields(given.get())) != taken.size()) return CopyFormat::text;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    const Oid type = ::PQftype(given.get(), static_cast<int>(i));
    if (as_sent(type) != as_sent(taken[i]) || !has_one_binary_form(type)) return CopyFormat::text;
  }
  return CopyFormat::binary;
}

}  // namespace

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
    const std::string query = without_last_semicolon(sql);
    const CopyFormat format = format_of(source, query, destination, load);
    source.begin_copy(fmt::format("COPY ({}\n) TO STDOUT{}", query, words_of(format)));
    load.begin(format);
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
