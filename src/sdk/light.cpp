#include "sdk/light.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>

#include "sdk/log_sink.h"
#include "sdk/task_run.h"

namespace venturi::inline sdk::internal {
namespace {

// So long the threads may all be at work before another one is made for those that wait.
constexpr int patience_ms = 2;

std::string exited_frame(const Value& token, std::string_view kind, int detail, const std::string& error) {
  return task::encode_frame(
      0, Object{{"type", "LightExited"},
                {"token", token},
                {"exit", Object{{"kind", kind}, {"detail", detail}, {"error", error.empty() ? Value() : Value(error)}}}});
}

}  // namespace

struct LightProcess::Try {
  Try(LightLink& link, LightThreads& threads, Value token, Fd log_socket, Value startup)
      : comms(link, threads, std::move(token)), log(std::move(log_socket)), details(std::move(startup)) {}
  LightComms comms;
  detail::LogSink log;
  Value details;
  std::optional<TaskRun> run;
  TaskRun::End end;
};

LightProcess::LightProcess(const DagBag& dags, Fd control, int threads)
    : dags_(dags), control_(std::move(control)), link_(control_.get()), threads_(threads) {}

LightProcess::~LightProcess() {
  link_.close();
}

LightProcess::Token LightProcess::token_of(const Value& token) {
  const Array& numbers = token.as_array();
  return {numbers.at(0).as_int(), numbers.at(1).as_int()};
}

void LightProcess::run() {
  link_.send(
      task::encode_frame(0, Object{{"type", "WarmReady"}, {"version", VENTURI_VERSION}, {"pid", ::getpid()}, {"threads", 1}}));
  task::FrameReader reader;
  for (;;) {
    while (auto frame = reader.next()) handle(std::move(*frame));
    if (threads_.is_short()) {
      pollfd ready{control_.get(), POLLIN, 0};
      const int n = ::poll(&ready, 1, patience_ms);
      if (n == 0) threads_.relieve();
      if (n == 0 || (n < 0 && errno == EINTR)) continue;
    }
    if (receive_with_fds(control_.get(), reader.buffer(), received_) <= 0) break;
  }
  link_.close();
}

void LightProcess::handle(task::Frame frame) {
  if (frame.id > 0) return link_.answered(std::move(frame));
  const std::string type = frame.body.get_string("type");
  if (type == "StartLight") return start(frame.body);
  if (type == "CancelLight") return cancel(frame.body);
  throw task::ProtocolError("a light process of SDK " VENTURI_VERSION " knows StartLight and CancelLight, not \"" + type +
                            "\"");
}

void LightProcess::start(const Value& message) {
  if (received_.empty()) throw task::ProtocolError("StartLight came without a log socket");
  Fd log = std::move(received_.front());
  received_.erase(received_.begin());
  auto t = std::make_shared<Try>(link_, threads_, message.at("token"), std::move(log), message.at("details"));
  {
    const std::lock_guard lock(mutex_);
    tries_[token_of(t->comms.token())] = t;
  }
  threads_.add(t.get(), [this, t] { run_try(t); });
}

void LightProcess::cancel(const Value& message) {
  std::shared_ptr<Try> t;
  {
    const std::lock_guard lock(mutex_);
    const auto found = tries_.find(token_of(message.at("token")));
    if (found == tries_.end()) return;  // it has just ended
    t = found->second;
  }
  const std::string why = message.get_string("reason", "its end is wanted");
  t->comms.cancel(why);
  if (threads_.withdraw(t.get())) exited(*t, "killed", 0, why);
}

void LightProcess::run_try(const std::shared_ptr<Try>& t) {
  try {
    link_.send(task::encode_frame(0, Object{{"type", "LightStarted"}, {"token", t->comms.token()}}));
    t->run.emplace(dags_, t->comms, t->log, std::move(t->details));
    t->end = t->run->execute();
    // Not all streams, as a process of its own does: another try may sit on one.
    std::fflush(stdout);
    // However it ended since: one that returns when it is asked to has not done its work.
    if (t->comms.is_cancelled()) {
      const std::string why = t->comms.why();
      t->log.write(LogLevel::error, "it stops: " + why);
      return exited(*t, "killed", 0, why);
    }
    tell_end(t);
  } catch (const std::exception& e) {
    // The supervisor is gone, or the outcome cannot be told.
    t->log.write(LogLevel::error, e.what());
    try {
      exited(*t, "exit_code", 1, e.what());
    } catch (const std::system_error&) {  // gone
      forget(t->comms.token());
    }
  }
}

void LightProcess::tell_end(const std::shared_ptr<Try>& t) {
  try {
    tell(t);
  } catch (const TooLarge& e) {
    t->end = t->run->too_large(e);
    tell(t);
  }
}

void LightProcess::tell(const std::shared_ptr<Try>& t) {
  const Value& token = t->comms.token();
  if (!t->run->calls_back(t->end)) {
    link_.ask(token, t->end.messages, exited_frame(token, "ok", 0, {}),
              [t](const std::vector<Answer>& answers) { (void)t->run->is_accepted(t->end, answers); });
    return forget(token);
  }
  const bool accepted = t->run->is_accepted(t->end, t->comms.tell(t->end.messages));
  if (accepted || t->end.event != "success") t->run->run_callbacks(t->end);
  std::fflush(stdout);
  if (accepted) return exited(*t, "ok", 0, {});
  exited(*t, "exit_code", 1, "its outcome was refused");
}

void LightProcess::exited(Try& t, std::string_view kind, int detail, const std::string& error) {
  forget(t.comms.token());
  link_.send(exited_frame(t.comms.token(), kind, detail, error));
}

void LightProcess::forget(const Value& token) {
  const std::lock_guard lock(mutex_);
  tries_.erase(token_of(token));
}

}  // namespace venturi::inline sdk::internal
