// The operator host: one process, one thread, thousands of tries of built-in operators at once, each a coroutine. It is started
// by the worker with its control socket on descriptor 0 (docs/architecture/task-host.md, "Supervisor and warm process, operator
// host"); what waits in it is an operator, what moves data runs in a process of its own (movers.h).
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "operators/hook_session.h"
#include "operators/host_link.h"
#include "operators/loop_monitor.h"
#include "operators/memory_budget.h"
#include "operators/operator_try.h"
#include "operators/outcome_of.h"
#include "operators/registry.h"
#include "operators/watcher_run.h"

namespace venturi::operators {

class TemplatedArguments;

struct HostOptions {
  std::size_t memory_of_try = 64UL << 20U;
  std::size_t memory_of_host = 1UL << 30U;
  std::chrono::milliseconds blocked{20};           // what runs longer without waiting is told
  std::chrono::milliseconds cancel_patience{900};  // OperatorExited follows CancelOperator within 1 s
  std::chrono::milliseconds notifier_timeout{300'000};
};

class Host {
 public:
  // The registry outlives the host.
  Host(const Registry& registry, Fd control, HostOptions options = {});
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // Until the worker closes the socket; then all tries are cancelled. Returns the program's exit code.
  int run();
  // The loop's, for work that is nobody's in particular; how long it takes is told in the name of `who`. Until the host is
  // gone.
  [[nodiscard]] boost::asio::any_io_executor executor(std::string who);
  [[nodiscard]] const LoopMonitor& monitor() const { return monitor_; }

 private:
  using Token = std::pair<std::int64_t, std::int64_t>;

  void on_frame(task::Frame frame, std::vector<Fd>& fds);
  void on_end(const std::string& why);
  void start_operator(task::Frame frame, std::vector<Fd>& fds);
  void cancel_operator(const Value& body);
  void run_notifier(const task::Frame& frame);

  // host_watchers.cpp
  void watch(const Value& body);
  void end_watcher(WatcherRun& run, const std::string& why);
  boost::asio::awaitable<void> keep_watching(std::shared_ptr<WatcherRun> run, const EventTriggerEntry* entry);

  // host_hooks.cpp
  void open_session(const Value& body);
  void close_session(std::int64_t id);
  void call_hook(const task::Frame& frame);
  boost::asio::awaitable<void> run_hook(std::shared_ptr<HookRun> run, const HookEntry* entry, std::string name);

  boost::asio::awaitable<void> run_try(std::shared_ptr<OperatorTry> t, const OperatorEntry* entry);
  void check_runs_here(const OperatorTry& t, const OperatorEntry* entry) const;
  boost::asio::awaitable<boost::asio::awaitable<Value>> prepare(OperatorTry& t, const OperatorEntry& entry);
  static boost::asio::awaitable<Value> run_prepared(OperatorTry& t, const OperatorEntry& entry, Arguments arguments);
  static boost::asio::awaitable<void> push_large(OperatorTry& t, Value& xcom);
  boost::asio::awaitable<void> run_notification(std::shared_ptr<Notification> n, const NotifierEntry* entry, Value kwargs);
  boost::asio::awaitable<std::exception_ptr> name_instance(OperatorTry& t, TemplatedArguments& templates);
  boost::asio::awaitable<void> resolve_xcoms(OperatorTry& t, Arguments& arguments);
  boost::asio::awaitable<void> render_templates(Notification& n, const NotifierEntry& entry, Arguments& arguments);

  // Not inlined: what it needs shall not lie in the frame of a try that waits.
  [[gnu::noinline]] void finish(OperatorTry& t, Value xcom, const std::exception_ptr& failed);
  void report(OperatorTry& t, const std::string& kind, const std::string& error);
  void report(Notification& n, const std::string& error);
  // Ends the wait that it is in; give_up() follows where that did not help.
  template <class Run>
  void cancel(const std::shared_ptr<Run>& run, const std::string& as, const std::string& why);
  template <class Run>
  void arm_deadline(const std::shared_ptr<Run>& run, std::chrono::milliseconds limit);
  void end_if_done();
  void give_up(OperatorTry& t);
  void give_up(Notification& n);

  const Registry& registry_;
  HostOptions options_;
  boost::asio::io_context io_;
  LoopMonitor monitor_;
  LoopMonitor::Clock::time_point blocked_told_;
  HostMemory memory_;
  SecretsPool secrets_;
  LastRun last_run_;
  HostLink link_;
  std::map<Token, std::shared_ptr<OperatorTry>> tries_;
  std::map<std::int64_t, std::shared_ptr<Notification>> notifications_;  // by the frame's id: an entry may have several
  std::map<std::int64_t, std::shared_ptr<WatcherRun>> watchers_;
  std::map<std::int64_t, std::shared_ptr<HookSession>> sessions_;
  std::map<std::int64_t, std::shared_ptr<HookRun>> hook_runs_;  // by the frame's id
  boost::asio::steady_timer end_;                               // the last moment of the host itself
  int exit_code_ = 0;
  bool ending_ = false;
};

}  // namespace venturi::operators
