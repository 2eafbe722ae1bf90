// An operator host for the worker's tests: its operators do what their task_type and `what` say.
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
    } else if (const auto tail = waits_for_tail.find(frame->id); tail != waits_for_tail.end()) {
      finish(tail->second, frame->body.at("line"));
      waits_for_tail.erase(tail);
    }
  }
}
