#include "operators/hook_session.h"

#include <vector>

namespace venturi::operators {
namespace {

std::vector<std::string> texts_in(const Value* list) {
  std::vector<std::string> texts;
  if (list == nullptr) return texts;
  for (const Value& item : list->as_array()) texts.push_back(item.as_string());
  return texts;
}

constexpr TaskHost::Envelope envelope{.type = "HookMessage", .key = "session"};

}  // namespace

HookSession::HookSession(HostLink& link, HostMemory& memory_of_host, std::size_t memory_limit, const Value& message,
                         SecretsPool& secrets, boost::asio::any_io_executor its_executor)
    : id(message.at("session").as_int()),
      executor(std::move(its_executor)),
      memory(memory_of_host, memory_limit),
      log(message.get_string("log_path"), secrets, texts_in(message.get("secrets"))),
      host(link, {.envelope = &envelope, .number = id}, log, memory) {}

void HookSession::close() {
  host.close();
  states_.clear();
}

}  // namespace venturi::operators
