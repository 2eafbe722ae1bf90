// Rows as BigQuery writes them, {"f": [{"v": "1"}, {"v": [{"v": "a"}]}]}, as values of XComs:
//
//   INTEGER, BOOLEAN, FLOAT          integer, boolean, number (NaN and the infinities as text)
//   NUMERIC, BIGNUMERIC              an integer where it has no fraction, otherwise the nearest number
//   TIMESTAMP                        "2026-01-31T10:20:30Z"
//   RECORD, REPEATED, JSON           object, list, the value
//   DATE, TIME, DATETIME, STRING, BYTES (base64), GEOGRAPHY, ...   text
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "providers/google/bigquery_client.h"
#include "providers/google/bigquery_job.h"
#include "venturi/value.h"

namespace venturi::providers {

// Of a schema's "fields".
[[nodiscard]] Array bigquery_row(const Value& fields, const Value& row);
// The same by the fields' names.
[[nodiscard]] Object bigquery_object(const Value& fields, const Value& row);

// A cell as a text that says all of it: numbers with all their digits, lists and objects as JSON. Nothing for NULL.
[[nodiscard]] std::optional<std::string> bigquery_text(const Value& field, const Value& cell);

struct BigQueryRows {
  Value fields;
  Array rows;  // as BigQuery writes them
};
// At most so many of a table, of these columns (all without any), or of a query's job. What they take is counted in the
// memory of the try.
[[nodiscard]] boost::asio::awaitable<BigQueryRows> rows_of_table(BigQuery& bigquery, BigQueryTable table, std::int64_t most,
                                                                 std::vector<std::string> columns);
[[nodiscard]] boost::asio::awaitable<BigQueryRows> rows_of_job(BigQuery& bigquery, BigQueryJob job, std::int64_t most);
// One page of them; an empty token is the first page's. Nothing of it is counted.
struct BigQueryPage {
  Value fields;
  Array rows;        // as BigQuery writes them
  std::string next;  // the token of the page after it; empty: this was the last
};
[[nodiscard]] boost::asio::awaitable<BigQueryPage> page_of_job(BigQuery& bigquery, BigQueryJob job, std::int64_t most,
                                                               std::string token);
// `fields` are those of the table that are wanted, in its order.
[[nodiscard]] boost::asio::awaitable<BigQueryPage> page_of_table(BigQuery& bigquery, BigQueryTable table, Value fields,
                                                                 std::int64_t most, std::string token);
// Of a table's resource those with these names; all without any. Throws TaskFailedForGood naming one that is not there.
[[nodiscard]] Value fields_of_table(const Value& resource, std::vector<std::string> columns);
// The rows of a table a page at a time; what a page takes is counted in the memory of the try until the next one.
class BigQueryPages {
 public:
  // Of these columns, all without any. `rows_at_once`: at most.
  [[nodiscard]] static boost::asio::awaitable<std::shared_ptr<BigQueryPages>> open(std::shared_ptr<BigQuery> bigquery,
                                                                                   BigQueryTable table,
                                                                                   std::vector<std::string> columns,
                                                                                   std::int64_t rows_at_once);
  BigQueryPages(std::shared_ptr<BigQuery> bigquery, BigQueryTable table, Value fields, std::int64_t rows_at_once);
  ~BigQueryPages();
  BigQueryPages(const BigQueryPages&) = delete;
  BigQueryPages& operator=(const BigQueryPages&) = delete;

  // Of the schema those that come, in their order.
  [[nodiscard]] const Value& fields() const { return fields_; }
  // The next ones as BigQuery writes them; empty at the end.
  [[nodiscard]] boost::asio::awaitable<Array> next();

 private:
  std::shared_ptr<BigQuery> bigquery_;
  BigQueryTable table_;
  Value fields_;
  std::string token_;
  std::int64_t rows_at_once_;
  std::size_t held_ = 0;
  bool is_over_ = false;
};

// A short query whose answer is waited for by the server; `parameters` are STRINGs by name.
[[nodiscard]] boost::asio::awaitable<BigQueryRows> rows_of_query(BigQuery& bigquery, std::string sql, Object parameters);

// False where there is no such table, either.
[[nodiscard]] boost::asio::awaitable<bool> has_partition(BigQuery& bigquery, BigQueryTable table, std::string partition);

}  // namespace venturi::providers
