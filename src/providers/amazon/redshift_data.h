// The Redshift Data API: statements are submitted over HTTPS, run on the cluster or workgroup, and are asked about until they
// ended. Nobody holds a connection meanwhile.
//
//   ExecuteStatement, BatchExecuteStatement ─▶ id ─▶ DescribeStatement ... ─┬─ FINISHED ─▶ GetStatementResult, page by page
//                                                                           ├─ FAILED, ABORTED ─▶ TaskFailed
//                                                                           └─ the try is cancelled ─▶ CancelStatement
//
// A submission carries a ClientToken, which is chosen and written down (an XCom, redshift_statement) before it is sent: the
// same token is the same statement. So whoever goes on with it, the same try in another host or the next one after a worker was
// lost, finds what runs already:
//
//   try n ─▶ did an earlier try write down a statement like this one, whose end nobody saw?
//              with its id     ─▶ it is waited for
//              without one     ─▶ it is sent once more, with that token
//              failed, aborted ─▶ it is submitted anew, with a token of try n
//
// A try that has got what it wanted writes that down, too: one after a clear submits anew.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "operators/arguments.h"
#include "operators/hook_session.h"
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

inline constexpr std::string_view redshift_statement = "redshift_statement";  // the XCom

class RedshiftData {
 public:
  // The try outlives it.
  RedshiftData(operators::OperatorTry& t, AwsSource source)
      : t_(t), ending_(t), try_(&t), facts_(&t.facts), source_(std::move(source)) {}
  // Of a task's hook: `token` is the ClientToken of what it submits.
  RedshiftData(operators::HookSession& session, AwsSource source, std::string token)
      : t_(session), ending_(session.ending), token_(std::move(token)), source_(std::move(source)) {}

  // Submits it, and waits for its end where it says so: the answer of DescribeStatement. Throws TaskFailed with statement and
  // Redshift's message where it failed. A statement whose try is cancelled is cancelled too, and so is one of which nothing
  // more is to be learned. Credentials that are over while it runs are asked for anew.
  [[nodiscard]] boost::asio::awaitable<Value> run(RedshiftQuery query);
  // Its result, as GetStatementResult gives it, with the records of all pages; null where it has none.
  [[nodiscard]] boost::asio::awaitable<Value> result(std::string id);
  // One page of it; the token is the one of the page before.
  [[nodiscard]] boost::asio::awaitable<Value> result_page(std::string id, std::string token);
  // The try has all that it wanted of the statement: with these the last words before its success.
  void forget_statement();

  // For what else is asked: DescribeStatement, CancelStatement.
  [[nodiscard]] boost::asio::awaitable<Value> ask(std::string action, Object body);
  // Of a session that is kept alive; empty: none.
  [[nodiscard]] const std::string& session_id() const { return session_id_; }

 private:
  [[nodiscard]] boost::asio::awaitable<std::string> submit(std::shared_ptr<const RedshiftQuery> query);
  [[nodiscard]] boost::asio::awaitable<Value> wait_for_end(std::shared_ptr<const RedshiftQuery> query, std::string id);
  [[nodiscard]] boost::asio::awaitable<Value> described(std::string id, int& unanswered);
  [[nodiscard]] boost::asio::awaitable<void> cancel(std::string id);
  [[nodiscard]] boost::asio::awaitable<Value> call(const std::string& action, Object body,
                                                   const operators::Cancellable* begins_for = nullptr);

  [[nodiscard]] bool will_go_on() const { return try_ != nullptr && try_->will_be_started_again(); }
  [[nodiscard]] boost::asio::awaitable<std::string> send(std::shared_ptr<const RedshiftQuery> query, std::string token);
  [[nodiscard]] boost::asio::awaitable<bool> is_known(std::string id);
  [[nodiscard]] boost::asio::awaitable<void> remember(std::string token, std::string what);

  CallContext t_;
  const operators::Cancellable& ending_;
  operators::OperatorTry* try_ = nullptr;        // null: a hook's
  const operators::TaskFacts* facts_ = nullptr;  // of the try
  std::string token_;                            // a hook's
  std::string session_id_;
  bool is_of_an_earlier_try_ = false;
  AwsSource source_;
  AwsSettings settings_;  // from the first call on
};

}  // namespace venturi::providers
