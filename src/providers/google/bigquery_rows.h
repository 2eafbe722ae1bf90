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

struct BigQueryRows {
  Value fields;
  Array rows;  // as BigQuery writes them
};
// At most so many of a table, of these columns (all without any), or of a query's job. What they take is counted in the
// memory of the try.
[[nodiscard]] boost::asio::awaitable<BigQueryRows> rows_of_table(BigQuery& bigquery, BigQueryTable table, std::int64_t most,
                                                                 std::vector<std::string> columns);
[[nodiscard]] boost::asio::awaitable<BigQueryRows> rows_of_job(BigQuery& bigquery, BigQueryJob job, std::int64_t most);
// A short query whose answer is waited for by the server; `parameters` are STRINGs by name.
[[nodiscard]] boost::asio::awaitable<BigQueryRows> rows_of_query(BigQuery& bigquery, std::string sql, Object parameters);

}  // namespace venturi::providers
