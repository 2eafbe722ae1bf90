// The worker from launch to report, with a real task program.
#include <gmock/gmock.h>

#include "worker/testing/worker_fixture.h"

namespace venturi::worker::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(WorkerTest, a_task_runs_logs_and_succeeds) {
  start_and_accept();
  launch(1, "hello");
  const Value started = server->wait("TryStarted", 1);
  EXPECT_GT(pid_of(started), 0);
  const Value xcom = server->wait_message("SetXCom", 1);
  EXPECT_EQ(xcom.at("seq").as_int(), 1);
  EXPECT_EQ(xcom.at("body").at("value").as_int(), 42);
  EXPECT_EQ(server->wait_message("SucceedTask", 1).at("seq").as_int(), 2);
  const Value exited = server->wait("TryExited", 1);
  EXPECT_EQ(exited.at("exit").get_string("kind"), "ok");
  EXPECT_EQ(exited.at("seq").as_int(), 3);
  EXPECT_TRUE(exited.at("terminal").as_bool());
  const std::string text = log(1);
  EXPECT_THAT(text, HasSubstr("{\"event\":\"from the log socket\"}\n"));
  EXPECT_THAT(text, HasSubstr(R"("level":"info","event":"to stdout","logger":"task.stdout"})"));
  EXPECT_THAT(text, HasSubstr(R"("level":"error","event":"to stderr without an end","logger":"task.stderr"})"));
  const auto status = std::filesystem::status(home + "/logs/" + log_path(1));
  EXPECT_EQ(status.permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(WorkerTest, many_launches_at_once_all_run) {
  start_and_accept();
  for (int i = 1; i <= 100; ++i) launch(i, "hello");
  for (int i = 1; i <= 100; ++i) EXPECT_EQ(server->wait("TryExited", i).at("exit").get_string("kind"), "ok");
  EXPECT_EQ(std::count_if(server->seen.begin(), server->seen.end(),
                          [](const auto& f) { return f.body.get_string("type") == "TryStarted"; }),
            100);
}

TEST_F(WorkerTest, a_program_with_threads_is_executed_for_each_try) {
  program = home + "/threaded";
  std::filesystem::copy_file(WORKER_PROBE, program);
  start_and_accept();
  launch(1, "hello");
  launch(2, "hello");
  EXPECT_EQ(server->wait("TryExited", 1).at("exit").get_string("kind"), "ok");
  EXPECT_EQ(server->wait("TryExited", 2).at("exit").get_string("kind"), "ok");
  EXPECT_THAT(log(2), HasSubstr("from the log socket"));
}

TEST_F(WorkerTest, a_replaced_program_is_used_at_once) {
  program = home + "/replaced";
  std::filesystem::copy_file(WORKER_PROBE, program);
  start_and_accept();
  launch(1, "hello");
  server->wait("TryExited", 1);
  std::filesystem::copy_file("/bin/false", home + "/new");
  std::filesystem::rename(home + "/new", program);
  launch(2, "hello");
  const Value refused = server->wait("TryRefused", 2);
  EXPECT_EQ(refused.get_string("reason"), "launch_failed");
  EXPECT_THAT(refused.get_string("why"), HasSubstr("exit code 1 before it was ready"));
}

TEST_F(WorkerTest, what_cannot_be_started_is_refused_and_the_rest_goes_on) {
  start_and_accept();
  launch(1, "hello", {{"program", home + "/none"}});
  launch(2, "hello", {{"log_path", "../outside.log"}});
  launch(3, "hello");
  program = home + "/crashing";
  std::filesystem::copy_file(WORKER_PROBE, program);
  launch(4, "hello");
  EXPECT_THAT(server->wait("TryRefused", 1).get_string("why"), HasSubstr("none: No such file"));
  EXPECT_THAT(server->wait("TryRefused", 2).get_string("why"), HasSubstr("../outside.log"));
  EXPECT_EQ(server->wait("TryExited", 3).at("exit").get_string("kind"), "ok");
  EXPECT_THAT(server->wait("TryRefused", 4).get_string("why"), HasSubstr("SIGABRT before it was ready"));
  EXPECT_THAT(server->ask_tokens({1, 3, 4}), ElementsAre("never_started", "unknown", "never_started"));
  EXPECT_FALSE(std::filesystem::exists(home + "/outside.log"));
}

TEST_F(WorkerTest, secrets_do_not_reach_the_log) {
  server->connections["test_db"] =
      Object{{"type", "ConnectionResult"}, {"conn_id", "test_db"}, {"password", "hush-hush-word"}, {"extra", nullptr}};
  start_and_accept();
  launch(1, "secret");
  server->wait("TryExited", 1);
  EXPECT_THAT(log(1), HasSubstr("the password is ***, and ***"));
  EXPECT_THAT(log(1), HasSubstr("with ***"));
  EXPECT_THAT(log(1), Not(HasSubstr("hush")));
}

TEST_F(WorkerTest, the_ends_of_tasks_are_told_apart) {
  start_and_accept({"--success-overtime-s", "0.2"});
  const std::pair<const char*, const char*> cases[] = {{"exit3", "exit_code"},
                                                       {"abort", "signal"},
                                                       {"silent", "exit_code"},
                                                       {"rubbish", "killed"},
                                                       {"succeed_then_hang", "signal"}};
  std::int64_t sequence = 0;
  for (const auto& [what, kind] : cases) launch(++sequence, what);
  sequence = 0;
  for (const auto& [what, kind] : cases) {
    const Value exit = server->wait("TryExited", ++sequence).at("exit");
    EXPECT_EQ(exit.get_string("kind"), kind) << what;
    EXPECT_FALSE(exit.get_string("error").empty());
  }
  EXPECT_EQ(server->wait("TryExited", 1).at("exit").at("detail").as_int(), 3);
  EXPECT_EQ(server->wait("TryExited", 2).at("exit").at("detail").as_int(), SIGABRT);
  EXPECT_THAT(server->wait("TryExited", 3).at("exit").get_string("error"), HasSubstr("without telling its outcome"));
  EXPECT_TRUE(server->wait("TryExited", 5).at("terminal").as_bool());
}

TEST_F(WorkerTest, a_task_that_is_faster_than_its_warm_process_ends_in_time_too) {
  start_and_accept({"--success-overtime-s", "0.2"});
  Value body = launch_body(1, "succeed_then_hang");
  body.as_object().find("ti")->as_object().set("id", "late:" + file("succeeded"));
  server->send(0, body);
  const Value exited = server->wait("TryExited", 1);
  EXPECT_EQ(exited.at("exit").get_string("kind"), "signal");
  EXPECT_TRUE(exited.at("terminal").as_bool());
}

TEST_F(WorkerTest, a_timeout_ends_the_whole_process_group) {
  start_and_accept();
  launch(1, "stubborn", {{"execution_timeout", 0.2}});
  const Value exit = server->wait("TryExited", 1).at("exit");
  EXPECT_EQ(exit.get_string("kind"), "timeout");
  EXPECT_EQ(exit.at("detail").as_int(), SIGKILL);
  EXPECT_THAT(exit.get_string("error"), HasSubstr("0.2 s"));
  expect_silence("beats");
}

TEST_F(WorkerTest, the_server_can_end_a_try) {
  start_and_accept();
  launch(1, "hang");
  server->wait("TryStarted", 1);
  eventually([&] { return exists("bodies"); });
  server->send(0, Object{{"type", "KillTry"}, {"token", Array{1, 1}}, {"reason", "killed"}});
  EXPECT_EQ(server->wait("TryExited", 1).at("exit").get_string("kind"), "killed");
  // And one that was not even begun.
  launch(2, "hang");
  server->send(0, Object{{"type", "KillTry"}, {"token", Array{1, 2}}, {"reason", "dagrun_timeout"}});
  EXPECT_THAT(server->wait("TryExited", 2).at("exit").get_string("kind"), ::testing::AnyOf("killed", "timeout"));
}

TEST_F(WorkerTest, a_writer_of_single_bytes_and_a_long_line_do_not_stand_still) {
  start_and_accept();
  launch(1, "bytes");
  EXPECT_EQ(server->wait("TryExited", 1).at("exit").get_string("kind"), "ok");
  const std::string text = log(1);
  EXPECT_EQ(std::count(text.begin(), text.end(), 'x'), 3000);
  EXPECT_EQ(std::count(text.begin(), text.end(), 'y'), 200'000);
  EXPECT_THAT(text, HasSubstr(std::string(3000, 'x')));
}

TEST_F(WorkerTest, output_of_a_process_left_behind_holds_nothing_up_and_is_logged) {
  start_and_accept();
  launch(1, "late_daemon");
  EXPECT_EQ(server->wait("TryExited", 1).at("exit").get_string("kind"), "ok");
  eventually([&] { return log(1).find("from a process left behind") != std::string::npos; });
}

TEST_F(WorkerTest, a_task_finds_nothing_of_ours_around_it) {
  environment = {{"VENTURI__DATABASE__SQL_ALCHEMY_CONN", "secret"},
                 {"AIRFLOW_CONN_TEST_DB", "secret"},
                 {"PATH", "/usr/bin:/bin"},
                 {"HOME", "/tmp"},
                 {"LANG", "C.UTF-8"},
                 {"TZ", "UTC"},
                 {"USER", "somebody"}};
  for (const bool warm : {true, false}) {
    if (!warm) {
      program = home + "/threaded";
      std::filesystem::copy_file(WORKER_PROBE, program);
    }
    std::filesystem::remove_all(home + "/worker");
    server->stop();
    server->start();
    start_and_accept();
    launch(1, "surroundings");
    const Value found = server->wait_message("SetXCom", 1).at("body").at("value");
    std::vector<std::string> names;
    for (const Value& entry : found.at("environment").as_array()) names.push_back(entry.as_string());
    EXPECT_THAT(names, ElementsAre("PATH=/usr/bin:/bin", "HOME=/tmp", "LANG=C.UTF-8", "TZ=UTC", "USER=somebody",
                                   "VENTURI_WORKER=" + home));
    EXPECT_EQ(found.at("files"), Value(Array{0, 1, 2, 3}));
    const Value& limits = found.at("limits");
    EXPECT_EQ(limits.as_array().at(0), Value(Array{0, 0}));
    EXPECT_EQ(limits.as_array().at(1), Value(Array{4096, 4096}));
    EXPECT_EQ(limits.as_array().at(2).as_array().at(0).as_int(), -1);  // RLIM_INFINITY
    EXPECT_EQ(found.at("odd_signals").as_int(), 0);
    EXPECT_TRUE(found.at("own_group").as_bool());
    server->wait("TryExited", 1);
    ::kill(worker, SIGTERM);
    EXPECT_EQ(wait_for_end(), 0);
  }
}

TEST_F(WorkerTest, a_second_worker_for_the_same_home_is_refused) {
  start_and_accept();
  const pid_t first = worker;
  start();
  EXPECT_EQ(wait_for_end(), 3 << 8);
  worker = first;
}

TEST_F(WorkerTest, a_signal_drains_and_a_second_one_ends_at_once) {
  start_and_accept();
  launch(1, "wait");
  server->wait("TryStarted", 1);
  eventually([&] { return exists("bodies"); });
  ::kill(worker, SIGTERM);
  std::int64_t sequence = 2;
  eventually([&] {  // drains: a launch stays without a word
    launch(++sequence, "silent");
    return server->ask_tokens({sequence}).at(0) == "never_started";
  });
  make("go");
  EXPECT_EQ(server->wait("TryExited", 1).at("exit").get_string("kind"), "ok");
  EXPECT_EQ(wait_for_end(), 0);

  server->stop();
  server->start();
  start_and_accept();
  launch(++sequence, "daemon");
  eventually([&] { return !read(file("beats")).empty(); });
  ::kill(worker, SIGINT);
  ::kill(supervisor(), SIGSTOP);                            // even one that does not react
  eventually([&] { return !is_pending(worker, SIGINT); });  // or both would be one
  ::kill(worker, SIGINT);
  EXPECT_EQ(wait_for_end(), 1 << 8);
  expect_silence("beats");
}

TEST_F(WorkerTest, a_draining_worker_does_not_wait_for_the_output_of_what_tries_left_behind) {
  start_and_accept();
  launch(1, "daemon_with_output");
  EXPECT_EQ(server->wait("TryExited", 1).at("exit").get_string("kind"), "ok");
  ::kill(worker, SIGTERM);
  const auto start = Clock::now();
  EXPECT_EQ(wait_for_end(), 0);
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(20));
  expect_silence("beats");
}

TEST_F(WorkerTest, without_a_server_it_ends_so_long_after_its_last_try) {
  start_and_accept({"--server-grace-s", "0.5"});
  launch(1, "wait");
  server->wait("TryStarted", 1);
  eventually([&] { return exists("bodies"); });
  const auto lost = Clock::now();
  server->stop();
  // Longer than the grace: it stays as long as a try runs.
  eventually([&] { return Clock::now() - lost > std::chrono::milliseconds(1100); });
  EXPECT_EQ(::waitpid(worker, nullptr, WNOHANG), 0);
  const auto ended = Clock::now();
  make("go");
  EXPECT_EQ(wait_for_end(), 0);
  EXPECT_GE(Clock::now() - ended, std::chrono::milliseconds(500));
  EXPECT_GT(std::filesystem::file_size(home + "/worker/journal"), 0U);
}

TEST_F(WorkerTest, ends_when_there_is_no_server_for_too_long) {
  server->stop();
  start({"--server-grace-s", "0.2"});
  EXPECT_EQ(wait_for_end(), 0);
}

}  // namespace
}  // namespace venturi::worker::testing
