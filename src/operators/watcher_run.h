// A watcher of an asset in the operator host: what the code of an event trigger gets in hand.
//
//   Watch ─▶ running ─▶ fire() ─▶ events and state are durable, in one transaction ─▶ running ...
//              │ error: told to the server, begun again after a while from the last state
//              └ not wanted any more, host or worker gone: cancelled
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <string>

#include "operators/memory_budget.h"
#include "operators/operator_try.h"
#include "operators/task_host.h"
#include "operators/try_log.h"
#include "venturi/value.h"

namespace venturi::operators {

class WatcherRun : public Cancellable {
 public:
  // `watcher` is one of a Watch message (docs/architecture/task-host.md). Throws ValueError where it is not complete.
  WatcherRun(HostLink& link, HostMemory& memory_of_host, std::size_t memory_limit, const Value& watcher, SecretsPool& secrets);

  const std::int64_t no;  // of this run of it: the server takes no events of another one
  const std::string asset, name, classpath;
  const Value kwargs;
  MemoryBudget memory;
  TryLog log;  // masks errors; has no file
  TaskHost host;

  // What the last firing left, be it of a run before; null: it never fired.
  [[nodiscard]] const Value& state() const { return state_; }
  // An event of the asset for each payload, and the state that says what these were made of: both are durable, in one
  // transaction, when it returns. After an exception they may be or not: the run ends with it, and the next one is told.
  [[nodiscard]] boost::asio::awaitable<void> fire(Array payloads, Value state);

 private:
  HostLink& link_;
  Value state_;
};

}  // namespace venturi::operators
