#include "operators/watcher_run.h"

#include <utility>

#include "operators/task_messages.h"

namespace venturi::operators {
namespace {

namespace asio = boost::asio;

constexpr TaskHost::Envelope of_watcher{.type = "WatcherMessage", .key = "no"};

}  // namespace

WatcherRun::WatcherRun(HostLink& link, HostMemory& memory_of_host, std::size_t memory_limit, const Value& watcher,
                       SecretsPool& secrets)
    : no(watcher.at("no").as_int()),
      asset(watcher.get_string("asset")),
      name(watcher.get_string("name")),
      classpath(watcher.get_string("classpath")),
      kwargs(watcher.get_value("kwargs").is_object() ? watcher.get_value("kwargs") : Value(Object{})),
      memory(memory_of_host, memory_limit),
      log({}, secrets, {}),
      host(link, {.envelope = &of_watcher, .number = no}, log, memory),
      link_(link),
      state_(watcher.get_value("state")) {}

asio::awaitable<void> WatcherRun::fire(Array payloads, Value state) {
  Value message = Object{{"type", of_watcher.type},
                         {of_watcher.key, no},
                         {"body", Object{{"type", "WatcherFired"}, {"payloads", std::move(payloads)}, {"state", state}}}};
  const task::Frame answer = co_await link_.call(std::move(message));
  (void)body_of(answer, "WatcherFired");
  state_ = std::move(state);
}

}  // namespace venturi::operators
