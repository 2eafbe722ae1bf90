// Airflow's HttpNotifier: any service that takes a request. Without data and json it gets what happened as JSON:
//
//   {"key", "event", "dag_id", "run_id", "task_id", "map_index", "try_number", "max_tries", "state", "error", "log_path",
//   "message"}
#include <string>

#include "operators/operator_try.h"
#include "providers/http/http.h"
#include "providers/http/http_call.h"
#include "providers/http/webhook.h"
#include "providers/smtp/failure_mail.h"

namespace venturi::providers {
namespace {

Value what_happened(const operators::Notification& n) {
  Object message{{"key", n.key}};
  for (const char* name :
       {"event", "dag_id", "run_id", "task_id", "map_index", "try_number", "max_tries", "state", "error", "log_path"})
    message.add(name, n.context.get_value(name));
  const FailureMail facts = failure_mail(n.context, n.key);
  message.add("message", facts.headline + "\n\n" + facts.text);
  return message;
}

}  // namespace

boost::asio::awaitable<void> notify_http(operators::Notification& n, operators::Arguments arguments) {
  if (const Value* json = arguments.find("json")) {
    arguments.set("request_kwargs", Object{{"json", *json}});
  } else if (arguments.find("data") == nullptr) {
    arguments.set("request_kwargs", Object{{"json", what_happened(n)}});
  }
  const auto call = co_await HttpCall::make(n, arguments, "POST", "data");
  call->request.headers.emplace_back("Idempotency-Key", idempotency_key(n));
  co_await call->run(n, RetryRule{}, {});
}

}  // namespace venturi::providers
