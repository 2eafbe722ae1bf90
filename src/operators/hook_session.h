// What tasks of DAG programs ask of this host: hooks, which are services with connections of their own.
//
//   OpenSession ─▶ open ──CallHook, CallHook, ...──▶ each answered
//                   └──CloseSession (the try ended, or is being ended)──▶ what runs is cancelled, what was kept is closed
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "operators/host_link.h"
#include "operators/memory_budget.h"
#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "operators/task_host.h"
#include "operators/try_log.h"
#include "venturi/value.h"

namespace venturi::operators {

// A failure with something that the task's code can look at, beside the text: {"sqlstate": "23505"}.
class HookFailed : public TaskFailed {
 public:
  HookFailed(const std::string& text, Object more_) : TaskFailed(text), more(std::move(more_)) {}
  Object more;
};

// One call of a task's.
struct HookCall {
  std::string method, conn_id;
  Value arguments;
};

// All calls of one try, one after the other.
class HookSession {
 public:
  // `message` is OpenSession's body. Throws ValueError where it is not complete.
  HookSession(HostLink& link, HostMemory& memory_of_host, std::size_t memory_limit, const Value& message, SecretsPool& secrets,
              boost::asio::any_io_executor its_executor);

  const std::int64_t id;
  const boost::asio::any_io_executor executor;
  MemoryBudget memory;
  TryLog log;
  TaskHost host;
  // Cancelled when it is being closed: for calls that must not be broken off while they begin something (operator_try.h).
  Cancellable ending;

  // What a hook keeps between the calls of a try, made at its first one. A call holds it itself: the session lets go of it when
  // it is closed.
  template <class State>
  [[nodiscard]] std::shared_ptr<State> state(std::string_view hook) {
    std::shared_ptr<void>& slot = states_[hook];
    if (slot == nullptr) slot = std::make_shared<State>();
    return std::static_pointer_cast<State>(slot);
  }
  void close();

 private:
  std::map<std::string_view, std::shared_ptr<void>> states_;
};

// A call that is under way.
struct HookRun {
  std::shared_ptr<HookSession> session;
  std::int64_t frame = 0;
  HookCall call;
  boost::asio::cancellation_signal signal;
};

}  // namespace venturi::operators
