// One try of an operator in the host, and one notification: what the code of an operator or a notifier gets in hand.
//
//   StartOperator ─▶ running ─┬─▶ outcome told (SucceedTask, RetryTask, TaskState) ─▶ OperatorExited{ok}
//                             └─▶ cancelled (CancelOperator, time-out) ─▶ OperatorExited{killed, timeout}, within 1 s
//
// Cancelling is Asio's: it ends the wait in which the coroutine is (or its next one) with operation_aborted. An operator that
// has to clean up catches that, calls reset_cancellation_state(disable_cancellation()), and waits on, for less than a second.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "operators/host_link.h"
#include "operators/loop_monitor.h"
#include "operators/memory_budget.h"
#include "operators/serialized_operator.h"
#include "operators/task_host.h"
#include "operators/task_messages.h"
#include "operators/try_log.h"

namespace venturi::operators {

// What a try has in common with a notification: it can be cancelled.
class Cancellable {
 public:
  struct Cancelled {
    std::string as, why;          // "killed" or "timeout"
    bool worker_is_gone = false;  // nobody asked for its end
  };
  boost::asio::cancellation_signal signal;
  // The execution time-out, where there is one. Of one that is cancelled the last moment: if it still runs then, it counts as
  // ended.
  std::unique_ptr<boost::asio::steady_timer> deadline;
  std::unique_ptr<const Cancelled> cancelled;
};

// What the tries of a run have in common they share: they come one after the other.
struct LastRun {
  std::shared_ptr<const RunFacts> facts;
  std::shared_ptr<const std::string> run_dir;
  template <class T>
  [[nodiscard]] static std::shared_ptr<const T> shared(std::shared_ptr<const T>& last, std::shared_ptr<const T> next) {
    if (last == nullptr || *last != *next) last = std::move(next);
    return last;
  }
};

class OperatorTry : public Cancellable, public LoopMonitor::Named {
 public:
  // `message` is StartOperator's body. Throws ValueError where it is not complete.
  OperatorTry(HostLink& link, HostMemory& memory_of_host, std::size_t memory_limit, Value message, SecretsPool& secrets,
              LastRun& last_run);

  const TaskFacts facts;
  SerializedOperator op;
  std::exception_ptr unnamed;                        // why the instance of a mapped task has no name, though it should have one
  Value template_details;                            // of an operator with templates, until they are rendered: StartupDetails
  Value remembered;                                  // OperatorEntry::remembers of the try before; null: nothing
  const std::shared_ptr<const std::string> run_dir;  // may be empty
  MemoryBudget memory;
  TryLog log;
  TaskHost host;                              // its id is the token
  std::unique_ptr<std::array<Fd, 2>> output;  // of operators that start commands: stdout and stderr
  std::shared_ptr<void> between_pokes;        // what a sensor keeps from one poke to the next; null: nothing

  [[nodiscard]] std::string name() const override {
    return facts.run->dag_id + "." + facts.task_id + ", run " + facts.run->run_id;
  }
  // From now on it waits deferred: without a slot, still this launch. Once is enough.
  void defer_in_place(std::string_view trigger);
  // Whether it is cancelled although the same try will be started again: its worker is gone while it waits deferred. What it
  // has begun elsewhere is to go on.
  [[nodiscard]] bool will_be_started_again() const { return is_deferred_ && cancelled && cancelled->worker_is_gone; }
  // The last line that was written to stdout, after all that is in it was read. TaskFailedForGood where it is too long.
  [[nodiscard]] boost::asio::awaitable<std::string> output_tail();

 private:
  HostLink& link_;
  bool is_deferred_ = false;
};

class Notification : public Cancellable {
 public:
  // `request` is RunNotifier. Throws ValueError where it is not complete.
  Notification(HostLink& link, HostMemory& memory_of_host, std::size_t memory_limit, const task::Frame& request,
               SecretsPool& secrets);

  const std::int64_t frame, no;  // ids of the request and of the outbox entry
  const std::string classpath;
  const std::string key;  // the same when it is sent again: what receivers drop doubles by
  const Value context;    // what happened: ti, ti_context, dag_run, error, log_path, ... (the server's OutboxEntry)
  MemoryBudget memory;
  TryLog log;  // masks errors; has no file
  TaskHost host;
};

}  // namespace venturi::operators
