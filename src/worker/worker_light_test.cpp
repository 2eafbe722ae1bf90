// Light tasks: a program's own process runs many of them.
#include <gmock/gmock.h>

#include "worker/testing/worker_fixture.h"

namespace venturi::worker::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class WorkerLightTest : public WorkerTest {
 protected:
  WorkerLightTest() { program = WORKER_LIGHT_PROBE; }

  void launch_light(std::int64_t sequence, const std::string& what, Object more = {}) {
    more.set("light", true);
    launch(sequence, what, more);
  }
  Value exit_of(std::int64_t sequence) { return server->wait("TryExited", sequence).at("exit"); }
  void wait_for_body(const std::string& name) {
    eventually([&] { return exists(name); });
  }
};

TEST_F(WorkerLightTest, many_run_in_one_process) {
  start_and_accept();
  for (int i = 1; i <= 50; ++i) launch_light(i, "hello");
  std::set<pid_t> pids;
  for (int i = 1; i <= 50; ++i) {
    EXPECT_EQ(exit_of(i).get_string("kind"), "ok");
    EXPECT_EQ(server->wait_message("SetXCom", i).at("body").at("value").as_int(), 42);
    pids.insert(pid_of(server->wait("TryStarted", i)));
    EXPECT_THAT(log(i), AllOf(HasSubstr("hello with ***"), Not(HasSubstr("pass-the-word"))));
  }
  EXPECT_EQ(pids.size(), 1u);
  // The process that the tasks saw is the one that the server was told of.
  EXPECT_THAT(read(file("bodies")), HasSubstr(std::to_string(*pids.begin())));
}

TEST_F(WorkerLightTest, a_launch_is_carried_out_once_also_after_a_restart) {
  start_and_accept();
  launch_light(1, "hello");
  launch_light(1, "hello");
  EXPECT_EQ(server->wait("TryRefused", 1).get_string("reason"), "token");
  exit_of(1);
  kill_supervisor();
  server->accept();
  launch_light(1, "hello");
  server->pump_until([&] { return server->count("TryRefused", 1) == 2; });
  EXPECT_EQ(read(file("bodies")).find('\n'), read(file("bodies")).size() - 1) << "it ran twice";
}

TEST_F(WorkerLightTest, what_it_prints_is_masked_in_the_workers_output) {
  server->connections["test_db"] =
      Object{{"type", "ConnectionResult"}, {"conn_id", "test_db"}, {"password", "db-secret"}, {"extra", nullptr}};
  ::testing::internal::CaptureStderr();
  start_and_accept();
  launch_light(1, "secret");
  EXPECT_EQ(exit_of(1).get_string("kind"), "ok");
  EXPECT_THAT(log(1), HasSubstr("the password is ***"));
  launch_light(2, "crash");  // ends the process: then all of it was read
  exit_of(2);
  const std::string printed = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(printed, HasSubstr("d (light): printed *** and ***\n"));
  EXPECT_THAT(printed, HasSubstr("d (light): last words\n"));
}

TEST_F(WorkerLightTest, a_crash_loses_those_that_had_begun_and_nothing_else) {
  start_and_accept();
  launch(10, "wait");  // a process of its own
  launch_light(1, "wait");
  server->wait("TryStarted", 1);
  server->wait("TryStarted", 10);
  launch_light(2, "crash");
  for (const int sequence : {1, 2}) {
    const Value exit = exit_of(sequence);
    EXPECT_EQ(exit.get_string("kind"), "lost");
    EXPECT_EQ(exit.get_string("error"), "the light process of d was ended by SIGSEGV while this task ran in it");
  }
  EXPECT_THAT(log(2), AllOf(HasSubstr("about to crash"), HasSubstr("ended by SIGSEGV")));
  launch_light(3, "exit");
  EXPECT_EQ(exit_of(3).get_string("error"), "the light process of d ended with exit code 3 while this task ran in it");
  launch_light(4, "hello");  // the next one
  EXPECT_EQ(exit_of(4).get_string("kind"), "ok");
  make("go");
  EXPECT_EQ(exit_of(10).get_string("kind"), "ok");
}

TEST_F(WorkerLightTest, one_that_had_not_begun_goes_on_in_the_next_process) {
  start_and_accept({"--light-threads", "1"});
  launch_light(1, "deaf");
  const pid_t first = pid_of(server->wait("TryStarted", 1));
  launch_light(2, "hello");
  wait_for_body("deaf");
  // The second one has been handed over once the worker answers what came after it.
  server->ask_tokens({2});
  ::kill(first, SIGKILL);
  EXPECT_EQ(exit_of(1).get_string("kind"), "lost");
  EXPECT_EQ(exit_of(2).get_string("kind"), "ok");
  EXPECT_EQ(server->count("TryStarted", 2), 1u);
  EXPECT_NE(pid_of(server->wait("TryStarted", 2)), first);
  EXPECT_THAT(log(2), HasSubstr("hello with ***"));
}

TEST_F(WorkerLightTest, one_whose_end_is_wanted_is_asked_first) {
  start_and_accept();
  launch_light(1, "wait");
  launch_light(2, "wait", {{"execution_timeout", 0.05}});
  server->wait("TryStarted", 1);
  wait_for_body("bodies");
  server->send(0, Object{{"type", "KillTry"}, {"token", Array{1, 1}}, {"reason", "killed"}});
  Value exit = exit_of(1);
  EXPECT_EQ(exit.get_string("kind"), "killed");
  EXPECT_EQ(exit.get_string("error"), "the server asked for its end: killed");
  exit = exit_of(2);
  EXPECT_EQ(exit.get_string("kind"), "timeout");
  EXPECT_EQ(exit.get_string("error"), "its time-out of 0.05 s was over");
  EXPECT_THAT(log(1), HasSubstr("it is asked to stop"));
}

TEST_F(WorkerLightTest, one_that_does_not_stop_takes_its_process_with_it) {
  start_and_accept();
  launch_light(1, "deaf", {{"execution_timeout", 0.05}});
  launch_light(2, "wait");
  server->wait("TryStarted", 2);
  EXPECT_EQ(exit_of(1).get_string("kind"), "timeout");
  const Value other = exit_of(2);
  EXPECT_EQ(other.get_string("kind"), "lost");
  EXPECT_EQ(other.get_string("error"),
            "the light process of d was ended by SIGKILL, since d.deaf, run r, try 1 did not stop when it was asked to, while "
            "this task ran in it");
}

TEST_F(WorkerLightTest, a_dead_supervisor_takes_the_light_process_with_it) {
  start_and_accept();
  launch_light(1, "wait");
  const pid_t light = pid_of(server->wait("TryStarted", 1));
  wait_for_body("bodies");
  kill_supervisor();
  server->accept();
  EXPECT_EQ(exit_of(1).get_string("kind"), "lost");
  EXPECT_FALSE(alive(light));
}

TEST_F(WorkerLightTest, an_outcome_survives_a_server_that_is_away) {
  start_and_accept();
  launch_light(1, "hold");
  server->wait("TryStarted", 1);
  server->stop();
  make("go");
  eventually([&] { return !read(home + "/worker/journal").empty(); });
  kill_supervisor();
  server->start();
  server->accept();
  EXPECT_EQ(server->wait_message("SucceedTask", 1).at("body").get_string("state"), "success");
}

TEST_F(WorkerLightTest, callbacks_run_after_the_outcome) {
  start_and_accept();
  launch_light(1, "callback");
  EXPECT_EQ(exit_of(1).get_string("kind"), "ok");
  EXPECT_THAT(log(1), HasSubstr("it is done"));
}

TEST_F(WorkerLightTest, a_program_that_cannot_be_one_is_refused) {
  program = WORKER_PROBE;  // does not know the argument
  start_and_accept({"--warm-start-s", "0.2"});
  launch_light(1, "hello");
  const Value refused = server->wait("TryRefused", 1);
  EXPECT_EQ(refused.get_string("reason"), "launch_failed");
  EXPECT_THAT(refused.get_string("why"), HasSubstr("before it was ready"));
  program = "/nowhere/dag";
  launch_light(2, "hello");
  EXPECT_THAT(server->wait("TryRefused", 2).get_string("why"), HasSubstr("the program /nowhere/dag: No such file"));
}

TEST_F(WorkerLightTest, an_idle_one_ends_and_comes_again) {
  start_and_accept({"--warm-idle-s", "0.05"});
  launch_light(1, "hello");
  exit_of(1);
  const pid_t first = pid_of(server->wait("TryStarted", 1));
  eventually([&] { return !alive(first); });
  launch_light(2, "hello");
  EXPECT_EQ(exit_of(2).get_string("kind"), "ok");
}

TEST_F(WorkerLightTest, a_replaced_program_gets_a_process_of_its_own) {
  const std::string path = home + "/program";
  std::filesystem::copy_file(program, path);
  program = path;
  start_and_accept();
  launch_light(1, "wait");
  const pid_t first = pid_of(server->wait("TryStarted", 1));
  std::filesystem::copy_file(path, path + ".new");
  std::filesystem::rename(path + ".new", path);
  launch_light(2, "hello");
  EXPECT_NE(pid_of(server->wait("TryStarted", 2)), first);
  EXPECT_EQ(exit_of(2).get_string("kind"), "ok");
  make("go");
  EXPECT_EQ(exit_of(1).get_string("kind"), "ok");  // it ran to its end in the old one
  eventually([&] { return !alive(first); });
}

}  // namespace
}  // namespace venturi::worker::testing
