// What an operator or a notifier in the host may ask, handed to it by parameter. Each call is a wait: it ends when its try is
// cancelled.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/connection.h"
#include "operators/memory_budget.h"
#include "operators/try_log.h"
#include "venturi/value.h"

namespace venturi::operators {

class HostLink;

class TaskHost {
 public:
  // What messages travel in: {"type": "OperatorMessage", "token": ..., "body": ...}, or the like. A constant.
  struct Envelope {
    std::string_view type, key;
  };
  // Whose messages these are.
  struct Sender {
    const Envelope* envelope = nullptr;
    std::int64_t number = 0;
    std::optional<std::int64_t> epoch = {};  // of a launch token
    [[nodiscard]] Value id() const { return epoch ? Value(Array{*epoch, number}) : Value(number); }
  };
  // All others outlive the task host.
  TaskHost(HostLink& link, const Sender& sender, TryLog& log, MemoryBudget& memory)
      : link_(link), sender_(sender), log_(log), memory_(memory) {}

  // The answer's body, ErrorResponse included. Throws TaskFailed where the server refuses the message.
  [[nodiscard]] boost::asio::awaitable<Value> ask(Value message);
  // Without waiting; a refusal is logged by the host.
  void tell(Value message);
  // Its secrets are masked in the log from now on. Throws TaskFailed where there is no such connection.
  [[nodiscard]] boost::asio::awaitable<Connection> connection(std::string conn_id);
  [[nodiscard]] boost::asio::awaitable<std::optional<std::string>> variable(std::string key);

  // Of its try's budget. Throws as MemoryBudget::take().
  void take_memory(std::size_t bytes, const std::string& what) { memory_.take(bytes, what); }

  // HostLink::shared().
  [[nodiscard]] std::shared_ptr<void>& shared(const std::string& name);

  [[nodiscard]] const Sender& sender() const { return sender_; }
  [[nodiscard]] Value id() const { return sender_.id(); }
  // After this, whatever an operator still says goes nowhere: its try is over.
  void close() { closed_ = true; }

 private:
  [[nodiscard]] Value enveloped(Value message) const;

  HostLink& link_;
  const Sender sender_;
  TryLog& log_;
  MemoryBudget& memory_;
  bool closed_ = false;
};

}  // namespace venturi::operators
