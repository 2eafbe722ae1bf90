// The hook `http` of tasks: HttpOperator's call, with the answer as it is.
//
//   run{method, endpoint, data, headers, extra_options, request_kwargs, retry_args}
//     ─▶ {status, reason, url, headers, text, more}       `more`: the number of what is left of a long text
//   pages{... and pagination} ─▶ the first answer, with {left, pages}: how many follow, and their number
//   page{pages} ─▶ the next of them             rest{text} ─▶ {text, more}
//   download{..., path, sha256, max_bytes} ─▶ {path}
#include <array>
#include <deque>
#include <map>

#include "operators/hook_session.h"
#include "operators/outcome.h"
#include "providers/http/http.h"
#include "providers/http/http_call.h"
#include "providers/http/http_paging.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Argument;
using operators::Arguments;
using operators::ArgumentType;
using operators::HookCall;
using operators::HookSession;
using operators::TaskFailed;

constexpr std::size_t most_text = 1UL << 20U;  // of one answer to the task; the rest follows

// Answers that the task has not taken yet.
struct Taken {
  struct Rest {
    std::string text;
    std::size_t given = 0;  // to the task, so far
  };
  std::map<std::int64_t, Rest> rests;
  std::map<std::int64_t, std::deque<HttpText>> pages;
  std::int64_t last = 0;
};
using TakenPtr = std::shared_ptr<Taken>;

const std::vector<Argument>& call_arguments() {
  static const std::vector<Argument> declared{
      {"http_conn_id"},
      {"endpoint"},
      {"method"},
      {"data", ArgumentType::any},
      {"headers", ArgumentType::object},
      {"extra_options", ArgumentType::object},
      {"request_kwargs", ArgumentType::object},
      {"retry_args", ArgumentType::object},
      {"pagination", ArgumentType::object},
      {"path"},
      {"sha256"},
      {"max_bytes", ArgumentType::integer},
  };
  return declared;
}

Arguments arguments_of(const HookCall& call) {
  Arguments arguments(call_arguments(), Value(Object{}));
  for (const auto& [name, value] : call.arguments.as_object()) arguments.set(name, value);
  if (!call.conn_id.empty()) arguments.set("http_conn_id", call.conn_id);
  arguments.check();
  return arguments;
}

// As much as goes with one message, cut between two characters.
std::string take_text(Taken::Rest& rest) {
  std::size_t end = rest.text.size();
  if (end - rest.given > most_text) {
    end = rest.given + most_text;
    while (end > rest.given + 1 && (static_cast<unsigned char>(rest.text[end]) & 0xc0U) == 0x80U) --end;
  }
  std::string part = rest.text.substr(rest.given, end - rest.given);
  rest.given = end;
  return part;
}

Object answer_body(Taken& taken, HttpText answer) {
  Object headers;
  for (const auto& [name, value] : answer.head.headers) headers.set(name, value);
  Taken::Rest rest{.text = std::move(answer.text)};
  std::string part = take_text(rest);
  std::int64_t more = 0;
  if (rest.given < rest.text.size()) taken.rests.emplace(more = ++taken.last, std::move(rest));
  return Object{{"status", answer.head.status},  {"reason", answer.head.reason}, {"url", answer.head.url.text()},
                {"headers", std::move(headers)}, {"text", std::move(part)},      {"more", more}};
}

[[noreturn]] void fail_with(const HttpRefused& refused) {
  throw operators::HookFailed(refused.body.empty() ? std::string(refused.what()) : refused.what() + ("\n" + refused.body),
                              Object{{"status", refused.status}, {"body", refused.body}});
}

asio::awaitable<Value> run(HookSession& session, TakenPtr taken, HookCall call) {
  Arguments arguments = arguments_of(call);
  const RetryRule rule = retry_rule(arguments);
  const auto http = co_await HttpCall::make(session, arguments, "GET", "data");
  co_await http->run(session, rule, {});
  co_return answer_body(*taken, std::move(*http->answer));
}

asio::awaitable<Value> page(HookSession&, TakenPtr taken, HookCall call) {
  const std::int64_t number = call.arguments.get_int("pages");
  const auto found = taken->pages.find(number);
  if (found == taken->pages.end()) throw TaskFailed("there are no more pages");
  HttpText answer = std::move(found->second.front());
  found->second.pop_front();
  Object body = answer_body(*taken, std::move(answer));
  body.add("left", found->second.size());
  body.add("pages", number);
  if (found->second.empty()) taken->pages.erase(found);
  co_return body;
}

asio::awaitable<Value> pages(HookSession& session, TakenPtr taken, HookCall call) {
  Arguments arguments = arguments_of(call);
  const RetryRule rule = retry_rule(arguments);
  const std::optional<Paging> paging = paging_of(arguments);
  if (!paging) throw operators::TaskFailedForGood("pagination is missing: say how the next page is found");
  const auto http = co_await HttpCall::make(session, arguments, "GET", "data");
  std::vector<HttpText> answers = co_await all_pages(session, http, *paging, rule, {});
  if (answers.empty()) co_return Object{{"status", 0}, {"left", 0}, {"pages", 0}};
  const std::int64_t number = ++taken->last;
  taken->pages[number] = {std::make_move_iterator(answers.begin()), std::make_move_iterator(answers.end())};
  call.arguments = Object{{"pages", number}};
  co_return co_await page(session, taken, std::move(call));
}

asio::awaitable<Value> rest(HookSession&, TakenPtr taken, HookCall call) {
  const std::int64_t number = call.arguments.get_int("text");
  const auto found = taken->rests.find(number);
  if (found == taken->rests.end()) throw TaskFailed("there is no more of the answer");
  std::string part = take_text(found->second);
  const bool is_last = found->second.given == found->second.text.size();
  if (is_last) taken->rests.erase(found);
  co_return Object{{"text", std::move(part)}, {"more", is_last ? 0 : number}};
}

asio::awaitable<Value> download(HookSession& session, TakenPtr, HookCall call) {
  Arguments arguments = arguments_of(call);
  std::string path = arguments.string("path");
  if (path.empty() || path.front() != '/') throw operators::TaskFailedForGood("the path of a download must be absolute");
  co_return Object{{"path", co_await download_to(session, std::move(arguments), std::move(path))}};
}

struct Method {
  std::string_view name;
  asio::awaitable<Value> (*call)(HookSession&, TakenPtr, HookCall);
};
constexpr std::array<Method, 5> methods{
    {{"run", run}, {"pages", pages}, {"page", page}, {"rest", rest}, {"download", download}}};

}  // namespace

asio::awaitable<Value> call_http(HookSession& session, HookCall call) {
  const auto method = std::ranges::find(methods, call.method, &Method::name);
  if (method == methods.end())
    throw TaskFailed("the hook http has no method '" + call.method + "'; the DAG's program may be newer than the worker");
  try {
    co_return co_await method->call(session, session.state<Taken>("http"), std::move(call));
  } catch (const HttpRefused& refused) {
    fail_with(refused);
  }
}

}  // namespace venturi::providers
