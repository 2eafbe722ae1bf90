// A try's process: its requests, and its end.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>

#include "base/kill_point.h"
#include "worker/answer_secrets.h"
#include "worker/supervisor.h"

namespace venturi::worker {
namespace {

// How long the output of a process that ended may still be open (a grandchild has it) before the end is reported all the same,
// and how long it is read after that.
constexpr auto output_patience = std::chrono::milliseconds(100);
constexpr auto background_output = std::chrono::seconds(60);

// A body of which packed_members came packed.
std::string packed_again(const Value& body) {
  std::string packed;
  task::MapWriter map(packed);
  for (const auto& [key, value] : body.as_object()) {
    if (std::ranges::find(Try::packed_members, key) != std::end(Try::packed_members) && value.is_string())
      map.add_packed(key, value.as_string());
    else
      map.add(key, value);
  }
  return packed;
}

// Larger messages go to the server as one string of bytes: it does not read them in its loop.
constexpr std::size_t large_body = 64UL << 10U;

}  // namespace

bool is_outcome(const std::string& type) {
  static constexpr std::string_view outcomes[] = {"SucceedTask",    "TaskState", "RetryTask",
                                                  "RescheduleTask", "DeferTask", "AwaitInputTask"};
  return std::find(std::begin(outcomes), std::end(outcomes), type) != std::end(outcomes);
}

bool is_write(const std::string& type) {
  return !type.starts_with("Get") && type != "ValidateInletsAndOutlets";
}

void Supervisor::on_requests(Try& t, std::uint32_t events) {
  if ((events & EPOLLOUT) != 0) write_out(t);
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read_requests(t, false);
}

void Supervisor::read_requests(Try& t, bool to_end) {
  static char buffer[64 << 10];
  while (t.requests) {
    const ssize_t n = ::recv(t.requests.get(), buffer, sizeof buffer, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
      loop_.unwatch(t.requests.get());
      t.requests.reset();
      return;
    }
    t.in.feed({buffer, static_cast<std::size_t>(n)});
    try {
      while (auto frame = t.in.next()) on_request(t, *frame);
    } catch (const std::runtime_error& e) {  // ProtocolError, ValueError
      loop_.unwatch(t.requests.get());
      t.requests.reset();
      return stop(t, Cause::rubbish, std::string("it sent what is no message: ") + e.what());
    }
    if (!to_end && static_cast<std::size_t>(n) < sizeof buffer) return;
  }
}

void Supervisor::on_request(Try& t, const task::Frame& frame) {
  const std::string type = frame.body.get_string("type");
  if (type == "MaskSecret") {
    const Value& secret = frame.body.at("value");
    if (secret.is_string()) logs_reader_.add_secrets(t, strings_in(task::decode_msgpack(secret.as_string())));
    return answer(t, frame.id, {});
  }
  if (type == "HostCall") return call_host(t, frame);
  if (type == "ResendLoggingFD") return resend_logging_fd(t, frame.id);
  if (type.empty()) throw task::ProtocolError("a message without a type");
  const bool may_have_secrets = type == "SetRenderedFields" && t.masker != nullptr;
  forward(t, type, packed_again(may_have_secrets ? masked(*t.masker, frame.body) : frame.body),
          {.from = Request::From::task, .process = t.id, .frame = frame.id});
}

// Sends a message of a try on, with its number among the try's writes.
void Supervisor::forward(Try& t, const std::string& type, std::string_view packed_body, Request request) {
  ++t.open_questions;
  if (t.kind == Try::Kind::callback) {
    return server_.request_packed(request, message_of("CallbackMessage", t.callback, packed_body));
  }
  request.token = t.token;
  request.write = is_write(type);
  request.outcome = is_outcome(type);
  if (request.outcome) {
    t.terminal = true;
    last_end_ = std::chrono::steady_clock::now();
  }
  kill_point("worker.before_forward");
  const std::uint64_t seq = request.write ? ++t.seq : 0;
  std::string message;
  task::MapWriter map(message);
  map.add("type", "TryMessage");
  map.add("token", to_value(t.token));
  map.add("seq", static_cast<std::int64_t>(seq));
  if (packed_body.size() > large_body) {
    map.add("packed_type", type);
    map.add("packed", packed_body);
  } else {
    map.add_packed("body", packed_body);
  }
  server_.request_packed(request, message);
}

// A new socket for log lines, as Airflow's supervisor makes it; the descriptor goes with the first bytes of the answer.
void Supervisor::resend_logging_fd(Try& t, std::int64_t frame) {
  auto [mine, theirs] = make_socket_pair();
  logs_reader_.add_stream(t, std::move(mine), LogKind::log);
  keeper_.flush();  // before anything can be written to it
  write_out(t);
  if (!t.requests || !t.out.empty()) {
    // It asks while it does not read its answers: the descriptor has no place among them.
    return stop(t, Cause::rubbish, "it asked for its log socket while other answers waited");
  }
  const int fd = theirs.get();
  const Value body = Object{{"type", "SentFDs"}, {"fds", Array{fd}}};
  if (!send_with_fds(t.requests.get(), task::encode_frame(frame, body), std::span(&fd, 1))) {
    stop(t, Cause::rubbish, "its log socket could not be sent to it");
  }
}

void Supervisor::answer(Try& t, std::int64_t frame, const Value& body, const Value& error) {
  if (t.kind == Try::Kind::light) return light_.send(t, frame, body, error);
  if (!t.requests) return;
  if (body.get_string("type") == "PackedAnswer")
    task::append_packed_frame(t.out.bytes(), frame, body.at("packed").as_string());
  else
    task::append_frame(t.out.bytes(), frame, body, error);
  if (!std::exchange(t.queued_out, true)) answered_.push_back(&t);
}

void Supervisor::write_out(Try& t) {
  if (!t.requests) return;
  while (!t.out.empty()) {
    const ssize_t n = ::send(t.requests.get(), t.out.rest().data(), t.out.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno != EAGAIN) t.out.clear();  // it is gone; its end is on the way
    if (n < 0) break;
    t.out.sent(static_cast<std::size_t>(n));
  }
  if (t.out.empty() == t.watching_out) {
    t.watching_out = !t.watching_out;
    loop_.rewatch(t.requests.get(), t.watching_out ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }
}

// Lets the process group end: SIGTERM, and SIGKILL when that has not helped. What came first stays the reason.
void Supervisor::stop(Try& t, Cause cause, const std::string& why) {
  if (t.reported || t.status) return;
  if (t.cause == Cause::none) {
    t.cause = cause;
    t.why = why;
  }
  close_session(t, "the try is being ended: " + t.why);
  if (t.kind == Try::Kind::light) return stop_light(t);
  if (t.kind == Try::Kind::host_operator) {
    const char* reason = cause == Cause::timeout ? "timeout" : "killed";
    host_.send(0, Object{{"type", "CancelOperator"}, {"token", to_value(t.token)}, {"reason", reason}});
    return;
  }
  if (t.pid == 0) {
    // Its process may be on the way: on_made() comes back here.
    const auto queued = std::find_if(to_launch_.begin(), to_launch_.end(), [&](const auto& l) { return l.first == &t; });
    const bool was_queued = queued != to_launch_.end();
    if (was_queued) to_launch_.erase(queued);
    if (!was_queued && !warm_.withdraw(t)) return;
    if (t.kind != Try::Kind::callback) return report(t, exit_of(0, t.cause, t.why, t.terminal, false));
    callbacks_.function_ended(t.callback, t.why);
    return bury(t);
  }
  if (t.kill_timer != 0) return;
  logs_reader_.note(t, "error", t.why + "; its process group is being ended");
  ::kill(-t.pid, SIGTERM);
  t.kill_timer = loop_.after(options_.kill_grace, [&t] {
    t.kill_timer = 0;
    ::kill(-t.pid, SIGKILL);
  });
}

void Supervisor::on_process_end(Try& t, int status) {
  kill_point("worker.exited");
  t.status = status;
  close_session(t, {});
  for (EventLoop::TimerId* timer : {&t.deadline, &t.kill_timer}) {
    if (*timer != 0) loop_.cancel(std::exchange(*timer, 0));
  }
  // What is left of its group ignored SIGTERM. (The number cannot have been given to another group since it was reaped.)
  if (t.cause != Cause::none) ::kill(-t.pid, SIGKILL);
  read_requests(t, true);  // what it said last
  logs_reader_.pump(t);
  if (t.reported) return;
  if (t.output_ended()) return on_output_end(t);
  t.output_timer = loop_.after(output_patience, [this, &t] {
    t.output_timer = 0;
    logs_reader_.pump(t);
    on_output_end(t);
  });
}

// The process is reaped and its output read, as far as anybody waits for it: time to report.
void Supervisor::on_output_end(Try& t) {
  if (t.kind == Try::Kind::host_operator) {
    if (!t.host_exit || t.reported) return;
    const Value& exit = *t.host_exit;
    std::string kind = exit.get_string("kind", "exit_code");
    return report(t, {kind, static_cast<int>(exit.get_int("detail")), exit.get_string("error")});
  }
  if (t.reported) {
    if (t.output_ended()) bury(t);
    return;
  }
  if (!t.status) return;
  const bool killed = WIFSIGNALED(*t.status) && WTERMSIG(*t.status) == SIGKILL;
  const Exit exit = exit_of(*t.status, t.cause, t.why, t.terminal || t.kind == Try::Kind::callback,
                            killed && t.cause == Cause::none && oom_.rose());
  report(t, exit);
}

void Supervisor::report(Try& t, const Exit& exit) {
  t.reported = true;
  close_session(t, {});
  if (t.output_timer != 0) loop_.cancel(std::exchange(t.output_timer, 0));
  if (t.requests) {
    loop_.unwatch(t.requests.get());
    t.requests.reset();
  }
  // A light task's process still tells its log what was refused.
  if (t.open_questions > 0 && t.light == nullptr) server_.forget_process(t.id);
  std::string error = exit.error.empty() ? t.log.error() : exit.error;
  if (!exit.error.empty() && t.kind != Try::Kind::host_operator)
    logs_reader_.note(t, t.terminal ? "warning" : "error", exit.error);
  if (t.kind == Try::Kind::callback) {
    callbacks_.function_ended(t.callback, exit.kind == "ok" ? std::string() : exit.error);
  } else {
    by_token_.erase(t.token);
    server_.request({.from = Request::From::exit, .token = t.token, .write = true, .outcome = true},
                    Object{{"type", "TryExited"},
                           {"token", to_value(t.token)},
                           {"seq", ++t.seq},
                           {"exit", Exit{exit.kind, exit.detail, std::move(error)}.value()},
                           {"terminal", t.terminal}});
  }
  last_end_ = std::chrono::steady_clock::now();
  if (t.output_ended()) return bury(t);
  bury_later(t);
}

// Somebody the task left behind still writes: for a while that goes to the log too. Or the disk is full: then what is in the
// sockets waits for room.
void Supervisor::bury_later(Try& t) {
  t.output_timer = loop_.after(background_output, [this, &t] {
    t.output_timer = 0;
    if (t.log.is_stuck()) return bury_later(t);
    bury(t);
  });
}

// Nothing of it is left to do.
void Supervisor::bury(Try& t) {
  for (EventLoop::TimerId* timer : {&t.deadline, &t.kill_timer, &t.output_timer}) {
    if (*timer != 0) loop_.cancel(std::exchange(*timer, 0));
  }
  if (t.requests) {
    loop_.unwatch(t.requests.get());
    t.requests.reset();
  }
  logs_reader_.close(t);
  if (t.light != nullptr) {
    light_.leave(t);
    if (t.open_questions > 0) server_.forget_process(t.id);
  }
  std::erase(answered_, &t);
  if (const auto found = by_token_.find(t.token); found != by_token_.end() && found->second == &t) by_token_.erase(found);
  const auto found = tries_.find(t.id);
  if (found == tries_.end()) return;
  buried_.push_back(std::move(found->second));
  tries_.erase(found);
}

}  // namespace venturi::worker
