#include "operators/host.h"

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>

#include <cstdio>

#include "operators/keeping.h"

namespace venturi::operators {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

std::pair<std::int64_t, std::int64_t> parse_token(const Value& value) {
  const Array& parts = value.as_array();
  if (parts.size() != 2) throw ValueError("a launch token has two numbers, not " + std::to_string(parts.size()));
  return {parts[0].as_int(), parts[1].as_int()};
}

std::string seconds(std::chrono::milliseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", static_cast<double>(time.count()) / 1000);
  return text;
}

Value error_response(const std::string& detail) {
  return Object{{"type", "ErrorResponse"}, {"error", "GENERIC_ERROR"}, {"detail", Object{{"message", detail}}}};
}

}  // namespace

Host::Host(const Registry& registry, Fd control, HostOptions options)
    : registry_(registry),
      options_(options),
      io_(1),
      monitor_(options.blocked,
               [this](const std::string& who, LoopMonitor::Clock::duration took) {
                 const auto now = LoopMonitor::Clock::now();
                 if (now - blocked_told_ < std::chrono::seconds(1)) return;  // counted all the same
                 blocked_told_ = now;
                 std::fprintf(stderr, "venturi-operators: the loop was blocked for %lld ms by %s (%llu times so far)\n",
                              static_cast<long long>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()),
                              who.c_str(), static_cast<unsigned long long>(monitor_.blocked()));
               }),
      memory_{options.memory_of_host, 0},
      link_(executor("the host itself"), std::move(control),
            {.on_frame = [this](task::Frame frame, std::vector<Fd>& fds) { on_frame(std::move(frame), fds); },
             .on_end = [this](const std::string& why) { on_end(why); }}),
      end_(io_) {}

Host::~Host() = default;

asio::any_io_executor Host::executor(std::string who) {
  return MonitoredExecutor(io_.get_executor(), monitor_, std::move(who));
}

int Host::run() {
  link_.send(0, Object{{"type", "WarmReady"}, {"version", VENTURI_VERSION}, {"pid", ::getpid()}, {"threads", 1}});
  link_.start();
  io_.run();
  return exit_code_;
}

void Host::on_frame(task::Frame frame, std::vector<Fd>& fds) {
  const std::string type = frame.body.get_string("type");
  if (type == "StartOperator") {
    start_operator(std::move(frame), fds);
  } else if (type == "CancelOperator") {
    cancel_operator(frame.body);
  } else if (type == "RunNotifier") {
    run_notifier(frame);
  } else if (type == "Watch") {
    watch(frame.body);
  } else if (type == "CallHook") {
    call_hook(frame);
  } else if (type == "OpenSession") {
    open_session(frame.body);
  } else if (type == "CloseSession") {
    close_session(frame.body.at("session").as_int());
  } else {
    throw task::ProtocolError("'" + type + "' means nothing to an operator host");
  }
}

// Nobody is left to tell anything to: what runs is cancelled, and ends what it started.
void Host::on_end(const std::string& why) {
  ending_ = true;
  if (!why.empty()) {
    std::fprintf(stderr, "venturi-operators: %s\n", why.c_str());
    exit_code_ = 1;
  }
  end_.expires_after(options_.cancel_patience + std::chrono::milliseconds(100));
  end_.async_wait([this](const error_code& error) {
    if (!error) io_.stop();
  });
  end_if_done();
  const auto tries = tries_;
  for (const auto& [token, t] : tries) cancel(t, "killed", "the worker is gone");
  const auto notifications = notifications_;
  for (const auto& [frame, n] : notifications) cancel(n, "killed", "the worker is gone");
  while (!watchers_.empty()) end_watcher(*watchers_.begin()->second, "the worker is gone");
  while (!sessions_.empty()) close_session(sessions_.begin()->first);
}

void Host::start_operator(task::Frame frame, std::vector<Fd>& fds) {
  const OperatorEntry* entry = nullptr;
  std::shared_ptr<OperatorTry> t;
  const auto limit = std::chrono::milliseconds(static_cast<std::int64_t>(frame.body.get_double("execution_timeout") * 1000));
  try {
    const std::string task_type = task::packed_member(frame.body.at("operator").as_string(), "task_type").as_string();
    entry = registry_.find_operator(task_type);
    std::unique_ptr<std::array<Fd, 2>> output;
    if (entry != nullptr && entry->starts_commands) {
      if (fds.size() < 2) throw ValueError(task_type + " needs two descriptors, for stdout and stderr");
      output = std::make_unique<std::array<Fd, 2>>(std::array{std::move(fds[0]), std::move(fds[1])});
      fds.erase(fds.begin(), fds.begin() + 2);
    }
    const Token token = parse_token(frame.body.at("token"));
    if (tries_.contains(token)) throw ValueError("this token's operator runs already");
    t = std::make_shared<OperatorTry>(link_, memory_, options_.memory_of_try, std::move(frame.body), secrets_, last_run_);
    t->output = std::move(output);
    tries_.emplace(token, t);
  } catch (const ValueError& e) {
    return link_.send(frame.id, {}, error_response(e.what()));
  }
  link_.send(frame.id, Object{{"type", "OperatorStarted"}, {"token", t->host.id()}});
  if (limit.count() > 0) arm_deadline(t, limit);
  asio::co_spawn(MonitoredExecutor(io_.get_executor(), monitor_, t), run_try(t, entry), keeping(t));
}

void Host::cancel_operator(const Value& body) {
  const auto found = tries_.find(parse_token(body.at("token")));
  if (found == tries_.end()) return;  // its end is on the way
  const bool timeout = body.get_string("reason") == "timeout";
  cancel(found->second, timeout ? "timeout" : "killed", timeout ? "its time was over" : "the server asked for its end");
}

template <class Run>
void Host::arm_deadline(const std::shared_ptr<Run>& run, std::chrono::milliseconds limit) {
  run->deadline = std::make_unique<asio::steady_timer>(io_, limit);
  run->deadline->async_wait([this, weak = std::weak_ptr(run), limit](const error_code& error) {
    const auto alive = weak.lock();
    if (!error && alive) cancel(alive, "timeout", "its time-out of " + seconds(limit) + " s was over");
  });
}

template <class Run>
void Host::cancel(const std::shared_ptr<Run>& run, const std::string& as, const std::string& why) {
  if (run->cancelled) return;
  run->cancelled = std::make_unique<const Cancellable::Cancelled>(as, why, ending_);
  run->deadline = std::make_unique<asio::steady_timer>(io_, options_.cancel_patience);
  run->deadline->async_wait([this, weak = std::weak_ptr(run)](const error_code& error) {
    const auto alive = weak.lock();
    if (!error && alive) give_up(*alive);
  });
  run->signal.emit(asio::cancellation_type::terminal);
}

void Host::end_if_done() {
  // What was given up may still run: it is not waited for.
  if (ending_ && tries_.empty() && notifications_.empty() && hook_runs_.empty()) io_.stop();
}

// It does not stop. Whoever waits for its end gets that now; what it still says goes nowhere.
void Host::give_up(OperatorTry& t) {
  std::fprintf(stderr, "venturi-operators: %s did not stop within 1 s\n", to_json(t.host.id()).c_str());
  report(t, t.cancelled->as, t.cancelled->why);
}

void Host::give_up(Notification& n) {
  std::fprintf(stderr, "venturi-operators: notifier %lld did not stop within 1 s\n", static_cast<long long>(n.no));
  report(n, n.cancelled->why);
}

void Host::run_notifier(const task::Frame& frame) {
  const std::string classpath = frame.body.get_string("classpath");
  const auto n = std::make_shared<Notification>(link_, memory_, options_.memory_of_try, frame, secrets_);
  notifications_.emplace(n->frame, n);
  arm_deadline(n, options_.notifier_timeout);
  const Value* kwargs = frame.body.get("kwargs");
  asio::co_spawn(executor("notifier " + classpath),
                 run_notification(n, registry_.find_notifier(classpath), kwargs == nullptr ? Value(Object{}) : *kwargs),
                 keeping(n));
}

}  // namespace venturi::operators
