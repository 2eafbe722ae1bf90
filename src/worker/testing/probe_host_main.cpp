// An operator host for the worker's tests: its operators do what their task_type and `what` say.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <string>

#include "base/fd.h"
#include "task/frame.h"

namespace {

using venturi::Array;
using venturi::Fd;
using venturi::Object;
using venturi::Value;
namespace task = venturi::task;

task::FrameReader reader;  // of a program this small
std::vector<Fd> fds;
std::int64_t next_id = 1;
std::map<std::int64_t, Value> waits_for_tail;
std::map<std::int64_t, std::int64_t> waits_for_connection;

void exited(const Value& token, const char* kind) {
  task::write_frame(
      0, 0,
      Object{
          {"type", "OperatorExited"}, {"token", token}, {"exit", Object{{"kind", kind}, {"detail", 0}, {"error", nullptr}}}});
}

void finish(const Value& token, const Value& value) {
  for (const Value& body : {Value(Object{{"type", "SetXCom"}, {"key", "return_value"}, {"value", value}}),
                            Value(Object{{"type", "SucceedTask"}, {"end_date", "2026-01-01T00:00:00Z"}})}) {
    task::write_frame(0, next_id++, Object{{"type", "OperatorMessage"}, {"token", token}, {"body", body}});
  }
  exited(token, "ok");
}

void start(const task::Frame& frame) {
  const Value& token = frame.body.at("token");
  const Value& op = frame.body.at("operator");
  task::write_frame(0, frame.id, Object{{"type", "OperatorStarted"}, {"token", token}});
  if (op.get_string("task_type") == "BashOperator") {
    const int out = fds.at(0).get();
    if (::fork() == 0) {
      ::dup2(out, 1);
      ::dup2(fds.at(1).get(), 2);
      ::execl("/bin/sh", "sh", "-c", op.get_string("bash_command").c_str(), nullptr);
      ::_exit(127);
    }
    fds.clear();
    ::wait(nullptr);
    waits_for_tail[next_id] = token;
    task::write_frame(0, next_id++, Object{{"type", "GetOutputTail"}, {"token", token}});
  } else if (op.get_string("what") == "die") {
    if (::fork() == 0) {  // a command that somebody left behind
      ::setsid();
      const std::string path = frame.body.get_string("run_dir") + "/beats";
      ::execl("/bin/sh", "sh", "-c", ("while :; do echo $$ >> " + path + "; sleep 0.01; done").c_str(), nullptr);
    }
    struct stat info{};
    while (::stat((frame.body.get_string("run_dir") + "/beats").c_str(), &info) != 0 || info.st_size == 0) ::usleep(1000);
    ::raise(SIGKILL);
  } else if (op.get_string("what") == "constant") {
    finish(token, 5);
  }  // else it waits until it is cancelled
}

// What happened to hooks is told to whoever runs the worker's test: a file that the last call named.
std::string notes;
void note(const std::string& line) {
  if (notes.empty()) return;
  const Fd file(::open(notes.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  (void)venturi::write_all(file.get(), line + "\n");
}

void call_hook(const task::Frame& frame) {
  const Value& call = frame.body.at("call");
  const std::string method = call.get_string("method");
  notes = call.at("arguments").get_string("notes", notes);
  note(method);
  if (method == "echo") {
    task::write_frame(0, frame.id, Object{{"type", "HookResult"}, {"body", call.at("arguments")}});
  } else if (method == "fail") {
    task::write_frame(0, frame.id, {},
                      Object{{"type", "ErrorResponse"}, {"error", "HOST_CALL_FAILED"}, {"detail", Object{{"message", "no"}}}});
  } else if (method == "ask") {
    waits_for_connection[next_id] = frame.id;
    task::write_frame(0, next_id++,
                      Object{{"type", "HookMessage"},
                             {"session", frame.body.at("session")},
                             {"body", Object{{"type", "GetConnection"}, {"conn_id", call.at("conn_id")}}}});
  } else if (method == "die") {
    ::raise(SIGKILL);
  }  // else it waits until its session is closed
}

}  // namespace

int main() {
  task::write_frame(0, 0, Object{{"type", "WarmReady"}, {"version", "1"}, {"pid", ::getpid()}, {"threads", 1}});
  for (;;) {
    const auto frame = reader.next();
    if (!frame) {
      if (venturi::receive_with_fds(0, reader.buffer(), fds) <= 0) return 0;
      continue;
    }
    const std::string type = frame->body.get_string("type");
    if (type == "StartOperator") {
      start(*frame);
    } else if (type == "CancelOperator") {
      exited(frame->body.at("token"), "killed");
    } else if (type == "RunNotifier") {
      const bool ok = frame->body.get_string("classpath") == "good.Notifier";
      task::write_frame(0, frame->id,
                        Object{{"type", "CallbackResult"},
                               {"no", frame->body.at("no")},
                               {"ok", ok},
                               {"error", ok ? Value() : Value("it is no good")}});
    } else if (type == "CallHook") {
      call_hook(*frame);
    } else if (type == "CloseSession") {
      note("closed " + std::to_string(frame->body.at("session").as_int()));
    } else if (const auto call = waits_for_connection.find(frame->id); call != waits_for_connection.end()) {
      task::write_frame(0, call->second,
                        Object{{"type", "HookResult"}, {"body", Object{{"got", frame->body.get_string("password")}}}});
      waits_for_connection.erase(call);
    } else if (const auto tail = waits_for_tail.find(frame->id); tail != waits_for_tail.end()) {
      const Value* line = frame->body.get("line");
      finish(tail->second, line != nullptr ? *line : frame->body);
      waits_for_tail.erase(tail);
    }
  }
}
