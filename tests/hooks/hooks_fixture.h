// The hooks' DAG program under a real worker with its operator host; the server is the test.
#pragma once

#include <gmock/gmock.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "worker/testing/worker_fixture.h"

namespace venturi::tests {

class HooksTest : public worker::testing::WorkerTest {
 protected:
  explicit HooksTest(const char* probe = HOOKS_PROBE) {
    program = probe;
    start_and_accept({"--operator-host", OPERATORS_PROGRAM});
  }

  static Object connection(const std::string& conn_id, const char* type, int port, const Object& more = {}) {
    Object c{{"type", "ConnectionResult"}, {"conn_id", conn_id}, {"conn_type", type},
             {"host", "127.0.0.1"},        {"schema", nullptr},  {"login", nullptr},
             {"password", nullptr},        {"port", port},       {"extra", nullptr}};
    for (const auto& [key, value] : more) c.set(key, value);
    return c;
  }
  void until(const std::function<bool()>& condition) {
    server->pump_until(condition);
    EXPECT_TRUE(condition()) << "waited in vain";
  }
  void begin(const std::string& task, const Object& more = {}) { launch(++last, task, more); }
  // What the task returned, as JSON; or what went wrong.
  std::string result(const std::string& task, const Object& more = {}) {
    begin(task, more);
    const Value end = server->wait("TryExited", last);
    for (const auto& frame : server->seen) {
      if (!server->is(frame.body, "TryMessage", last)) continue;
      const Value& body = frame.body.at("body");
      if (body.get_string("type") == "SetXCom") return to_json(body.at("value"), 0);
      if (body.get_string("type") == "TaskState" && body.get_string("state") != "success")
        return body.get_string("state") + ": " + body.get_string("error");
    }
    return "no result: " + to_json(end) + log(last);
  }
  std::vector<std::string> results(const std::string& task) {
    begin(task);
    std::vector<std::string> list;
    const Value end = server->wait("TryExited", last);
    for (const auto& frame : server->seen) {
      if (!server->is(frame.body, "TryMessage", last)) continue;
      const Value& body = frame.body.at("body");
      if (body.get_string("type") == "SetXCom") {
        for (const Value& item : body.at("value").as_array())
          list.push_back(item.is_string() ? item.as_string() : to_json(item));
      } else if (body.get_string("type") == "TaskState") {
        list.push_back(body.get_string("state") + ": " + body.get_string("error"));
      }
    }
    if (list.empty()) list.push_back(to_json(end) + log(last));
    return list;
  }
  // The operator host, below its guard.
  pid_t host() {
    for (std::vector<pid_t> todo{supervisor()}; !todo.empty();) {
      const pid_t pid = todo.back();
      todo.pop_back();
      std::string command = read("/proc/" + std::to_string(pid) + "/cmdline");
      if (command.starts_with(OPERATORS_PROGRAM) && command.find("--venturi-warm") != std::string::npos) return pid;
      const auto children = worker::children_of(pid);
      todo.insert(todo.end(), children.begin(), children.end());
    }
    ADD_FAILURE() << "there is no operator host";
    return 0;
  }

  std::int64_t last = 0;
};

}  // namespace venturi::tests
