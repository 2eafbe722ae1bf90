// Checks of Airflow's common-sql, asked of BigQuery: each query is a job, which is cancelled with its task.
#include <utility>

#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/google/bigquery.h"
#include "providers/google/bigquery_client.h"
#include "providers/google/bigquery_job.h"
#include "providers/google/bigquery_rows.h"
#include "providers/sql/sql_checks.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;

class BigQueryDatabase : public CheckedDatabase {
 public:
  BigQueryDatabase(OperatorTry& t, Arguments arguments) : t_(t), arguments_(std::move(arguments)) {}

  asio::awaitable<std::optional<Array>> first_row(std::string sql) override {
    Object configuration = query_configuration(sql, arguments_.boolean("use_legacy_sql", false));
    return ask(std::move(configuration));
  }
  asio::awaitable<std::optional<Array>> first_row_with_parameters(std::string sql) override {
    Object configuration = query_configuration(sql, arguments_.boolean("use_legacy_sql", false));
    if (const Value* parameters = arguments_.find("query_params"))
      configuration.find("query")->as_object().set("queryParameters", *parameters);
    return ask(std::move(configuration));
  }

 private:
  asio::awaitable<std::optional<Array>> ask(Object configuration) {
    if (!bigquery_) bigquery_ = co_await BigQuery::make(t_, arguments_);
    if (const Value* labels = arguments_.find("labels")) configuration.set("labels", *labels);
    if (const Value* key = arguments_.find("encryption_configuration"))
      configuration.find("query")->as_object().set("destinationEncryptionConfiguration", *key);
    BigQueryJobChoice choice = bigquery_job_choice(arguments_);
    choice.is_outcome = false;
    FinishedBigQueryJob done = co_await run_bigquery_job(t_, bigquery_, std::move(configuration), std::move(choice));
    const BigQueryRows found = co_await rows_of_job(*bigquery_, std::move(done.job), 1);
    if (found.rows.empty()) co_return std::nullopt;
    co_return bigquery_row(found.fields, found.rows.front());
  }

  OperatorTry& t_;
  Arguments arguments_;
  std::shared_ptr<BigQuery> bigquery_;
};

template <auto Check>
asio::awaitable<Value> ask_by(OperatorTry& t, Arguments arguments) {
  auto database = std::make_shared<BigQueryDatabase>(t, arguments);
  return Check(t, std::move(arguments), std::move(database));
}

}  // namespace

asio::awaitable<Value> run_bigquery_check(OperatorTry& t, Arguments arguments) {
  return ask_by<check_sql>(t, std::move(arguments));
}
asio::awaitable<Value> run_bigquery_value_check(OperatorTry& t, Arguments arguments) {
  return ask_by<check_value>(t, std::move(arguments));
}
asio::awaitable<Value> run_bigquery_interval_check(OperatorTry& t, Arguments arguments) {
  return ask_by<check_interval>(t, std::move(arguments));
}
asio::awaitable<Value> run_bigquery_column_check(OperatorTry& t, Arguments arguments) {
  return ask_by<check_column>(t, std::move(arguments));
}
asio::awaitable<Value> run_bigquery_table_check(OperatorTry& t, Arguments arguments) {
  return ask_by<check_table>(t, std::move(arguments));
}

}  // namespace venturi::providers
