// BigQueryToPostgresOperator: the rows of a table go into one of PostgreSQL's by COPY, page by page, in one transaction.
//
//   INTEGER, FLOAT, NUMERIC, BIGNUMERIC   with all their digits: what the column has no room for is a failure
//   TIMESTAMP                             in UTC; DATETIME without a zone
//   BYTES                                 bytea
//   RECORD, REPEATED                      JSON
#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "net/background.h"
#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/google/bigquery.h"
#include "providers/google/bigquery_client.h"
#include "providers/google/bigquery_rows.h"
#include "providers/postgres/copy_text.h"
#include "providers/postgres/session_load.h"
#include "providers/sql/sql_try.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;

constexpr std::int64_t rows_at_once = 10'000;  // BigQuery's own pages have at most 10 MB

BigQueryTable source_table(const Arguments& arguments, const std::string& project) {
  const std::string both = arguments.string("dataset_table");
  if (!both.empty()) return bigquery_table(both, project, "dataset_table");
  BigQueryTable table{.project = project, .dataset = arguments.string("dataset_id"), .table = arguments.string("table_id")};
  if (table.dataset.empty() || table.table.empty())
    throw TaskFailedForGood("give dataset_table, or dataset_id and table_id: whose rows are wanted");
  return table;
}

bool is_base64(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}
unsigned base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<unsigned>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<unsigned>(c - 'a') + 26;
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0') + 52;
  return c == '+' ? 62 : 63;
}
// PostgreSQL's own text of bytea.
std::string hex_of_base64(const std::string& text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex = "\\x";
  unsigned bits = 0, count = 0;
  for (const char c : text) {
    if (!is_base64(c)) break;
    bits = bits << 6U | base64_value(c);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    const unsigned byte = bits >> count & 0xffU;
    hex += digits[byte >> 4U];
    hex += digits[byte & 0xfU];
  }
  return hex;
}

// A row as COPY's text format has it.
void append_row(std::string& lines, const Value& fields, const Value& row) {
  const Array& cells = row.at("f").as_array();
  const Array& columns = fields.as_array();
  if (cells.size() != columns.size())
    throw TaskFailed(fmt::format("BigQuery: a row has {} cells, and the table {} columns: it was changed meanwhile",
                                 cells.size(), columns.size()));
  for (std::size_t c = 0; c < cells.size(); ++c) {
    if (c > 0) lines += '\t';
    const auto text = bigquery_text(columns[c], cells[c]);
    if (!text)
      append_copy_null(lines);
    else if (columns[c].get_string("type") == "BYTES" && columns[c].get_string("mode") != "REPEATED")
      append_copy_text(lines, hex_of_base64(*text));
    else
      append_copy_text(lines, *text);
  }
  lines += '\n';
}

// Beside the loop: a page may have ten thousand rows.
asio::awaitable<std::string> lines_of(std::shared_ptr<const Array> rows, Value fields) {
  auto work = [rows = std::move(rows), fields = std::move(fields)] {
    std::string lines;
    for (const Value& row : *rows) append_row(lines, fields, row);
    return lines;
  };
  return net::in_background(std::move(work));
}

LoadOptions load_of(const Arguments& arguments, const Value& fields) {
  LoadOptions load{.table = arguments.string("target_table_name"), .columns = {}, .upsert = {}, .before = {}, .after = {}};
  for (const Value& field : fields.as_array()) load.columns.push_back(field.get_string("name"));
  if (arguments.boolean("replace", false)) load.upsert = Upsert{.key = arguments.string_list("replace_index"), .update = {}};
  return load;
}

}  // namespace

asio::awaitable<Value> run_bigquery_to_postgres(OperatorTry& t, Arguments arguments) {
  if (arguments.boolean("replace", false) &&
      (arguments.string_list("selected_fields").empty() || arguments.string_list("replace_index").empty()))
    throw TaskFailedForGood("PostgreSQL ON CONFLICT upsert syntax requires column names and a unique index.");
  const std::int64_t batch = arguments.integer("batch_size", rows_at_once);
  if (batch < 1) throw TaskFailedForGood("the argument batch_size must be a number of rows from 1 on");
  const auto bigquery = co_await BigQuery::make(t, arguments);
  BigQueryTable table = source_table(arguments, bigquery->project);
  arguments.set("conn_id", arguments.string("postgres_conn_id", "postgres_default"));
  const SessionPtr session = co_await open_session(t, arguments);
  t.log.info(fmt::format("Fetching data from {}", table.text()));
  const auto pages = co_await BigQueryPages::open(bigquery, std::move(table), arguments.string_list("selected_fields"), batch);
  // What fails, or is cancelled, ends the session, and with it the transaction.
  SessionLoad load(session, load_of(arguments, pages->fields()));
  co_await load.begin();
  std::int64_t sent = 0;
  for (;;) {
    const auto rows = std::make_shared<const Array>(co_await pages->next());
    if (rows->empty()) break;
    sent += static_cast<std::int64_t>(rows->size());
    std::string lines = co_await lines_of(rows, pages->fields());
    co_await load.put(std::move(lines));
    t.log.info(fmt::format("{} rows so far", sent));
  }
  const std::int64_t rows = co_await load.commit();
  t.log.info(fmt::format("Done loading. Loaded a total of {} rows into {}", rows, arguments.string("target_table_name")));
  co_return Value();
}

}  // namespace venturi::providers
