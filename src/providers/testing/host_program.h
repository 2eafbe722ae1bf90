// The program venturi-operators as the worker starts it, and as mover process, driven by a test.
#pragma once

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "operators/testing/fake_worker.h"
#include "servers/server_process.h"

namespace venturi::providers::testing {

inline pid_t start_operators(const char* argument, int control) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(control, 0);
  ::setenv("VENTURI_TEST_SECRET", "must not reach commands", 1);
  ::execl(OPERATORS_PROGRAM, OPERATORS_PROGRAM, argument, nullptr);
  ::_exit(127);
}

class HostProgramTest : public ::testing::Test {
 protected:
  HostProgramTest() {
    const Fd theirs = worker.host_end();
    pid = start_operators("--venturi-warm", theirs.get());
  }
  ~HostProgramTest() override {
    worker.hang_up();
    if (pid > 0) wait_for_end();
  }
  // Its exit code, or -1.
  int wait_for_end() {
    int status = 0;
    ::waitpid(std::exchange(pid, 0), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  operators::testing::FakeWorker worker;
  pid_t pid = 0;
};

// What a mover said and how it ended.
struct Moved {
  std::vector<Value> messages;  // of the task protocol, in order
  std::string log, err;
  int status = 0;  // as waitpid gives it
  long peak_kib = 0;
  [[nodiscard]] Value message(const std::string& type) const {
    for (const Value& m : messages) {
      if (m.get_string("type") == type) return m;
    }
    return {};
  }
  [[nodiscard]] Value xcom() const {
    const Value set = message("SetXCom");
    return set.get("value") == nullptr ? Value() : set.at("value");
  }
  // Of RetryTask.
  [[nodiscard]] std::string error() const { return message("RetryTask").get_string("retry_reason"); }
};

// The mover process: forks run as children of this test, as they do with the worker.
class MoverProgramTest : public ::testing::Test {
 protected:
  MoverProgramTest() {
    auto [mine, theirs] = make_socket_pair();
    control = std::move(mine);
    pid = start_operators("--venturi-movers", theirs.get());
  }
  ~MoverProgramTest() override {
    control.reset();
    ::waitpid(pid, nullptr, 0);
  }

  struct Running {
    Fd requests, out, err, log;
    pid_t pid = 0;
  };
  // Forks a mover, its StartupDetails on the way.
  Running begin(Object op) {
    if (!ready) {
      const auto first = task::read_frame(control.get());
      EXPECT_TRUE(first && first->body.get_string("type") == "WarmReady");
      EXPECT_EQ(first->body.get_int("threads"), 1);
      ready = true;
    }
    Running running;
    std::array<Fd, 4> theirs;
    Fd* mine[] = {&running.requests, &running.out, &running.err, &running.log};
    std::vector<int> numbers;
    for (std::size_t i = 0; i < 4; ++i) {
      auto [here, there] = make_socket_pair();
      *mine[i] = std::move(here);
      theirs[i] = std::move(there);
      numbers.push_back(theirs[i].get());
    }
    Value details = operators::testing::startup_details("extract", true);
    details.as_object().set("run_dir", folder.path());
    details.as_object().set("operator", std::move(op));
    task::write_frame(running.requests.get(), 0, details);
    EXPECT_TRUE(send_with_fds(control.get(), task::encode_frame(1, Object{{"type", "ForkTask"}, {"ti_id", "t"}}), numbers));
    const auto forked = task::read_frame(control.get());
    EXPECT_TRUE(forked && forked->body.get_string("type") == "Forked") << (forked ? to_json(forked->body) : "nothing");
    running.pid = static_cast<pid_t>(forked ? forked->body.get_int("pid") : 0);
    return running;
  }
  // Answers until it ends.
  Moved finish(Running running) {
    Moved moved;
    try {
      while (const auto frame = task::read_frame(running.requests.get())) {
        moved.messages.push_back(frame->body);
        Value answer;
        if (frame->body.get_string("type") == "GetConnection") {
          const auto found = connections.find(frame->body.get_string("conn_id"));
          answer = found != connections.end() ? found->second
                                              : Value(Object{{"type", "ErrorResponse"}, {"error", "CONNECTION_NOT_FOUND"}});
        }
        task::write_frame(running.requests.get(), frame->id, answer);
      }
    } catch (const std::system_error&) {  // it died with its answer unread
    }
    rusage usage{};
    ::wait4(running.pid, &moved.status, 0, &usage);
    moved.peak_kib = usage.ru_maxrss;
    moved.log = drain(running.log);
    moved.err = drain(running.err);
    return moved;
  }
  Moved run(Object op) { return finish(begin(std::move(op))); }

  static std::string drain(const Fd& fd) {
    std::string text;
    char bytes[65536];
    for (ssize_t n = 0; (n = ::recv(fd.get(), bytes, sizeof bytes, MSG_DONTWAIT)) > 0;)
      text.append(bytes, static_cast<std::size_t>(n));
    return text;
  }

  tests::TestFolder folder;
  std::map<std::string, Value> connections;
  Fd control;
  pid_t pid = 0;
  bool ready = false;
};

}  // namespace venturi::providers::testing
