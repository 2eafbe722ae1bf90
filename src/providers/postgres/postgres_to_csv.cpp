// PostgresToCsvOperator: the rows of a query into a CSV file (RFC 4180, as COPY writes it).
//
//   sql, parameters  as PostgresToFileOperator
//   path             absolute; the folder has to be there. It is written under a temporary name, synced and renamed, so whoever
//                    sees the file sees all of it
//   delimiter        one ASCII character, ","
//   header           true: the first row has the names of the columns
//   null_text        what stands for NULL, nothing by default ("" is the empty text then)
//   encoding         utf-8; others by iconv
//
// The XCom is the path.

#include <fmt/format.h>

#include "operators/mover_try.h"
#include "operators/outcome.h"
#include "providers/postgres/mover_sql.h"
#include "providers/postgres/postgres.h"
#include "providers/rows/csv_input.h"
#include "providers/rows/new_file.h"

namespace venturi::providers {
namespace {

using operators::Arguments;
using operators::MoverTry;
using operators::TaskFailedForGood;

std::string copy_options(PgConnection& connection, const Arguments& arguments) {
  const std::string null_text = arguments.string("null_text");
  const char delimiter = delimiter_of(arguments);
  if (null_text.find_first_of("\r\n\"") != std::string::npos || null_text.find(delimiter) != std::string::npos)
    throw TaskFailedForGood("the argument null_text must have no quote, no line break and no delimiter in it");
  return fmt::format("FORMAT csv, HEADER {}, DELIMITER {}, NULL {}", arguments.boolean("header", true),
                     connection.literal(std::string(1, delimiter)), connection.literal(null_text));
}

}  // namespace

Value move_postgres_to_csv(MoverTry& t, const Arguments& arguments) {
  const std::string path = absolute_file("path", arguments.string("path"));
  PgConnection connection = connect_to(t, arguments);
  t.log.info(fmt::format("connected to {}, version {}", connection.where(), connection.server_version()));
  const std::string options = copy_options(connection, arguments), sql = query_of(connection, arguments);
  // What is no query is found out before a file is made.
  const PgResult description = connection.describe(sql);
  if (::PQnfields(description.get()) == 0)
    throw TaskFailedForGood("the sql returns no columns: it must be a query, like SELECT");
  NewFile file(path, t.facts.ti_id);
  EncodedFile out(file, arguments.string("encoding", "utf-8"), compression_of(arguments, "compression", path));
  // The line feed ends a comment that the query may end with.
  connection.begin_copy("COPY (" + sql + "\n) TO STDOUT (" + options + ")");
  std::int64_t rows = arguments.boolean("header", true) ? -1 : 0;
  for (std::string_view row = connection.next_row(); !row.empty(); row = connection.next_row()) {
    out.put(row);
    ++rows;
  }
  out.finish();
  file.finish();
  t.log.info(fmt::format("wrote {} rows, {} bytes, to {}", rows, file.size(), path));
  return path;
}

}  // namespace venturi::providers
