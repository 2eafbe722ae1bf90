#include "operators/operator_try.h"

#include <utility>

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

constexpr TaskHost::Envelope of_try{.type = "OperatorMessage", .key = "token"},
    of_notifier{.type = "NotifierMessage", .key = "no"};

TaskHost::Sender token_of(const Value& message) {
  const Array& token = message.at("token").as_array();
  return {.envelope = &of_try, .number = token.at(1).as_int(), .epoch = token.at(0).as_int()};
}

TaskFacts facts_of(const Value& message, LastRun& last) {
  TaskFacts facts(message.at("details"));
  facts.run = LastRun::shared(last.facts, std::move(facts.run));
  return facts;
}

// The link leaves it packed.
std::string packed_operator(Value& message) {
  const Value packed = message.take_value("operator");
  if (!packed.is_string()) throw ValueError("StartOperator has no operator");
  return packed.as_string();
}

}  // namespace

OperatorTry::OperatorTry(HostLink& link, HostMemory& memory_of_host, std::size_t memory_limit, Value message,
                         SecretsPool& secrets, LastRun& last_run)
    : facts(facts_of(message, last_run)),
      op(packed_operator(message)),
      template_details(op.has("_template_context") ? message.take_value("details") : Value()),
      run_dir(LastRun::shared(last_run.run_dir, std::make_shared<const std::string>(message.get_string("run_dir")))),
      memory(memory_of_host, memory_limit),
      log(message.get_string("log_path"), secrets, strings(message.get("secrets"))),
      host(link, token_of(message), log, memory),
      link_(link) {}

void OperatorTry::defer_in_place(std::string_view trigger) {
  if (std::exchange(is_deferred_, true)) return;
  log.info("Pausing task as DEFERRED.");
  host.tell(
      operators::defer_in_place(trigger.empty() ? "venturi.triggers." + op.get_string("task_type") : std::string(trigger)));
}

asio::awaitable<std::string> OperatorTry::output_tail() {
  const task::Frame answer = co_await link_.call(Object{{"type", "GetOutputTail"}, {"token", host.id()}});
  const Value body = body_of(answer, "GetOutputTail");
  if (const std::int64_t most = body.get_int("longer_than"); most > 0) {
    throw TaskFailedForGood("the last line of stdout, which is the XCom, has more than " + std::to_string(most) +
                            " bytes: print less in the last line (the path of a file, say), or set do_xcom_push to false");
  }
  co_return body.get_string("line");
}

Notification::Notification(HostLink& link, HostMemory& memory_of_host, std::size_t memory_limit, const task::Frame& request,
                           SecretsPool& secrets)
    : frame(request.id),
      no(request.body.at("no").as_int()),
      classpath(request.body.get_string("classpath")),
      key(request.body.get_string("key")),
      context(request.body.get("context") == nullptr ? Value() : *request.body.get("context")),
      memory(memory_of_host, memory_limit),
      log({}, secrets, {}),
      host(link, {.envelope = &of_notifier, .number = no}, log, memory) {}

}  // namespace venturi::operators
