#include "providers/http/http.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "net/http_error.h"
#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/http/http_call.h"
#include "providers/http/http_check.h"
#include "providers/http/http_paging.h"
#include "providers/http/json_pointer.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Argument;
using operators::Arguments;
using operators::ArgumentType;
using operators::OperatorTry;
using operators::Poke;
using operators::TaskFailed;
using operators::TaskFailedForGood;
using operators::templated;

// Airflow's arguments that are Python objects.
constexpr std::array unsupported{"pagination_function", "auth_type"};

void check_supported(const OperatorTry& t) {
  for (const char* name : unsupported) {
    if (!t.op.has(name)) continue;
    throw TaskFailedForGood(fmt::format("the argument {} is a piece of Python: {}", name,
                                        name == std::string_view("auth_type")
                                            ? "give login and password, or an Authorization header in the connection's extra"
                                            : "say it as pagination"));
  }
}

std::unique_ptr<const std::string> filter_of(const Arguments& arguments) {
  if (arguments.find("response_filter") == nullptr) return nullptr;
  std::string filter = arguments.string("response_filter");
  if (!is_pointer(filter)) throw TaskFailedForGood("the argument response_filter must be a JSON pointer like /items/0/id");
  return std::make_unique<const std::string>(std::move(filter));
}

// What an HttpOperator does, read from its arguments: they are not kept while it waits for the answer.
struct HttpTask {
  std::shared_ptr<HttpCall> call;
  RetryRule rule;
  std::unique_ptr<const ResponseCheck> check;  // null: none
  std::unique_ptr<const Paging> paging;        // null: one answer
  std::unique_ptr<const std::string> filter;   // null: none
  bool log_response = false;
  [[nodiscard]] const ResponseCheck& checked() const {
    static const ResponseCheck nothing;
    return check == nullptr ? nothing : *check;
  }
};

asio::awaitable<std::unique_ptr<const HttpTask>> http_task(OperatorTry& t, Arguments arguments) {
  check_supported(t);
  auto task = std::make_unique<HttpTask>(HttpTask{.call = nullptr,
                                                  .rule = retry_rule(arguments),
                                                  .check = nullptr,
                                                  .paging = nullptr,
                                                  .filter = filter_of(arguments),
                                                  .log_response = arguments.boolean("log_response", false)});
  if (arguments.find("response_check") != nullptr)
    task->check = std::make_unique<const ResponseCheck>(response_check(arguments));
  if (auto paging = paging_of(arguments)) task->paging = std::make_unique<const Paging>(*std::move(paging));
  task->call = co_await HttpCall::make(t, arguments, "POST", "data");
  net::HttpRequest& request = task->call->request;
  // What has an effect is not called again where its host is lost, and keeps its slot.
  if (arguments.boolean("deferrable", false) && (request.method == "GET" || request.method == "HEAD"))
    t.defer_in_place("airflow.providers.http.triggers.http.HttpTrigger");
  if (!task->paging) {  // it may be a long poll
    request.read_bytes = net::few_read_bytes;
    task->call->settle();
  }
  t.log.info("Calling HTTP method: " + net::shown_request(request, request.url));
  co_return task;
}

// Of one answer: its text, or what the filter picks of it.
asio::awaitable<Value> result_of(OperatorTry& t, const HttpTask& task, HttpText& answer) {
  const std::string shown = net::shown_request(task.call->request, answer.head.url);
  t.log.info(fmt::format("{}: {} {}, {} bytes", shown, answer.head.status, answer.head.reason, answer.text.size()));
  if (task.log_response) t.log.info(answer.text);
  const auto text = std::make_shared<std::string>(std::move(answer.text));
  const std::string why = co_await failed_check(task.checked(), answer.head.status, text, shown);
  if (!why.empty()) throw TaskFailed("Response check returned False: " + why);
  if (!task.filter) co_return std::move(*text);
  const Value json = co_await parsed_json(text, shown);
  const Value* picked = at_pointer(json, *task.filter);
  if (picked == nullptr)
    throw TaskFailed(fmt::format("{}: the answer has nothing at {} (response_filter)", shown, *task.filter));
  co_return *picked;
}

// Lists that were picked from pages become one.
Value joined(Array results) {
  if (!std::ranges::all_of(results, &Value::is_array)) return results;
  Array all;
  for (Value& page : results) std::ranges::move(page.as_array(), std::back_inserter(all));
  return all;
}

asio::awaitable<Value> pages_of(OperatorTry& t, const HttpTask& task) {
  std::vector<HttpText> answers = co_await all_pages(t, task.call, *task.paging, task.rule, task.checked().status_codes);
  Array results;
  for (HttpText& answer : answers) results.push_back(co_await result_of(t, task, answer));
  co_return task.filter ? joined(std::move(results)) : Value(std::move(results));
}

asio::awaitable<Value> result_of(OperatorTry& t, const HttpTask& task) {
  return task.paging ? pages_of(t, task) : result_of(t, task, *task.call->answer);
}

// Thousands of frames like this one lie in memory: the arguments are gone with the coroutine that reads them.
asio::awaitable<Value> run_task(OperatorTry& t, asio::awaitable<std::unique_ptr<const HttpTask>> reading) {
  const auto task = co_await std::move(reading);
  if (!task->paging) co_await task->call->run(t, task->rule, task->checked().status_codes);
  co_return co_await result_of(t, *task);
}

}  // namespace

asio::awaitable<Value> run_http(OperatorTry& t, Arguments arguments) {
  return run_task(t, http_task(t, std::move(arguments)));
}

asio::awaitable<Poke> poke_http(OperatorTry& t, const Arguments& arguments) {
  std::vector<std::string> allowed{"404"};
  if (const Value* list = arguments.find("response_error_codes_allowlist")) {
    allowed.clear();
    for (const Value& code : list->as_array()) allowed.push_back(code.is_string() ? code.as_string() : to_json(code));
  }
  const ResponseCheck check = response_check(arguments);
  t.log.info("Poking: " + arguments.string("endpoint"));
  const auto call = co_await HttpCall::make(t, arguments, "GET", "request_params");
  call->request.read_bytes = net::few_read_bytes;
  call->settle();
  co_await call->send(t);
  HttpText& answer = *call->answer;
  const int status = answer.head.status;
  const bool is_right = std::ranges::find(check.status_codes, status) != check.status_codes.end();
  if (status >= 400 && call->check_response && !is_right) {
    const std::string error = status_text(answer.head, call->request);
    if (std::ranges::any_of(allowed, [&](const std::string& code) { return error.starts_with(code); })) {
      t.log.info("not yet: " + error);
      co_return Poke{};
    }
    t.log.error("HTTP error: " + error);
    if (!answer.text.empty()) t.log.error(answer.text.substr(0, 2000));
    throw TaskFailed(error);
  }
  const auto text = std::make_shared<const std::string>(std::move(answer.text));
  const std::string why = co_await failed_check(check, status, text, net::shown_request(call->request, call->request.url));
  if (!why.empty()) t.log.info("not yet: " + why);
  co_return Poke{why.empty(), {}};
}

}  // namespace venturi::providers
