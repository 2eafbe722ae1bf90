// What tasks ask of the operator host: whose calls they are, and what becomes of them when somebody dies.
#include <gmock/gmock.h>

#include "worker/testing/worker_fixture.h"

namespace venturi::worker::testing {
namespace {

using ::testing::HasSubstr;

class WorkerHooksTest : public WorkerTest {
 protected:
  WorkerHooksTest() {
    server->connections["test_db"] =
        Object{{"type", "ConnectionResult"}, {"conn_id", "test_db"}, {"password", "hush-hush"}, {"extra", nullptr}};
  }
  std::string answers(std::int64_t sequence) {
    return to_json(server->wait_message("SetXCom", sequence).at("body").at("value"));
  }
  std::string notes() const { return read(file("notes")); }
  // The process that the guard below the supervisor runs.
  pid_t host() {
    pid_t pid = 0;
    eventually([&] {
      for (const pid_t below : descendants(supervisor())) {
        if (read("/proc/" + std::to_string(below) + "/cmdline").starts_with(WORKER_PROBE_HOST)) pid = below;
      }
      return pid != 0;
    });
    return pid;
  }
  static std::vector<pid_t> descendants(pid_t of) {
    std::vector<pid_t> all = children_of(of);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto more = children_of(all[i]);
      all.insert(all.end(), more.begin(), more.end());
    }
    return all;
  }
};

constexpr const char* died =
    "the operator host was ended by SIGKILL, and with it the connections of this task; the next call opens new ones";

TEST_F(WorkerHooksTest, a_call_is_answered_with_what_the_host_says) {
  start_and_accept();
  launch(1, "hook:echo,fail,ask,echo");
  const std::string echo = R"({"notes":")" + file("notes") + "\"}";
  EXPECT_EQ(answers(1), "[" + echo + R"(,"error: no",{"got":"hush-hush"},)" + echo + "]");
  EXPECT_EQ(server->wait("TryExited", 1).at("exit").get_string("kind"), "ok");
  eventually([&] { return notes().find("closed") != std::string::npos; });
  EXPECT_THAT(notes(), HasSubstr("echo\nfail\nask\necho\nclosed "));
}

TEST_F(WorkerHooksTest, the_host_asks_in_the_name_of_the_try_and_its_secrets_are_masked) {
  start_and_accept();
  launch(1, "hook:ask");
  EXPECT_EQ(server->wait_message("GetConnection", 1).at("token"), Value(Array{1, 1}));
  server->wait("TryExited", 1);
}

TEST_F(WorkerHooksTest, what_templates_asked_for_is_masked_in_rendered_fields) {
  start_and_accept();
  launch(1, "rendered");
  EXPECT_EQ(to_json(server->wait_message("SetRenderedFields", 1).at("body").at("rendered_fields")), R"({"got":"***"})");
  EXPECT_EQ(server->wait("TryExited", 1).at("exit").get_string("kind"), "ok");
}

TEST_F(WorkerHooksTest, a_killed_task_ends_its_session) {
  start_and_accept();
  launch(1, "hook:wait");
  const pid_t pid = pid_of(server->wait("TryStarted", 1));
  eventually([&] { return notes() == "wait\n"; });
  ::kill(pid, SIGKILL);
  EXPECT_EQ(server->wait("TryExited", 1).at("exit").get_string("kind"), "signal");
  eventually([&] { return notes().find("closed") != std::string::npos; });
}

TEST_F(WorkerHooksTest, a_try_that_is_being_ended_has_no_session_any_more) {
  start_and_accept();
  launch(1, "hook:wait,echo");
  server->wait("TryStarted", 1);
  eventually([&] { return notes() == "wait\n"; });
  server->send(0, Object{{"type", "KillTry"}, {"token", Array{1, 1}}, {"reason", "killed"}});
  EXPECT_EQ(server->wait("TryExited", 1).at("exit").get_string("kind"), "killed");
  eventually([&] { return notes().find("closed") != std::string::npos; });
  EXPECT_EQ(notes().find("echo"), std::string::npos);
}

TEST_F(WorkerHooksTest, execution_timeout_ends_the_session) {
  start_and_accept();
  launch(1, "hook:wait", {{"execution_timeout", 0.2}});
  EXPECT_EQ(server->wait("TryExited", 1).at("exit").get_string("kind"), "timeout");
  eventually([&] { return notes().find("closed") != std::string::npos; });
}

TEST_F(WorkerHooksTest, a_host_that_dies_fails_the_call_and_nothing_else) {
  start_and_accept();
  launch(1, "hook:echo,die,echo");
  const std::string echo = R"({"notes":")" + file("notes") + "\"}";
  EXPECT_EQ(answers(1), "[" + echo + R"(,"error: )" + died + "\"," + echo + "]");
  EXPECT_EQ(server->wait("TryExited", 1).at("exit").get_string("kind"), "ok");
}

TEST_F(WorkerHooksTest, a_host_that_died_between_calls_is_told_to_the_next_one) {
  start_and_accept();
  launch(1, "hook:echo,ask,echo");  // the server holds the second call up until the host is dead
  server->answers = false;
  server->wait_message("GetConnection", 1);
  const pid_t victim = host();
  ::kill(victim, SIGKILL);
  eventually([&] { return !alive(victim); });
  server->answers = true;
  EXPECT_THAT(answers(1), HasSubstr(died));
}

TEST_F(WorkerHooksTest, without_a_host_a_call_says_so) {
  start_and_accept({"--operator-host", ""});
  launch(1, "hook:echo");
  EXPECT_EQ(answers(1), R"x(["error: this worker was started without an operator host (--operator-host)"])x");
  launch(2, "hello");
  EXPECT_EQ(server->wait("TryExited", 2).at("exit").get_string("kind"), "ok");
}

TEST_F(WorkerHooksTest, a_host_that_does_not_come_up_fails_the_call) {
  start_and_accept({"--operator-host", "/bin/false"});
  launch(1, "hook:echo");
  EXPECT_THAT(answers(1), HasSubstr("error: the operator host ended with exit code 1, and with it the connections"));
}

}  // namespace
}  // namespace venturi::worker::testing
