// What a kill -9 does: of supervisor, keeper, warm process, server, and in which state it leaves launches and logs.
#include <gmock/gmock.h>

#include "worker/testing/worker_fixture.h"

namespace venturi::worker::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(WorkerTest, a_launch_is_carried_out_once_also_after_a_restart) {
  start_and_accept();
  launch(1, "hello");
  server->wait("TryExited", 1);
  launch(1, "hello");
  EXPECT_EQ(server->wait("TryRefused", 1).get_string("reason"), "token");
  kill_supervisor();
  server->accept();
  server->seen.clear();
  launch(1, "hello");
  EXPECT_EQ(server->wait("TryRefused", 1).get_string("reason"), "token");
  EXPECT_EQ(std::ranges::count(read(file("bodies")), '\n'), 1);
}

TEST_F(WorkerTest, what_was_never_seen_is_refused_before_it_is_called_never_started) {
  start_and_accept();
  EXPECT_THAT(server->ask_tokens({5}), ElementsAre("never_started"));
  kill_supervisor();
  server->accept();
  server->seen.clear();
  launch(5, "hello");  // a frame that was on its way
  EXPECT_EQ(server->wait("TryRefused", 5).get_string("reason"), "token");
  EXPECT_THAT(server->ask_tokens({5, 6}), ElementsAre("never_started", "never_started"));
}

TEST_F(WorkerTest, without_its_record_a_worker_does_not_know) {
  server->sent_below = 8;  // the server: these may stand in another record
  start_and_accept();
  EXPECT_THAT(server->ask_tokens({5, 8}), ElementsAre("unknown", "never_started"));
  EXPECT_THAT(server->ask_tokens({9}, 7), ElementsAre("unknown"));
  launch(5, "hello");
  EXPECT_EQ(server->wait("TryRefused", 5).get_string("reason"), "token");
  server->send(0, Object{{"type", "Horizon"}, {"sequence", 20}});
  EXPECT_THAT(server->ask_tokens({19, 20}), ElementsAre("unknown", "never_started"));
}

TEST_F(WorkerTest, when_the_supervisor_dies_everything_below_it_dies_and_is_lost) {
  start_and_accept();
  launch(1, "daemon");
  const pid_t pid = pid_of(server->wait("TryStarted", 1));
  eventually([&] { return !read(file("beats")).empty(); });
  EXPECT_THAT(server->ask_tokens({1}), ElementsAre("running"));
  kill_supervisor();
  server->accept();
  EXPECT_FALSE(alive(pid));
  const Value exited = server->wait("TryExited", 1);
  EXPECT_EQ(exited.at("exit").get_string("kind"), "lost");
  EXPECT_GE(exited.at("seq").as_int(), 1LL << 32);
  EXPECT_THAT(server->hello.at("tries").as_array().at(0).get_string("state"), "ended");
  expect_silence("beats");
  launch(2, "hello");
  EXPECT_EQ(server->wait("TryExited", 2).at("exit").get_string("kind"), "ok");
}

TEST_F(WorkerTest, when_the_keeper_dies_everything_dies) {
  start_and_accept();
  launch(1, "daemon");
  const pid_t pid = pid_of(server->wait("TryStarted", 1));
  eventually([&] { return !read(file("beats")).empty(); });
  const pid_t old = supervisor();
  ::kill(worker, SIGKILL);
  wait_for_end();
  eventually([&] { return !alive(pid) && !alive(old); });
  expect_silence("beats");
  start_and_accept();
  EXPECT_EQ(server->wait("TryExited", 1).at("exit").get_string("kind"), "lost");
}

TEST_F(WorkerTest, a_keeper_that_dies_in_the_middle_of_a_turn_takes_everything_with_it) {
  start_and_accept();
  launch(1, "daemon");
  const pid_t pid = pid_of(server->wait("TryStarted", 1));
  eventually([&] { return !read(file("beats")).empty(); });
  const pid_t old = supervisor();
  // When it goes on there is a launch to tell the keeper of, which is dead.
  stop(old);
  ::kill(worker, SIGKILL);
  wait_for_end();
  launch(2, "hang");
  ::kill(old, SIGCONT);
  eventually([&] { return !alive(pid) && !alive(old); });
  expect_silence("beats");
}

TEST_F(WorkerTest, the_next_worker_ends_what_keeper_and_supervisor_left_behind) {
  start_and_accept();
  launch(1, "daemon");
  server->wait("TryStarted", 1);
  eventually([&] { return !read(file("beats")).empty(); });
  const pid_t old = supervisor();
  stop(old);
  ::kill(worker, SIGKILL);
  ::kill(old, SIGKILL);
  wait_for_end();
  start_and_accept();
  expect_silence("beats");
  EXPECT_EQ(server->wait("TryExited", 1).at("exit").get_string("kind"), "lost");
}

TEST_F(WorkerTest, a_line_that_was_written_is_logged_although_nobody_read_it_any_more) {
  start_and_accept();
  launch(1, "line_then_hang");
  server->wait("TryStarted", 1);
  eventually([&] { return exists("bodies"); });
  const pid_t stopped = supervisor();
  stop(stopped);
  make("go");
  eventually([&] { return exists("written"); });
  ::kill(stopped, SIGKILL);
  server->accept();  // the next supervisor: the logs are complete by now
  EXPECT_THAT(log(1), HasSubstr("{\"event\":\"written while nobody read: ***\"}\n"));
  EXPECT_THAT(log(1), HasSubstr("no end of line, pass-the-wo"));
}

TEST_F(WorkerTest, a_part_of_a_line_that_was_taken_from_its_socket_is_not_lost) {
  start_and_accept();
  launch(1, "line_then_hang");
  server->wait("TryStarted", 1);
  make("go");
  eventually([&] { return log(1).find("written while") != std::string::npos; });
  eventually([&] { return exists("taken"); });
  kill_supervisor();
  server->accept();
  const std::string text = log(1);
  EXPECT_THAT(text, HasSubstr("no end of line, pass-the-wo"));
  EXPECT_EQ(text.find("written while"), text.rfind("written while"));
}

TEST_F(WorkerTest, a_dead_warm_process_takes_no_task_with_it) {
  start_and_accept();
  launch(1, "wait");
  server->wait("TryStarted", 1);
  eventually([&] { return exists("bodies"); });
  const pid_t task = pid_of(server->wait("TryStarted", 1));
  for (const pid_t child : children_of(supervisor())) {
    if (child != task) ::kill(child, SIGKILL);
  }
  make("go");
  EXPECT_EQ(server->wait("TryExited", 1).at("exit").get_string("kind"), "ok");
  launch(2, "hello");
  EXPECT_EQ(server->wait("TryExited", 2).at("exit").get_string("kind"), "ok");
}

TEST_F(WorkerTest, a_warm_process_that_dies_around_a_fork_leads_to_one_body) {
  start_and_accept();
  std::int64_t sequence = 0;
  for (const std::string when : {"die-before:", "die-after:"}) {
    ++sequence;
    Value body = launch_body(sequence, "hello");
    body.as_object().find("ti")->as_object().set("id", when + file(std::to_string(sequence)));
    server->send(0, body);
    EXPECT_EQ(server->wait("TryExited", sequence).at("exit").get_string("kind"), "ok") << when;
    EXPECT_TRUE(exists(std::to_string(sequence))) << "it did not die";
  }
  EXPECT_EQ(std::ranges::count(read(file("bodies")), '\n'), 2);
}

TEST_F(WorkerTest, a_warm_process_that_stands_still_is_replaced) {
  start_and_accept({"--warm-start-s", "0.3"});
  launch(1, "hello");
  server->wait("TryExited", 1);
  for (const pid_t child : children_of(supervisor())) ::kill(child, SIGSTOP);
  launch(2, "hello");
  EXPECT_EQ(server->wait("TryExited", 2).at("exit").get_string("kind"), "ok");
  EXPECT_EQ(std::ranges::count(read(file("bodies")), '\n'), 2);
}

TEST_F(WorkerTest, a_server_that_comes_back_hears_everything_again) {
  server->answers = false;
  start_and_accept();
  launch(1, "hello");
  launch(2, "wait");
  server->wait_message("SucceedTask", 1);
  server->wait("TryStarted", 2);
  server->stop();
  make("go");
  eventually([&] { return exists("written"); });
  server->start();
  server->answers = true;
  server->accept();
  EXPECT_EQ(server->wait_message("SetXCom", 1).at("seq").as_int(), 1);
  EXPECT_EQ(server->wait_message("SucceedTask", 1).at("seq").as_int(), 2);
  EXPECT_EQ(server->wait("TryExited", 1).at("exit").get_string("kind"), "ok");
  EXPECT_EQ(server->wait("TryExited", 2).at("exit").get_string("kind"), "ok");
  EXPECT_EQ(server->hello.at("tries").as_array().size(), 2U);
}

TEST_F(WorkerTest, outcomes_survive_the_death_of_server_and_worker) {
  server->answers = false;
  start_and_accept();
  launch(1, "wait");
  server->wait("TryStarted", 1);
  server->stop();
  make("go");
  eventually([&] { return std::filesystem::file_size(home + "/worker/journal") > 0; });
  kill_supervisor();
  server->start();
  server->answers = true;
  server->accept();
  EXPECT_EQ(server->wait_message("SetXCom", 1).at("body").at("value").as_int(), 7);
  EXPECT_EQ(server->wait_message("SucceedTask", 1).at("seq").as_int(), 2);
  server->wait("TryExited", 1);
  std::vector<std::string> order;
  for (const auto& frame : server->seen) {
    const Value* body = frame.body.get("body");
    if (frame.body.get("token") != nullptr) order.push_back((body != nullptr ? *body : frame.body).get_string("type"));
  }
  EXPECT_THAT(order, ElementsAre("SetXCom", "SucceedTask", "TryExited"));
  eventually([&] { return std::filesystem::file_size(home + "/worker/journal") == 0; });
}

TEST_F(WorkerTest, a_death_around_the_journal_tells_the_outcome_or_that_it_is_lost) {
  std::int64_t sequence = 0;
  for (const std::string point : {"worker.before_journal", "worker.after_journal"}) {
    SCOPED_TRACE(point);
    ++sequence;
    for (const char* name : {"bodies", "go", "written"}) std::filesystem::remove(file(name));
    environment = {{"VENTURI_KILL_POINT", point}, {"VENTURI_KILL_LOG", home + "/hits"}};
    server->stop();
    server->start();
    server->answers = false;
    start_and_accept();
    launch(sequence, "wait");
    server->wait("TryStarted", sequence);
    server->stop();
    make("go");
    eventually([&] { return read(home + "/hits").find(point) != std::string::npos; });
    server->start();
    server->answers = true;
    server->accept();
    const Value exit = server->wait("TryExited", sequence).at("exit");
    if (point == "worker.after_journal") {
      EXPECT_EQ(server->wait_message("SucceedTask", sequence).at("body").get_string("state"), "success");
    } else {
      EXPECT_EQ(exit.get_string("kind"), "lost");
    }
    EXPECT_EQ(std::ranges::count(read(file("bodies")), '\n'), 1);
    ::kill(worker, SIGTERM);
    EXPECT_EQ(wait_for_end(), 0);
  }
}

TEST_F(WorkerTest, a_server_that_does_not_answer_holds_up_no_end_and_hears_it_later) {
  server->answers_exits = false;
  start_and_accept({"--drain-patience-s", "0.2"});
  launch(1, "hello");
  server->wait("TryExited", 1);
  ::kill(worker, SIGTERM);
  EXPECT_EQ(wait_for_end(), 0);
  server->stop();
  server->start();
  server->answers_exits = true;
  start_and_accept();
  EXPECT_EQ(server->wait("TryExited", 1).at("exit").get_string("kind"), "ok");
}

TEST_F(WorkerTest, each_kill_point_is_survived_with_at_most_one_body) {
  std::int64_t sequence = 0;
  for (const char* point :
       {"worker.before_record", "worker.after_record", "worker.before_fork", "worker.after_fork", "worker.after_made",
        "worker.before_started", "worker.before_forward", "worker.before_answer", "worker.exited"}) {
    SCOPED_TRACE(point);
    ++sequence;
    std::filesystem::remove(file("bodies"));
    environment = {{"VENTURI_KILL_POINT", point}, {"VENTURI_KILL_LOG", home + "/hits"}};
    server->stop();
    server->start();
    start_and_accept();
    launch(sequence, "hello");
    server->pump_until([&] { return read(home + "/hits").find(point) != std::string::npos; });
    ASSERT_THAT(read(home + "/hits"), HasSubstr(point));
    server->accept();
    server->seen.clear();
    const std::string state = server->ask_tokens({sequence}).at(0);
    if (state == "never_started") {
      EXPECT_STREQ(point, "worker.before_record");
      EXPECT_FALSE(exists("bodies"));
    } else {
      EXPECT_EQ(state, "ended");
      EXPECT_EQ(server->wait("TryExited", sequence).at("exit").get_string("kind"), "lost");
      EXPECT_LE(std::ranges::count(read(file("bodies")), '\n'), 1);
    }
    ::kill(worker, SIGTERM);
    EXPECT_EQ(wait_for_end(), 0);
  }
}

}  // namespace
}  // namespace venturi::worker::testing
