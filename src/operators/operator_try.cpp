#include "operators/operator_try.h"

#include "operators/outcome.h"

namespace venturi::operators {
namespace {

namespace asio = boost::asio;

std::vector<std::string> strings(const Value* list) {
  std::vector<std::string> texts;
  if (list == nullptr) return texts;
  for (const Value& item : list->as_array()) texts.push_back(item.as_string());
  return texts;
}

}  // namespace

OperatorTry::OperatorTry(HostLink& link, HostMemory& memory_of_host, std::size_t memory_limit,
                         const asio::any_io_executor& executor, Value message, std::shared_ptr<const Masker> secrets_masker)
    : Cancellable(executor),
      token(message.at("token")),
      facts(message.at("details")),
      op(message.take_value("operator")),
      template_details(TemplateDetails::of(message.at("details"), op)),
      run_dir(message.get_string("run_dir")),
      memory(memory_of_host, memory_limit),
      log(message.get_string("log_path"), std::move(secrets_masker), strings(message.get("secrets"))),
      host(link, Object{{"type", "OperatorMessage"}, {"token", token}}, log, memory),
      link_(link) {}

asio::awaitable<std::string> OperatorTry::output_tail() {
  const task::Frame answer = co_await link_.call(Object{{"type", "GetOutputTail"}, {"token", token}});
  const Value body = body_of(answer, "GetOutputTail");
  if (const std::int64_t most = body.get_int("longer_than"); most > 0) {
    throw TaskFailedForGood("the last line of stdout, which is the XCom, has more than " + std::to_string(most) +
                            " bytes: print less in the last line (the path of a file, say), or set do_xcom_push to false");
  }
  co_return body.get_string("line");
}

Notification::Notification(HostLink& link, HostMemory& memory_of_host, std::size_t memory_limit,
                           const asio::any_io_executor& executor, const task::Frame& request)
    : Cancellable(executor),
      frame(request.id),
      no(request.body.at("no").as_int()),
      classpath(request.body.get_string("classpath")),
      key(request.body.get_string("key")),
      context(request.body.get("context") == nullptr ? Value() : *request.body.get("context")),
      memory(memory_of_host, memory_limit),
      log({}, std::make_shared<Masker>(), {}),
      host(link, Object{{"type", "NotifierMessage"}, {"no", no}}, log, memory) {}

}  // namespace venturi::operators
