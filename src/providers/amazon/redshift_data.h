// The Redshift Data API: statements are submitted over HTTPS, run on the cluster or workgroup, and are asked about until they
// ended. Nobody holds a connection meanwhile.
//
//   ExecuteStatement, BatchExecuteStatement ─▶ id ─▶ DescribeStatement ... ─┬─ FINISHED ─▶ GetStatementResult, page by page
//                                                                           ├─ FAILED, ABORTED ─▶ TaskFailed
//                                                                           └─ the try is cancelled ─▶ CancelStatement
//
// A submission carries a ClientToken that is made of the try alone: where the same try is started again (it was deferred, and
// its host is gone), Redshift answers with the statement that runs already.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "operators/arguments.h"
#include "operators/operator_try.h"
#include "providers/amazon/aws_connection.h"
#include "providers/amazon/aws_try.h"
#include "venturi/value.h"

namespace venturi::providers {

// What Airflow's RedshiftDataHook.execute_query() takes, but for sql and parameters.
[[nodiscard]] const std::vector<operators::Argument>& redshift_data_arguments();

struct RedshiftQuery {
  Value sql;      // a text; or a list of texts, which are one transaction
  Object target;  // Database, ClusterIdentifier, ... as Amazon calls them
  bool waits = true, is_deferrable = false;
  double poll_interval = 10;
  std::string role = {};                  // what it is for, where a try submits several
  std::vector<std::string> secrets = {};  // in the text: what Redshift repeats of it is masked
};
// Of redshift_data_arguments(). Throws TaskFailedForGood naming what is wrong.
[[nodiscard]] RedshiftQuery redshift_query(Value sql, const operators::Arguments& arguments);
// The member Parameters, of Airflow's list [{"name": ..., "value": ...}].
[[nodiscard]] Array redshift_parameters(const Value& given);

// 64 characters that no other try has, and that this one has whenever it is started.
[[nodiscard]] std::string client_token(const operators::TaskFacts& facts, std::string_view role);

class RedshiftData {
 public:
  // The try outlives it.
  RedshiftData(operators::OperatorTry& t, AwsSource source) : t_(t), source_(std::move(source)) {}

  // Submits it, and waits for its end where it says so: the answer of DescribeStatement. Throws TaskFailed with statement and
  // Redshift's message where it failed. A statement whose try is cancelled is cancelled too, and so is one of which nothing
  // more is to be learned. Credentials that are over while it runs are asked for anew.
  [[nodiscard]] boost::asio::awaitable<Value> run(RedshiftQuery query);
  // Its result, as GetStatementResult gives it, with the records of all pages; null where it has none.
  [[nodiscard]] boost::asio::awaitable<Value> result(std::string id);

 private:
  [[nodiscard]] boost::asio::awaitable<std::string> submit(std::shared_ptr<const RedshiftQuery> query);
  [[nodiscard]] boost::asio::awaitable<Value> wait_for_end(std::shared_ptr<const RedshiftQuery> query, std::string id);
  [[nodiscard]] boost::asio::awaitable<Value> described(std::string id, int& unanswered);
  [[nodiscard]] boost::asio::awaitable<void> cancel(std::string id);
  [[nodiscard]] boost::asio::awaitable<Value> call(const std::string& action, Object body,
                                                   const operators::Cancellable* begins_for = nullptr);

  operators::OperatorTry& t_;
  AwsSource source_;
  AwsSettings settings_;  // from run() on
};

}  // namespace venturi::providers
