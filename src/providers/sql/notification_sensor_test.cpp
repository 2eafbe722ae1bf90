// PostgresNotificationSensor in the operator host against a real PostgreSQL.
#include "providers/testing/sql_host.h"

namespace venturi::providers::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class NotificationSensorTest : public SqlHostTest {
 protected:
  static constexpr const char* channel = "Loads of \"shop\"";

  void listen(const Object& more, const operators::testing::FakeWorker::Options& options = {.should_retry = true}) {
    begin(with(op_of("PostgresNotificationSensor", {{"channel", channel}}), more), options);
    ASSERT_TRUE(tests::becomes_true([this] { return last_log().find("Listening on channel ") != std::string::npos; }));
  }
  static bool is_listening() { return server().run("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'") != "0"; }
  static void notify(const std::string& payload, const std::string& on = channel) {
    server().run("SELECT pg_notify('" + on + "', '" + payload + "')");
  }
  // The XCom as JSON, "no XCom", or why it ended otherwise.
  std::string ending() {
    (void)worker.exit(last_);
    for (const std::string& type : worker.types(last_)) {
      if (type == "SetXCom") return to_json(worker.message(last_, type).at("value"));
      if (type == "SucceedTask") return "no XCom";
      if (type == "RetryTask") return "error: " + worker.message(last_, type).get_string("retry_reason");
      if (type == "TaskState") {
        const Value ended = worker.message(last_, type);
        return ended.get_string("state") + " for good: " + ended.get_string("error");
      }
    }
    return "nothing";
  }
};

TEST_F(NotificationSensorTest, HearsWhatIsSentOnItsChannel) {
  listen({});
  notify("elsewhere", "other");
  notify("orders'' 1");
  EXPECT_EQ(ending(), "\"orders' 1\"");
  EXPECT_THAT(last_log(), HasSubstr(R"(Notification on channel Loads of \"shop\": \"orders' 1\")"));
  // The session ends with the try.
  EXPECT_TRUE(tests::becomes_true([] { return !is_listening(); }));

  listen({{"payload", "b"}});
  notify("a");
  notify("b");
  EXPECT_EQ(ending(), "\"b\"");
}

TEST_F(NotificationSensorTest, AQueryFindsWhatWasSentBefore) {
  server().run("CREATE TABLE loads(day text, done boolean)");
  const Object with_query{{"sql", "SELECT done FROM loads WHERE day = 'd'"}};
  // A notification alone is not enough.
  listen(with_query);
  notify("first");
  server().run("INSERT INTO loads VALUES ('d', false)");
  notify("second");
  ASSERT_TRUE(tests::becomes_true([&] { return last_log().find("second") != std::string::npos; }));
  server().run("UPDATE loads SET done = true");
  notify("third");
  EXPECT_EQ(ending(), "\"third\"");
  // Nobody sends anything any more.
  const std::int64_t number = finish(with(op_of("PostgresNotificationSensor", {{"channel", channel}}), with_query));
  EXPECT_EQ(worker.types(number).back(), "SucceedTask");
  // Nor does whoever forgot to.
  server().run("UPDATE loads SET done = false");
  listen(with(with_query, {{"poke_interval", 0.05}, {"deferrable", true}}));
  server().run("UPDATE loads SET done = true");
  EXPECT_EQ(ending(), "no XCom");
}

TEST_F(NotificationSensorTest, WhatGoesWrong) {
  EXPECT_THAT(outcome(op_of("PostgresNotificationSensor", {{"channel", ""}})),
              HasSubstr("the argument channel must have 1 to 63 bytes, and has 0"));
  EXPECT_THAT(outcome(op_of("PostgresNotificationSensor", {{"channel", std::string(64, 'x')}})), HasSubstr("and has 64"));
  EXPECT_EQ(
      outcome(op_of("PostgresNotificationSensor", {{"channel", "c"}, {"mode", "reschedule"}})),
      "failed for good: in mode reschedule it would not hear what is sent between two pokes: use mode poke, or deferrable, "
      "which holds no slot");
  EXPECT_THAT(outcome(op_of("PostgresNotificationSensor", {{"channel", "c"}, {"sql", "SELECT x"}})),
              AllOf(StartsWith("error: " + at()), HasSubstr("column \"x\" does not exist")));

  listen({{"timeout", 0.3}});
  EXPECT_THAT(ending(), AllOf(StartsWith("failed for good: Sensor has timed out; run duration of "),
                              HasSubstr("exceeds the specified timeout of 0.3")));

  // Somebody ends the session: the try failed, and the next one listens again.
  listen({});
  server().run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'");
  EXPECT_THAT(ending(), AllOf(StartsWith("error: " + at()), HasSubstr("terminating connection due to administrator command")));

  listen({});
  worker.cancel(last_);
  EXPECT_EQ(worker.exit(last_).get_string("kind"), "killed");
  EXPECT_TRUE(tests::becomes_true([] { return !is_listening(); }));
}

}  // namespace
}  // namespace venturi::providers::testing
