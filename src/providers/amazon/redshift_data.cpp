#include "providers/amazon/redshift_data.h"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/crypto.h"
#include "net/request_turn.h"
#include "operators/outcome.h"
#include "providers/amazon/aws_call.h"
#include "providers/amazon/aws_json.h"
#include "providers/amazon/redshift_sql.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::ArgumentType;
using operators::TaskFailed;
using operators::TaskFailedForGood;
using operators::templated;

constexpr const char* trigger = "airflow.providers.amazon.aws.triggers.redshift_data.RedshiftDataTrigger";
// Most statements are short: the first looks come sooner than poll_interval, each twice as late as the one before.
constexpr double first_look = 0.25;
// Looks in a row that get no answer, with all their attempts, before a statement that may well go on is given up.
constexpr int most_unanswered = 10;
constexpr std::int64_t longest_session = 86'400;

struct StatementMember {
  std::string_view argument, name;
};
constexpr std::array members{
    StatementMember{"database", "Database"},
    StatementMember{"cluster_identifier", "ClusterIdentifier"},
    StatementMember{"workgroup_name", "WorkgroupName"},
    StatementMember{"db_user", "DbUser"},
    StatementMember{"secret_arn", "SecretArn"},
    StatementMember{"statement_name", "StatementName"},
    StatementMember{"with_event", "WithEvent"},
    StatementMember{"session_id", "SessionId"},
    StatementMember{"session_keep_alive_seconds", "SessionKeepAliveSeconds"},
};

void check_sql(const Value& sql) {
  const auto is_text = [](const Value& text) { return text.is_string() && !text.as_string().empty(); };
  const bool is_list = sql.is_array() && !sql.as_array().empty() && std::ranges::all_of(sql.as_array(), is_text);
  if (!is_text(sql) && !is_list)
    throw TaskFailedForGood("the argument sql must be a statement, or a list of statements that is not empty");
}

// "Redshift Data API: statement ID failed: ERROR: ..."; of a list which of them.
std::string failure_text(const Value& answer) {
  std::string error = answer.get_string("Error"), which;
  if (const Value* parts = answer.get("SubStatements"); parts != nullptr && parts->is_array()) {
    const Array& all = parts->as_array();
    const auto failed = std::ranges::find_if(all, [](const Value& part) { return part.get_string("Status") == "FAILED"; });
    if (failed != all.end()) {
      which = fmt::format(" in statement {} of {}", failed - all.begin() + 1, all.size());
      if (const std::string own = failed->get_string("Error"); !own.empty()) error = own;
    }
  }
  const bool was_aborted = answer.get_string("Status") == "ABORTED";
  if (error.empty()) error = was_aborted ? "somebody cancelled it" : "Redshift does not say why";
  return fmt::format("Redshift Data API: statement {} {}{}: {}", answer.get_string("Id"),
                     was_aborted ? "was aborted" : "failed", which, error);
}

// What makes two statements the same: not the credentials in them, which may be lent anew.
std::string statement_hash(const RedshiftQuery& query) {
  constexpr std::string_view clause = "CREDENTIALS '";
  std::string text = to_json(Array{query.sql, Value(query.target)});
  for (std::size_t at = text.find(clause); at != std::string::npos; at = text.find(clause, at)) {
    at += clause.size();
    text.erase(at, text.find('\'', at) - at);
  }
  return sha256_hex(text);
}

// It has ended: nothing is to be cancelled.
class StatementFailed : public TaskFailed {
 public:
  using TaskFailed::TaskFailed;
};

}  // namespace

const std::vector<operators::Argument>& redshift_data_arguments() {
  static const std::vector<operators::Argument> all{templated({"database", ArgumentType::string}),
                                                    templated({"cluster_identifier", ArgumentType::string}),
                                                    templated({"workgroup_name", ArgumentType::string}),
                                                    templated({"db_user", ArgumentType::string}),
                                                    {"secret_arn", ArgumentType::string},
                                                    templated({"statement_name", ArgumentType::string}),
                                                    {"with_event", ArgumentType::boolean},
                                                    {"wait_for_completion", ArgumentType::boolean},
                                                    {"poll_interval", ArgumentType::number},
                                                    templated({"session_id", ArgumentType::string}),
                                                    {"session_keep_alive_seconds", ArgumentType::integer}};
  return all;
}

RedshiftQuery redshift_query(Value sql, const Arguments& arguments) {
  check_sql(sql);
  RedshiftQuery query{.sql = std::move(sql), .target = {}};
  for (const auto& [argument, name] : members) {
    const Value* given = arguments.find(argument);
    if (given != nullptr && *given != Value("")) query.target.add(std::string(name), *given);
  }
  const auto places = {"ClusterIdentifier", "WorkgroupName", "SessionId"};
  if (std::ranges::count_if(places, [&](const char* name) { return query.target.contains(name); }) != 1)
    throw TaskFailedForGood("give exactly one of cluster_identifier, workgroup_name and session_id");
  const std::int64_t keep = arguments.integer("session_keep_alive_seconds", 0);
  if (keep < 0 || keep > longest_session)
    throw TaskFailedForGood(
        fmt::format("the argument session_keep_alive_seconds must be a number from 0 to {}", longest_session));
  query.waits = arguments.boolean("wait_for_completion", true);
  query.poll_interval = arguments.number("poll_interval", query.poll_interval);
  if (!(query.poll_interval > 0 && query.poll_interval <= 1e6))
    throw TaskFailedForGood("the argument poll_interval must be a positive number of seconds");
  return query;
}

Array redshift_parameters(const Value& given) {
  constexpr const char* expected = R"(the argument parameters must be a list like [{"name": "id", "value": "7"}])";
  if (!given.is_array()) throw TaskFailedForGood(expected);
  Array parameters;
  for (const Value& parameter : given.as_array()) {
    const Value* value = parameter.get("value");
    if (parameter.get_string("name").empty() || value == nullptr || value->is_object() || value->is_array())
      throw TaskFailedForGood(expected);
    // Amazon takes texts only.
    parameters.emplace_back(
        Object{{"name", parameter.at("name")}, {"value", value->is_string() ? *value : Value(to_json(*value))}});
  }
  return parameters;
}

std::string client_token(const operators::TaskFacts& facts, std::string_view role) {
  // The id of the task instance, which each try has anew, tells homes and runs of the same name apart.
  return sha256_hex(to_json(
      Array{facts.run->dag_id, facts.run->run_id, facts.task_id, facts.map_index, facts.try_number, facts.ti_id, role}));
}

asio::awaitable<Value> RedshiftData::call(const std::string& action, Object body, const operators::Cancellable* begins_for) {
  AwsAction its{.service = "redshift-data",
                .target = "RedshiftData." + action,
                .shown = "Redshift Data API: " + action,
                .begins_for = begins_for};
  if (const Value* id = body.find("Id")) its.shown += " of statement " + id->as_string();
  return call_aws_json(settings_, std::move(its), std::move(body), &t_.log);
}

asio::awaitable<std::string> RedshiftData::send(std::shared_ptr<const RedshiftQuery> query, std::string token) {
  const bool is_list = query->sql.is_array();
  Object body = query->target;
  body.set(is_list ? "Sqls" : "Sql", query->sql);
  body.set("ClientToken", std::move(token));
  const Value answer = co_await call(is_list ? "BatchExecuteStatement" : "ExecuteStatement", std::move(body), &ending_);
  std::string id = answer.get_string("Id");
  if (id.empty()) throw TaskFailed("Redshift Data API: the answer to the statement has no Id");
  t_.log.info("Redshift Data API: statement " + id);
  session_id_ = answer.get_string("SessionId");
  if (!session_id_.empty() && try_ != nullptr) t_.host.tell(operators::set_xcom(*facts_, "session_id", session_id_));
  co_return id;
}

asio::awaitable<void> RedshiftData::remember(std::string token, std::string what) {
  Object statement{{"token", std::move(token)}, {"statement", std::move(what)}, {"try_number", facts_->try_number}};
  (void)co_await t_.host.ask(operators::set_xcom(*facts_, redshift_statement, Value(std::move(statement))));
}

asio::awaitable<std::string> RedshiftData::submit(std::shared_ptr<const RedshiftQuery> query) {
  if (try_ == nullptr) co_return co_await send(query, token_);
  std::string token = client_token(*facts_, query->role);
  // What only looks something up may run twice.
  if (!query->role.empty()) co_return co_await send(query, std::move(token));
  const std::string what = statement_hash(*query);
  const Value earlier = std::exchange(try_->remembered, {});
  is_of_an_earlier_try_ = earlier.get_string("statement") == what;
  if (is_of_an_earlier_try_) {
    token = earlier.get_string("token");
    const std::string id = earlier.get_string("id");
    t_.log.info(fmt::format("Redshift Data API: statement {} of try {}: it is not submitted again", id.empty() ? token : id,
                            earlier.get_int("try_number")));
    if (!id.empty() && co_await is_known(id)) co_return id;
  } else {
    co_await remember(token, what);
  }
  std::string id = co_await send(query, token);
  // Redshift forgets tokens sooner than statements.
  Object statement{{"token", std::move(token)}, {"statement", what}, {"try_number", facts_->try_number}, {"id", id}};
  t_.host.tell(operators::set_xcom(*facts_, redshift_statement, Value(std::move(statement))));
  co_return id;
}

asio::awaitable<bool> RedshiftData::is_known(std::string id) {
  try {
    (void)co_await call("DescribeStatement", Object{{"Id", id}});
    co_return true;
  } catch (const AwsRefused& e) {
    if (e.code != "ResourceNotFoundException") throw;
  }
  co_return false;
}

void RedshiftData::forget_statement() {
  if (try_ != nullptr) t_.host.tell(operators::set_xcom(*facts_, redshift_statement, Value(Object{{"seen", true}})));
}

// Null where there is no answer, which may pass.
asio::awaitable<Value> RedshiftData::described(std::string id, int& unanswered) {
  bool is_over = false;
  try {
    Value answer = co_await call("DescribeStatement", Object{{"Id", id}});
    unanswered = 0;
    co_return answer;
  } catch (const AwsRefused& e) {
    // Those of a role are lent for an hour.
    is_over = e.code == "ExpiredTokenException";
    if ((!is_over && !may_help_to_ask_again(settings_, e)) || ++unanswered >= most_unanswered) throw;
    t_.log.warning(e.what());
  } catch (const TaskFailedForGood&) {
    throw;
  } catch (const TaskFailed& e) {
    if (++unanswered >= most_unanswered) throw;
    t_.log.warning(e.what());
  }
  if (is_over) settings_ = co_await settings_of_try(t_, source_);
  co_return Value();
}

asio::awaitable<Value> RedshiftData::wait_for_end(std::shared_ptr<const RedshiftQuery> query, std::string id) {
  int unanswered = 0;
  std::string before;
  for (double wait = first_look;; wait *= 2) {
    {  // thousands may wait below, without the answer
      const net::RequestTurn turn = co_await net::RequestTurn::take_for_jobs(source_.conn_id.value_or(""));
      Value answer = co_await described(id, unanswered);
      const std::string status = answer.get_string("Status");
      if (status == "FINISHED" || (!query->waits && !answer.is_null())) co_return answer;
      if (status == "FAILED" || status == "ABORTED")
        throw StatementFailed(without_fragments(failure_text(answer), query->secrets));
      if (status != before && !status.empty()) t_.log.info("Query status: " + status);
      before = status;
    }
    if (query->is_deferrable && try_ != nullptr) try_->defer_in_place(trigger);
    co_await pause_between(std::min(wait, query->poll_interval));
  }
}

asio::awaitable<void> RedshiftData::cancel(std::string id) {
  if (will_go_on()) {
    t_.log.info(fmt::format("statement {} goes on: this try will be started again, and waits for it then", id));
    co_return;
  }
  settings_.retry.attempts = 1;
  settings_.http.request.total_timeout = std::chrono::seconds(5);
  std::string failed;
  try {
    (void)co_await call("CancelStatement", Object{{"Id", id}});
    t_.log.info(fmt::format("statement {} is cancelled", id));
    co_return;
  } catch (const std::exception& e) {
    failed = e.what();
  }
  t_.log.warning(fmt::format("statement {} could not be cancelled: {}", id, failed));
}

asio::awaitable<Value> RedshiftData::run(RedshiftQuery given) {
  const auto query = std::make_shared<const RedshiftQuery>(std::move(given));
  for (;;) {
    std::string id;
    {
      const net::RequestTurn turn = co_await net::RequestTurn::take_for_jobs(source_.conn_id.value_or(""));
      if (settings_.region.empty()) settings_ = co_await settings_of_try(t_, source_);
      id = co_await submit(query);
    }
    std::exception_ptr failed;
    std::string failed_earlier;
    try {
      // It was not broken off while it was being submitted.
      if (ending_.cancelled) throw boost::system::system_error(asio::error::operation_aborted);
      co_return co_await wait_for_end(query, id);
    } catch (const StatementFailed& e) {
      if (!std::exchange(is_of_an_earlier_try_, false)) throw;
      failed_earlier = e.what();
    } catch (...) {
      failed = std::current_exception();
    }
    if (failed) {
      // Here, not in cancel(): a try that is cancelled awaits no other coroutine. There is a second left to clean up.
      co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
      co_await cancel(id);
      std::rethrow_exception(failed);
    }
    t_.log.warning(failed_earlier + "; that was an earlier try: submitting it again");
  }
}

asio::awaitable<Value> RedshiftData::ask(std::string action, Object body) {
  if (settings_.region.empty()) settings_ = co_await settings_of_try(t_, source_);
  co_return co_await call(action, std::move(body));
}

asio::awaitable<Value> RedshiftData::result_page(std::string id, std::string token) {
  Object body{{"Id", std::move(id)}};
  if (!token.empty()) body.set("NextToken", std::move(token));
  co_return co_await ask("GetStatementResult", std::move(body));
}

asio::awaitable<Value> RedshiftData::result(std::string id) {
  Value whole;
  Array records;
  for (std::string next;;) {
    Value page = co_await result_page(id, std::move(next));
    t_.memory.take(operators::bytes_of(page), "the result of statement " + id);
    next = page.get_string("NextToken");
    if (Value* its = page.as_object().find("Records"); its != nullptr && its->is_array())
      std::ranges::move(its->as_array(), std::back_inserter(records));
    if (whole.is_null()) whole = std::move(page);
    if (next.empty()) break;
  }
  whole.as_object().erase("NextToken");
  whole.as_object().set("Records", std::move(records));
  co_return whole;
}

}  // namespace venturi::providers
