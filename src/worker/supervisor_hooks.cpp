// What a task asks of the operator host: connections that a DAG program has no driver for, and rendered templates. We pass
// frames.
//
//   task ──HostCall──▶ (OpenSession with the first) CallHook ──▶ host ──GetConnection, ...──▶ server
//        ◀── its answer, unread ──────────────────────────────────┘
//
// A session belongs to the try: it is closed when the try's process ended, however that was, or is being ended. A host that
// died takes its sessions along: the call that waited, or else the next one, is told, and the one after it opens a new session.
#include <utility>

#include "worker/answer_secrets.h"
#include "worker/supervisor.h"

namespace venturi::worker {
namespace {

Value error_response(const std::string& message) {
  return Object{{"type", "ErrorResponse"}, {"error", "HOST_CALL_FAILED"}, {"detail", Object{{"message", message}}}};
}

}  // namespace

void Supervisor::call_host(Try& t, const task::Frame& frame) {
  const auto refuse = [&](const std::string& why) { answer(t, frame.id, {}, error_response(why)); };
  if (!t.session_lost.empty()) return refuse(std::exchange(t.session_lost, {}));
  if (t.cause != Cause::none) return refuse("the try is being ended: " + t.why);
  if (const std::string error = host_.ensure(); !error.empty()) return refuse(error);
  if (!t.has_session) open_session(t);
  t.host_calls.push_back(frame.id);
  std::string message;
  task::MapWriter map(message);
  map.add("type", "CallHook");
  map.add("session", static_cast<std::int64_t>(t.id));
  map.add("call", frame.body);
  host_.request_packed(message, [this, id = t.id, call = frame.id](const task::Frame& answered) {
    const auto found = tries_.find(id);
    if (found == tries_.end()) return;
    Try& asker = *found->second;
    if (std::erase(asker.host_calls, call) == 0) return;  // told already that it is in vain
    if (!answered.error.is_null()) return answer(asker, call, {}, answered.error);
    const Value* body = answered.body.get("body");
    if (body == nullptr) return answer(asker, call, {});
    answer(asker, call, Object{{"type", "PackedAnswer"}, {"packed", *body}});
  });
}

void Supervisor::open_session(Try& t) {
  t.has_session = true;
  host_.send(0, Object{{"type", "OpenSession"},
                       {"session", static_cast<std::int64_t>(t.id)},
                       {"label", t.label},
                       {"log_path", t.log.path()},
                       {"secrets", Array(t.secrets.begin(), t.secrets.end())}});
}

// `why`: for calls that wait; empty where nobody is left to hear it.
void Supervisor::close_session(Try& t, const std::string& why) {
  if (!std::exchange(t.has_session, false)) return;
  for (const std::int64_t call : std::exchange(t.host_calls, {})) {
    if (!why.empty()) answer(t, call, {}, error_response(why));
  }
  host_.send(0, Object{{"type", "CloseSession"}, {"session", static_cast<std::int64_t>(t.id)}});
}

// GetConnection and the like, asked in the name of the try.
void Supervisor::on_hook_message(const task::Frame& frame) {
  const auto found = tries_.find(static_cast<std::uint64_t>(frame.body.at("session").as_int()));
  if (found == tries_.end() || !found->second->has_session) {
    if (frame.id != 0) host_.send(frame.id, {}, error_response("the try is over"));
    return;
  }
  Try& t = *found->second;
  const std::string& body = frame.body.at("body").as_string();
  const std::string message = task::packed_member(body, "type").as_string();
  if (message == "MaskSecret") {
    logs_reader_.add_secrets(t, strings_in(task::packed_member(body, "value")));
    host_.send(frame.id, {});
    return;
  }
  if (is_write(message)) throw task::ProtocolError("a hook sent '" + message + "'");
  forward(t, message, body, {.from = Request::From::host, .process = host_.generation(), .frame = frame.id, .session = t.id});
  --t.open_questions;  // its answer goes to the host
}

void Supervisor::sessions_lost(const std::string& why) {
  for (const auto& [id, t] : tries_) {
    if (!std::exchange(t->has_session, false)) continue;
    const std::string told = why + ", and with it the connections of this task; the next call opens new ones";
    const auto calls = std::exchange(t->host_calls, {});
    for (const std::int64_t call : calls) answer(*t, call, {}, error_response(told));
    if (calls.empty()) t->session_lost = told;
  }
}

}  // namespace venturi::worker
