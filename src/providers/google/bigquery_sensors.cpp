// Waiting for tables and what is in them.
#include <fmt/format.h>

#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/google/bigquery.h"
#include "providers/google/bigquery_client.h"
#include "providers/google/bigquery_rows.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::Poke;

BigQueryTable table_of(const Arguments& arguments, const BigQuery& bigquery) {
  return {.project = bigquery.project, .dataset = arguments.string("dataset_id"), .table = arguments.string("table_id")};
}

}  // namespace

asio::awaitable<Poke> poke_bigquery_table(OperatorTry& t, const Arguments& arguments) {
  const auto bigquery = co_await BigQuery::make(t, arguments);
  const BigQueryTable table = table_of(arguments, *bigquery);
  t.log.info("Sensor checks existence of table: " + table.text());
  const auto found = co_await bigquery->find(path_of_table(table), {}, table.text());
  co_return Poke{found.has_value(), {}};
}

asio::awaitable<Poke> poke_bigquery_partition(OperatorTry& t, const Arguments& arguments) {
  const auto bigquery = co_await BigQuery::make(t, arguments);
  const BigQueryTable table = table_of(arguments, *bigquery);
  const std::string partition = arguments.string("partition_id");
  t.log.info(fmt::format("Sensor checks existence of partition: \"{}\" in table: {}", partition, table.text()));
  co_return Poke{co_await has_partition(*bigquery, table, partition), {}};
}

asio::awaitable<Poke> poke_bigquery_streaming_buffer(OperatorTry& t, const Arguments& arguments) {
  const auto bigquery = co_await BigQuery::make(t, arguments);
  const BigQueryTable table = table_of(arguments, *bigquery);
  t.log.info("Sensor checks the streaming buffer of table: " + table.text());
  const Value found = co_await bigquery->get(path_of_table(table), {}, table.text());
  co_return Poke{found.get("streamingBuffer") == nullptr, {}};
}

}  // namespace venturi::providers
