// One call as HttpHook.run() makes it, with its checks and its retries within the try: what HttpOperator, HttpSensor and
// HttpToFileOperator have in common.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_request.h"
#include "net/http_url.h"
#include "operators/arguments.h"
#include "operators/hook_session.h"
#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/http/http_connection.h"

namespace venturi::net {
class HttpExchange;
}

namespace venturi::providers {

// An answer of the server's, its body as text in UTF-8.
struct HttpText {
  net::HttpHead head;
  std::string text;
};

// {"attempts": 5, "statuses": [429, 503], "wait": 1, "max_wait": 60}: `wait` doubles from attempt to attempt, and Retry-After
// counts where it is longer; neither goes beyond max_wait. Requests that got no answer are tried again too.
struct RetryRule {
  int attempts = 1;
  std::optional<std::vector<int>> statuses;  // 408, 425, 429, 500, 502, 503, 504
  double wait = 1, max_wait = 60;
  [[nodiscard]] bool is_for(int status) const;
};
// Throws TaskFailedForGood naming what is wrong.
[[nodiscard]] RetryRule retry_rule(const operators::Arguments& arguments, int attempts_otherwise = 1);
[[nodiscard]] double retry_wait(const RetryRule& rule, int attempt, const net::HttpHead* head);

// An answer whose status is a failure.
class HttpRefused : public operators::TaskFailed {
 public:
  HttpRefused(const std::string& text, int status_, std::string body_)
      : TaskFailed(text), status(status_), body(std::move(body_)) {}
  int status;
  std::string body;  // the beginning
};

// Who calls: a try, a notification, or a task's hook.
struct CallContext {
  CallContext(operators::OperatorTry& t) : host(t.host), log(t.log), memory(t.memory) {}  // NOLINT(google-explicit-constructor)
  CallContext(operators::Notification& n)
      : host(n.host), log(n.log), memory(n.memory) {}                                     // NOLINT(google-explicit-constructor)
  CallContext(operators::HookSession& s) : host(s.host), log(s.log), memory(s.memory) {}  // NOLINT(google-explicit-constructor)
  operators::TaskHost& host;
  operators::TryLog& log;
  operators::MemoryBudget& memory;
};

class HttpCall {
 public:
  // Of the arguments http_conn_id, endpoint, method, data (or params_name), headers, extra_options, request_kwargs. The
  // connection's secrets are masked in the log from then on.
  [[nodiscard]] static boost::asio::awaitable<std::shared_ptr<HttpCall>> make(CallContext t,
                                                                              const operators::Arguments& arguments,
                                                                              std::string_view method_otherwise,
                                                                              std::string_view data_name);

  net::HttpRequest request;
  bool check_response = true;
  std::unique_ptr<HttpText> answer;  // once it is there

  // With this in its form, or in its query where it has none; what an earlier call said of the name is replaced.
  void set_parameter(const std::string& name, const std::string& value);
  // Another place on the same server; throws TaskFailed where it is another one.
  void go_to(const std::string& link);
  // Neither of the two is called any more: thousands may wait, and what they need is given back.
  void settle() { parts_.reset(); }

  // An answer of any status, in `answer`: thousands may wait in this call, and its frame is small. Takes the memory for the
  // body. Throws TaskFailed where there is none.
  [[nodiscard]] boost::asio::awaitable<void> send(CallContext t);
  // The same, tried again by the rule; `accepts` are statuses that are no failure beside those below 400. Throws TaskFailed for
  // the others, after logging the beginning of the answer.
  [[nodiscard]] boost::asio::awaitable<void> run(CallContext t, const RetryRule& rule, const std::vector<int>& accepts);

  explicit HttpCall(HttpConnection c);

 private:
  struct Failure;
  [[nodiscard]] bool is_taken(const std::vector<int>& accepts) const;
  [[nodiscard]] std::unique_ptr<Failure> refusal(CallContext t, const RetryRule& rule, int attempt) const;
  // How long before the next attempt; throws where there is none. Nothing where this one was the last, and went well.
  [[nodiscard]] std::optional<double> next_wait(CallContext t, const RetryRule& rule, const std::vector<int>& accepts,
                                                int attempt, std::exception_ptr failed) const;
  [[nodiscard]] static double wait_after(const Failure& failure, CallContext t, const RetryRule& rule, int attempt);
  [[nodiscard]] boost::asio::awaitable<void> take(CallContext t, net::HttpExchange& exchange);
  void set_data(const operators::Arguments& arguments, const Value* data);
  void rebuild();

  // What the URL and a form are made of.
  struct Parts {
    HttpSettings settings = {};
    std::string url = {};        // without the parameters
    net::QueryItems items = {};  // data that is an object: the query of a GET, otherwise a form
    net::QueryItems query = {};  // of set_parameter(), beside a body that is no form
    bool has_items = false;
  };
  std::unique_ptr<Parts> parts_;
};

// What the request and the answer's head say to people: "404:Not Found (GET http://...)".
[[nodiscard]] std::string status_text(const net::HttpHead& head, const net::HttpRequest& request);
// Charset of the Content-Type; without one UTF-8, and Latin-1 where it is none.
[[nodiscard]] boost::asio::awaitable<std::string> decoded_text(std::vector<std::string> parts, std::string content_type);
// The JSON of an answer, parsed beside the loop where it is large. Throws TaskFailed saying where it is no JSON.
[[nodiscard]] boost::asio::awaitable<Value> parsed_json(std::shared_ptr<const std::string> text, std::string shown);

}  // namespace venturi::providers
