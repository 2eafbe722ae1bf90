// Built-in operators, callbacks and notifiers: what goes through the operator host.
#include <gmock/gmock.h>

#include "base/sanitized.h"
#include "task/msgpack.h"
#include "worker/testing/worker_fixture.h"

namespace venturi::worker::testing {
namespace {

using ::testing::HasSubstr;

TEST_F(WorkerTest, operators_run_in_the_host) {
  start_and_accept();
  for (int i = 1; i <= 50; ++i) launch_operator(i, {{"task_type", "ConstantOperator"}, {"what", "constant"}});
  for (int i = 1; i <= 50; ++i) {
    EXPECT_EQ(server->wait("TryExited", i).at("exit").get_string("kind"), "ok");
    EXPECT_EQ(server->wait_message("SetXCom", i).at("body").at("value").as_int(), 5);
    EXPECT_GT(server->wait("TryStarted", i).at("pid").as_int(), 0);
  }
}

TEST_F(WorkerTest, a_command_of_an_operator_is_logged_and_its_last_line_returned) {
  start_and_accept();
  launch_operator(1, {{"task_type", "BashOperator"}, {"bash_command", "echo one; echo two pass-the-word; echo oh >&2"}});
  server->wait("TryExited", 1);
  EXPECT_EQ(server->wait_message("SetXCom", 1).at("body").get_string("value"), "two pass-the-word");
  EXPECT_THAT(log(1), HasSubstr(R"("event":"one","logger":"task.stdout")"));
  EXPECT_THAT(log(1), HasSubstr(R"("event":"two ***","logger":"task.stdout")"));
  EXPECT_THAT(log(1), HasSubstr(R"("event":"oh","logger":"task.stderr")"));
}

TEST_F(WorkerTest, the_last_line_of_a_command_is_whole_however_it_comes) {
  start_and_accept();
  std::int64_t n = 0;
  const auto last_line = [&](const std::string& command) {
    launch_operator(++n, {{"task_type", "BashOperator"}, {"bash_command", command}});
    server->wait("TryExited", n);
    const Value message = server->wait_message("SetXCom", n);
    const Value body =
        message.get("body") != nullptr ? message.at("body") : task::decode_msgpack(message.at("packed").as_string());
    return body.at("value");
  };
  const std::string long_line = "head -c 200000 /dev/zero | tr '\\0' y";  // written in parts
  EXPECT_EQ(last_line("echo one; " + long_line), Value(std::string(200'000, 'y')));
  EXPECT_EQ(last_line(long_line + "; echo z"), Value(std::string(200'000, 'y') + "z"));
  EXPECT_EQ(last_line(long_line + "; echo; echo two"), Value("two"));
  EXPECT_EQ(last_line("printf aaa; sleep 0.05; printf bbb"), Value("aaabbb"));
  EXPECT_EQ(last_line("echo one; echo"), Value(""));
  EXPECT_EQ(last_line("echo one >&2"), Value(""));
  EXPECT_EQ(last_line("printf 'a\\000b'"), Value(std::string("a\0b", 3)));
  // More than that is told as it is: half of a line would be another value.
  EXPECT_EQ(last_line("head -c 1048576 /dev/zero | tr '\\0' y").as_string().size(), 1'048'576U);
  EXPECT_EQ(last_line("head -c 1048577 /dev/zero | tr '\\0' y").get_int("longer_than"), 1'048'576);
}

TEST_F(WorkerTest, a_log_has_a_limit_and_keeps_its_last_lines) {
  start_and_accept({"--max-task-log-mib", "1"});
  launch_operator(1, {{"task_type", "BashOperator"},
                      {"bash_command",
                       "yes some output | head -c 30000000; head -c 5000000 /dev/zero; echo; echo the end; echo "
                       "the reason >&2"}});
  server->wait("TryExited", 1);
  EXPECT_EQ(server->wait_message("SetXCom", 1).at("body").at("value"), Value("the end"));
  EXPECT_TRUE(eventually([&] { return log(1).find("the reason") != std::string::npos; }));
  const std::string text = log(1);
  EXPECT_LT(text.size(), (1U << 20U) + (600U << 10U));
  EXPECT_THAT(text, HasSubstr(R"("event":"the log has reached its limit, 1 MiB ([logging] max_task_log_mib): of what the task )"
                              R"(prints from here on only the last lines are kept","logger":"venturi.worker")"));
  EXPECT_THAT(text, HasSubstr("bytes of the log are missing; its last lines follow"));
  EXPECT_THAT(text, HasSubstr(R"("event":"the end","logger":"task.stdout")"));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_TRUE(line.starts_with('{') && line.ends_with('}')) << line;
  const std::string status = read("/proc/" + std::to_string(supervisor()) + "/status");
  if (!sanitized) EXPECT_LT(std::stol(status.substr(status.find("VmHWM:") + 6)), 64'000) << "KiB";
}

TEST_F(WorkerTest, an_operator_can_be_ended) {
  start_and_accept();
  launch_operator(1, {{"task_type", "Sensor"}, {"what", "wait"}});
  server->wait("TryStarted", 1);
  server->send(0, Object{{"type", "KillTry"}, {"token", Array{1, 1}}, {"reason", "killed"}});
  EXPECT_EQ(server->wait("TryExited", 1).at("exit").get_string("kind"), "killed");
}

TEST_F(WorkerTest, a_host_that_dies_loses_its_tries_and_nothing_else) {
  start_and_accept();
  launch(1, "wait");
  launch_operator(2, {{"task_type", "Sensor"}, {"what", "wait"}});
  server->wait("TryStarted", 2);
  eventually([&] { return exists("bodies"); });
  launch_operator(3, {{"task_type", "Sensor"}, {"what", "die"}});
  for (const int sequence : {2, 3}) {
    const Value exit = server->wait("TryExited", sequence).at("exit");
    EXPECT_EQ(exit.get_string("kind"), "lost");
    EXPECT_THAT(exit.get_string("error"), HasSubstr("the operator host was ended by SIGKILL"));
  }
  expect_silence("beats");
  launch_operator(4, {{"task_type", "ConstantOperator"}, {"what", "constant"}});
  EXPECT_EQ(server->wait("TryExited", 4).at("exit").get_string("kind"), "ok");
  make("go");
  EXPECT_EQ(server->wait("TryExited", 1).at("exit").get_string("kind"), "ok");
}

TEST_F(WorkerTest, without_a_host_that_comes_up_operators_are_refused) {
  start_and_accept({"--operator-host", "/bin/false"});
  launch_operator(1, {{"task_type", "ConstantOperator"}, {"what", "constant"}});
  const Value refused = server->wait("TryRefused", 1);
  EXPECT_EQ(refused.get_string("reason"), "launch_failed");
  EXPECT_THAT(refused.get_string("why"), HasSubstr("exit code 1 before it was ready"));
}

TEST_F(WorkerTest, callbacks_run_in_program_and_host_and_report_together) {
  server->connections["smtp_default"] =
      Object{{"type", "ConnectionResult"}, {"conn_id", "smtp_default"}, {"password", "mail-secret"}, {"extra", nullptr}};
  start_and_accept();
  Object callback{{"type", "RunCallback"},
                  {"no", 7},
                  {"key", "k"},
                  {"event", "failure"},
                  {"dag_id", "d"},
                  {"run_id", "r"},
                  {"task_id", "t"},
                  {"map_index", -1},
                  {"try_number", 2},
                  {"program", program},
                  {"function", true},
                  {"notifiers", Array{Object{{"classpath", "good.Notifier"}, {"kwargs", Object{}}}}},
                  {"context", Object{}}};
  Value result = server->ask(callback);
  EXPECT_EQ(result.get_string("type"), "CallbackResult");
  EXPECT_EQ(result.at("no").as_int(), 7);
  EXPECT_TRUE(result.at("ok").as_bool()) << to_json(result);
  EXPECT_THAT(read(home + "/logs/dag_id=d/run_id=r/task_id=t/attempt=2.log"),
              HasSubstr("callback of TaskCallbackRequest with ***"));

  callback.set("no", 8);
  callback.set("notifiers", Array{Object{{"classpath", "bad.Notifier"}, {"kwargs", Object{}}}});
  result = server->ask(callback);
  EXPECT_FALSE(result.at("ok").as_bool());
  EXPECT_EQ(result.get_string("error"), "it is no good");
}

}  // namespace
}  // namespace venturi::worker::testing
