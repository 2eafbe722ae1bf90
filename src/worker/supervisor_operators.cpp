// Tries of built-in operators, which run in the operator host.
#include "base/kill_point.h"
#include "base/time.h"
#include "worker/answer_secrets.h"
#include "worker/supervisor.h"

namespace venturi::worker {
Try* Supervisor::find_try(Token token) {
  const auto found = by_token_.find(token);
  return found == by_token_.end() ? nullptr : found->second;
}

// Throws std::system_error where its sockets cannot be made.
void Supervisor::start_operator(Try& t, const Value& body, std::string_view details, bool with_output) {
  if (const std::string error = host_.ensure(); !error.empty()) return refuse(t, error);
  std::vector<std::pair<Fd, LogKind>> streams;
  std::vector<Fd> fds;
  if (with_output) {
    for (const LogKind kind : {LogKind::out, LogKind::err}) {
      auto [mine, theirs] = make_socket_pair();
      streams.emplace_back(std::move(mine), kind);
      fds.push_back(std::move(theirs));
    }
  }
  logs_reader_.open(t, std::move(streams));
  kill_point("worker.before_fork");
  std::string message;
  task::MapWriter map(message);
  map.add("type", "StartOperator");
  map.add("token", to_value(t.token));
  map.add_packed("details", details);
  map.add_packed("operator", body.at("operator").as_string());
  map.add("log_path", t.log.path());
  for (const char* key : {"run_dir", "secrets", "execution_timeout"}) map.add(key, body.at(key));
  host_.request_packed(
      message,
      [this, token = t.token](const task::Frame& answer) {
        Try* started = find_try(token);
        if (started == nullptr) return;
        if (!answer.error.is_null()) return refuse(*started, "the operator host refused it: " + to_json(answer.error));
        started->pid = host_.pid();
        kill_point("worker.before_started");
        server_.send(Object{
            {"type", "TryStarted"}, {"token", to_value(token)}, {"pid", started->pid}, {"start_date", started->start_date}});
      },
      std::move(fds));
  kill_point("worker.after_fork");
}

void Supervisor::on_host_message(const task::Frame& frame) {
  const std::string type = frame.body.get_string("type");
  if (type == "NotifierMessage") {
    server_.request_packed({.from = Request::From::host, .process = host_.generation(), .frame = frame.id},
                           message_of("CallbackMessage", frame.body.at("no").as_int(), frame.body.at("body").as_string()));
    return;
  }
  if (type == "WatcherMessage") {
    server_.request_packed({.from = Request::From::host, .process = host_.generation(), .frame = frame.id},
                           message_of("WatcherMessage", frame.body.at("no").as_int(), frame.body.at("body").as_string()));
    return;
  }
  if (type == "HookMessage") return on_hook_message(frame);
  Try* t = find_try(parse_token(frame.body.at("token")));
  if (t == nullptr) {
    // Reported already; nobody may wait for ever.
    if (frame.id != 0)
      host_.send(frame.id, {}, Object{{"type", "ErrorResponse"}, {"error", "GENERIC_ERROR"}, {"detail", nullptr}});
    return;
  }
  if (type == "OperatorMessage") {
    const std::string& body = frame.body.at("body").as_string();
    const std::string message = task::packed_member(body, "type").as_string();
    if (message == "MaskSecret") {
      logs_reader_.add_secrets(*t, strings_in(task::packed_member(body, "value")));
      host_.send(frame.id, {});
      return;
    }
    forward(*t, message, body, {.from = Request::From::host, .process = host_.generation(), .frame = frame.id});
    t->open_questions = 0;  // their answers go to the host, which outlives the try
  } else if (type == "OperatorExited") {
    kill_point("worker.exited");
    t->host_exit = frame.body.at("exit");
    logs_reader_.pump(*t);
    if (t->reported) return;
    if (t->output_ended()) return on_output_end(*t);
    t->output_timer = loop_.after(std::chrono::milliseconds(100), [this, t] {
      t->output_timer = 0;
      logs_reader_.pump(*t);
      on_output_end(*t);
    });
  } else if (type == "GetOutputTail") {
    std::string line = logs_reader_.last_line_of_stdout(*t);
    if (line.size() > most_last_line)
      host_.send(frame.id, Object{{"type", "OutputTail"}, {"longer_than", most_last_line}});
    else
      host_.send(frame.id, Object{{"type", "OutputTail"}, {"line", std::move(line)}});
  } else {
    throw task::ProtocolError("it sent '" + type + "'");
  }
}

void Supervisor::on_host_died(const std::string& why, bool was_ready) {
  std::vector<Try*> lost;
  for (const auto& [token, t] : by_token_) {
    if (t->kind == Try::Kind::host_operator) lost.push_back(t);
  }
  for (Try* t : lost) {
    if (!was_ready) {  // it was asked for nothing yet
      refuse(*t, why + " before it was ready");
      continue;
    }
    logs_reader_.pump(*t);
    if (t->host_exit && !t->reported) on_output_end(*t);
    if (!t->reported) report(*t, {"lost", 0, why + " while the operator ran"});
  }
  callbacks_.host_died(why);
  sessions_lost(why);
  if (watches_) watch_later();
}

// The watchers of assets that the server wants, all of them.
void Supervisor::watch(const Value& body) {
  watches_ = !body.at("watchers").as_array().empty();
  if (!watches_ && host_.pid() == 0) return;
  if (const std::string error = host_.ensure(); !error.empty()) {
    std::fprintf(stderr, "venturi-worker: assets are not watched: %s\n", error.c_str());
    return watch_later();
  }
  host_.send(0, body);
}

// The server tells anew what is wanted, and from which state it goes on.
void Supervisor::watch_later() {
  if (watch_timer_ != 0 || draining_) return;
  watch_timer_ = loop_.after(std::chrono::seconds(1), [this] {
    watch_timer_ = 0;
    server_.send(Object{{"type", "WatchersLost"}});
  });
}

}  // namespace venturi::worker
