// Jobs as operators: any job, copies of tables, and rows of tables and queries.
#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "base/json.h"
#include "net/request_turn.h"
#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/google/bigquery.h"
#include "providers/google/bigquery_client.h"
#include "providers/google/bigquery_job.h"
#include "providers/google/bigquery_rows.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailedForGood;

// An object, or JSON: what a file of template_ext holds is a text.
Object configuration_of(const Arguments& arguments) {
  Value given = *arguments.find("configuration");
  if (given.is_string()) {
    auto parsed = parse_json(given.as_string());
    if (!parsed) throw TaskFailedForGood("the argument configuration is a text, but no JSON: " + parsed.error().text());
    given = *std::move(parsed);
  }
  if (!given.is_object()) throw TaskFailedForGood("the argument configuration must be an object, or JSON of one");
  Object configuration = std::move(given.as_object());
  constexpr std::string_view kinds[] = {"query", "load", "extract", "copy"};
  if (std::ranges::none_of(kinds, [&](std::string_view kind) { return configuration.contains(kind); }))
    throw TaskFailedForGood("the argument configuration must have query, load, extract or copy: what the job is to do");
  return configuration;
}

}  // namespace

asio::awaitable<Value> run_bigquery_insert_job(OperatorTry& t, Arguments arguments) {
  Object configuration = configuration_of(arguments);
  BigQueryJobChoice choice = bigquery_job_choice(arguments);
  std::shared_ptr<BigQuery> bigquery;
  {
    const net::RequestTurn turn =
        co_await net::RequestTurn::take_for_jobs(arguments.string("gcp_conn_id", "google_cloud_default"));
    bigquery = co_await BigQuery::make(t, std::move(arguments));
  }
  if (const Value* query = configuration.find("query"); query != nullptr && query->is_object())
    t.log.info("SQL query:\n" + query->get_string("query"));
  const FinishedBigQueryJob done = co_await run_bigquery_job(t, bigquery, std::move(configuration), std::move(choice));
  co_return done.job.id;
}

asio::awaitable<Value> run_bigquery_copy(OperatorTry& t, Arguments arguments) {
  BigQueryJobChoice choice = bigquery_job_choice(arguments);
  const auto bigquery = co_await BigQuery::make(t, arguments);
  Array sources;
  std::string shown;
  for (const std::string& source : arguments.string_list("source_project_dataset_tables")) {
    const BigQueryTable table = bigquery_table(source, bigquery->project, "source_project_dataset_tables");
    sources.push_back(table.reference());
    shown += (shown.empty() ? "" : ", ") + table.text();
  }
  if (sources.empty()) throw TaskFailedForGood("the argument source_project_dataset_tables is empty: name at least one table");
  const BigQueryTable target = bigquery_table(arguments.string("destination_project_dataset_table"), bigquery->project,
                                              "destination_project_dataset_table");
  t.log.info(fmt::format("Executing copy of {} into: {}", shown, target.text()));
  Object copy{{"sourceTables", std::move(sources)},
              {"destinationTable", target.reference()},
              {"createDisposition", arguments.string("create_disposition", "CREATE_IF_NEEDED")},
              {"writeDisposition", arguments.string("write_disposition", "WRITE_EMPTY")}};
  if (const Value* key = arguments.find("encryption_configuration")) copy.set("destinationEncryptionConfiguration", *key);
  Object configuration{{"copy", std::move(copy)}};
  if (const Value* labels = arguments.find("labels")) configuration.set("labels", *labels);
  (void)co_await run_bigquery_job(t, bigquery, std::move(configuration), std::move(choice));
  co_return Value();
}

asio::awaitable<Value> run_bigquery_get_data(OperatorTry& t, Arguments arguments) {
  const std::string job_id = arguments.string("job_id"), table_id = arguments.string("table_id");
  if (job_id.empty() == table_id.empty())
    throw TaskFailedForGood("give either table_id (with dataset_id) or job_id: whose rows are wanted");
  if (job_id.empty() && arguments.string("dataset_id").empty())
    throw TaskFailedForGood(fmt::format("give dataset_id: where the table {} is", table_id));
  std::int64_t most = 0;
  const Value* given = arguments.find("max_results");
  if (given == nullptr) {
    constexpr std::int64_t otherwise = 100;
    most = otherwise;
  } else {
    const auto number = given->is_string() ? parse_json(given->as_string()) : Result<Value>(*given);
    if (!number || !number->is_int() || number->as_int() < 0)
      throw TaskFailedForGood("the argument max_results must be a number of rows, not " + to_json(*given));
    most = number->as_int();
  }
  const auto bigquery = co_await BigQuery::make(t, arguments);
  BigQueryRows found;
  if (job_id.empty()) {
    BigQueryTable table{.project = arguments.string("table_project_id", bigquery->project),
                        .dataset = arguments.string("dataset_id"),
                        .table = table_id};
    t.log.info(fmt::format("Fetching Data from {} max results: {}", table.text(), most));
    found = co_await rows_of_table(*bigquery, std::move(table), most, arguments.string_list("selected_fields"));
  } else {
    BigQueryJob job{
        .project = arguments.string("job_project_id", bigquery->project), .id = job_id, .location = bigquery->location};
    t.log.info(fmt::format("Fetching data from job {} max results: {}", job.text(), most));
    found = co_await rows_of_job(*bigquery, std::move(job), most);
  }
  t.log.info(fmt::format("Total extracted rows: {}", found.rows.size()));
  const bool as_dict = arguments.boolean("as_dict", false);
  Array rows;
  rows.reserve(found.rows.size());
  for (Value& row : found.rows) {
    if (as_dict)
      rows.emplace_back(bigquery_object(found.fields, row));
    else
      rows.emplace_back(bigquery_row(found.fields, row));
    row = Value();
  }
  co_return rows;
}

}  // namespace venturi::providers
