// Tries of light tasks, which run on threads of their program's light process.
//
//   handed over ─▶ LightStarted: it has begun ─▶ messages ─▶ LightExited ─▶ reported ─▶ its log socket closed ─▶ buried
//        └─ the process dies: handed over again      └─ the process dies: lost
#include <sys/wait.h>

#include <csignal>

#include "base/kill_point.h"
#include "worker/answer_secrets.h"
#include "worker/supervisor.h"

namespace venturi::worker {
namespace {

// How often a try is handed over, when its process dies each time before it begins.
constexpr int most_handovers = 3;

// As FrameReader reads the messages of a process: what is only handed on stays packed.
Value message_of(const std::string& packed) {
  return std::move(task::decode_msgpack("\x91" + packed, Try::packed_members).as_array().front());
}

}  // namespace

// Throws std::system_error where its socket cannot be made.
void Supervisor::start_light(Try& t, std::string_view details) {
  t.kind = Try::Kind::light;
  oom_.note();
  task::MapWriter message(t.start_message);
  message.add("type", "StartLight");
  message.add("token", to_value(t.token));
  message.add_packed("details", details);
  const std::string name = task::packed_member(details, "dag_rel_path").as_string();
  if (const std::string error = light_.enter(t, name.empty() ? t.program : name); !error.empty()) return refuse(t, error);
  auto [mine, theirs] = make_socket_pair();
  std::vector<std::pair<Fd, LogKind>> streams;
  streams.emplace_back(std::move(mine), LogKind::log);
  logs_reader_.open(t, std::move(streams));
  kill_point("worker.before_fork");
  light_.start(t, std::move(theirs));
  kill_point("worker.after_fork");
}

void Supervisor::on_light_message(const task::Frame& frame) {
  const std::string type = frame.body.get_string("type");
  Try* t = find_try(parse_token(frame.body.at("token")));
  if (t == nullptr || t->kind != Try::Kind::light) return;  // reported already
  if (type == "LightStarted") {
    light_began(*t);
  } else if (type == "LightMessage") {
    on_request(*t, {.id = frame.id, .body = message_of(frame.body.at("body").as_string()), .error = {}});
  } else if (type == "LightExited") {
    light_exited(*t, frame.body.at("exit"));
  } else {
    throw task::ProtocolError("it sent '" + type + "'");
  }
}

void Supervisor::light_began(Try& t) {
  kill_point("worker.after_made");
  t.pid = t.light->host->process();
  t.start_message.clear();
  kill_point("worker.before_started");
  server_.send(Object{{"type", "TryStarted"}, {"token", to_value(t.token)}, {"pid", t.pid}, {"start_date", t.start_date}});
  keep_time(t);
}

void Supervisor::light_exited(Try& t, const Value& exit) {
  kill_point("worker.exited");
  for (EventLoop::TimerId* timer : {&t.deadline, &t.kill_timer}) {
    if (*timer != 0) loop_.cancel(std::exchange(*timer, 0));
  }
  logs_reader_.pump(t);
  if (t.cause != Cause::none) return report(t, exit_of(0, t.cause, t.why, t.terminal, false));
  const std::string kind = exit.get_string("kind", "exit_code");
  report(t, {kind, static_cast<int>(exit.get_int("detail")), exit.get_string("error")});
}

// It is asked; where that does not help, the process is ended, and with it the others there.
void Supervisor::stop_light(Try& t) {
  if (t.kill_timer != 0) return;
  logs_reader_.note(t, "error", t.why + "; it is asked to stop");
  light_.send(t, 0, Object{{"type", "CancelLight"}, {"token", to_value(t.token)}, {"reason", t.why}});
  t.kill_timer = loop_.after(options_.kill_grace, [this, &t] {
    t.kill_timer = 0;
    light_.kill(t, t.label + " did not stop when it was asked to");
  });
}

void Supervisor::on_light_died(const LightPool::Death& death) {
  keeper_.flush();  // whose descriptors must not be closed before it has them
  std::string why = death.why;
  if (why.ends_with(signal_name(SIGKILL)) && oom_.rose()) why += " because memory ran out";
  for (Try* t : death.tries) {
    logs_reader_.pump(*t);
    if (t->reported) continue;  // its log has ended, or will in a moment
    if (t->kill_timer != 0) loop_.cancel(std::exchange(t->kill_timer, 0));
    if (t->cause != Cause::none) {
      report(*t, exit_of(0, t->cause, t->why, t->terminal, false));
    } else if (t->pid != 0) {
      report(*t, {"lost", 0, why + " while this task ran in it"});
    } else if (t->launches >= most_handovers) {
      refuse(*t, why + (death.was_ready ? " before this task began, each time" : " before it was ready"));
    } else {
      try {
        if (const std::string error = light_.enter(*t, death.name); !error.empty()) {
          refuse(*t, error);
          continue;
        }
        auto [mine, theirs] = make_socket_pair();
        logs_reader_.add_stream(*t, std::move(mine), LogKind::log);
        light_.start(*t, std::move(theirs));
      } catch (const std::system_error& e) {
        refuse(*t, e.what());
      }
    }
  }
}

}  // namespace venturi::worker
