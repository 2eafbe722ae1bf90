#include "operators/operator_try.h"

namespace venturi::operators {
namespace {

namespace asio = boost::asio;

std::vector<std::string> strings(const Value* list) {
  std::vector<std::string> texts;
  if (list == nullptr) return texts;
  for (const Value& item : list->as_array()) texts.push_back(item.as_string());
  return texts;
}

// The link leaves it packed.
std::string packed_operator(Value& message) {
  const Value packed = message.take_value("operator");
  if (!packed.is_string()) throw ValueError("StartOperator has no operator");
  return packed.as_string();
}

}  // namespace

OperatorTry::OperatorTry(HostLink& link, HostMemory& memory_of_host, std::size_t memory_limit,
                         const asio::any_io_executor& executor, Value message, SecretsPool& secrets)
    : Cancellable(executor),
      facts(message.at("details")),
      op(packed_operator(message)),
      template_details(op.has("_template_context") ? message.take_value("details") : Value()),
      run_dir(message.get_string("run_dir")),
      memory(memory_of_host, memory_limit),
      log(message.get_string("log_path"), secrets, strings(message.get("secrets"))),
      host(link, {"OperatorMessage", "token", message.at("token")}, log, memory),
      link_(link) {}

asio::awaitable<std::string> OperatorTry::output_tail() {
  const task::Frame answer = co_await link_.call(Object{{"type", "GetOutputTail"}, {"token", host.id()}});
  co_return body_of(answer, "GetOutputTail").get_string("line");
}

Notification::Notification(HostLink& link, HostMemory& memory_of_host, std::size_t memory_limit,
                           const asio::any_io_executor& executor, const task::Frame& request, SecretsPool& secrets)
    : Cancellable(executor),
      frame(request.id),
      no(request.body.at("no").as_int()),
      classpath(request.body.get_string("classpath")),
      key(request.body.get_string("key")),
      context(request.body.get("context") == nullptr ? Value() : *request.body.get("context")),
      memory(memory_of_host, memory_limit),
      log({}, secrets, {}),
      host(link, {"NotifierMessage", "no", no}, log, memory) {}

}  // namespace venturi::operators
