// SQL operators while servers refuse, hang, die and wait for one another.
#include "providers/testing/sql_host.h"

namespace venturi::providers::testing {
namespace {

using operators::testing::Clock;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using namespace std::chrono_literals;

class SqlFaultsTest : public SqlHostTest {};

TEST_F(SqlFaultsTest, ServersThatRefuse) {
  connect_as("db", {{"password", "a-wrong-password"}});
  const std::string refused = outcome(execute("SELECT 1"));
  EXPECT_THAT(refused, AllOf(StartsWith("error: " + at()), HasSubstr("password authentication failed for user \"postgres\""),
                             HasSubstr("(check login and password of the connection)")));
  EXPECT_THAT(refused + last_log(), Not(HasSubstr("a-wrong-password")));
  connect_as("db", {{"schema", "no_such_db"}});
  EXPECT_THAT(outcome(execute("SELECT 1")), HasSubstr("database \"no_such_db\" does not exist"));
  connect_as("db", {{"host", "no-such-host.invalid"}});
  EXPECT_THAT(outcome(execute("SELECT 1")),
              AllOf(HasSubstr("PostgreSQL at no-such-host.invalid:"),
                    AnyOf(HasSubstr("there is no host named no-such-host.invalid (check its spelling)"),
                          HasSubstr("the name server could not be asked"))));
  connect_as("db", {{"port", tests::free_port()}});
  EXPECT_THAT(outcome(execute("SELECT 1")),
              AllOf(HasSubstr("Connection refused"), HasSubstr("(does the server run, and is the port right?)")));
  // The second of two hosts, and a name that stands for several addresses.
  connect_as("db", {{"host", "127.0.0.2,localhost"}});
  EXPECT_EQ(outcome(execute("SELECT 1")), "[[1]]");
  connect_as("db", {{"host", "a,b"}, {"extra", R"({"port": "1,2,3"})"}});
  EXPECT_THAT(outcome(execute("SELECT 1")), HasSubstr("PostgreSQL at a,b:"));
  EXPECT_THAT(outcome(execute("SELECT 1", {{"conn_id", "other"}})), StartsWith("error: there is no connection other"));
}

TEST_F(SqlFaultsTest, CancellingCancelsInTheServer) {
  begin(execute("SELECT pg_sleep(1000) /* marked */"));
  ASSERT_TRUE(tests::becomes_true([] { return is_at_work("marked"); }));
  const auto asked = Clock::now();
  worker.cancel(last_);
  EXPECT_EQ(worker.exit(last_).get_string("kind"), "killed");
  EXPECT_LT(Clock::now() - asked, 5s);
  EXPECT_TRUE(tests::becomes_true([] { return !is_at_work("marked"); }));
  begin(execute("SELECT pg_sleep(1000) /* timed */"), {.execution_timeout = 0.3});
  EXPECT_EQ(worker.exit(last_).get_string("kind"), "timeout");
  EXPECT_TRUE(tests::becomes_true([] { return !is_at_work("timed"); }));
  // While rows come without end.
  begin(execute("SELECT n /* endless */ FROM generate_series(1, 1000000000000) n", {{"handler", "none"}}));
  ASSERT_TRUE(tests::becomes_true([] { return is_at_work("endless"); }));
  worker.cancel(last_);
  EXPECT_EQ(worker.exit(last_).get_string("kind"), "killed");
  EXPECT_TRUE(tests::becomes_true([] { return !is_at_work("endless"); }));
  EXPECT_EQ(outcome(execute("SELECT 1")), "[[1]]");
}

TEST_F(SqlFaultsTest, ServersThatHang) {
  connect_as("db", {{"extra", R"({"connect_timeout": 1})"}});
  server().freeze();
  EXPECT_EQ(outcome(execute("SELECT 1")), "error: " + at() + "no answer within 1 s (connect_timeout)");
  begin(execute("SELECT 1"));
  begin(execute("SELECT 2"));
  worker.cancel(last_);
  EXPECT_EQ(worker.exit(last_).get_string("kind"), "killed");
  (void)worker.exit(last_ - 1);
  server().thaw();

  connect_as("db", {});
  begin(execute("SELECT pg_sleep(1000) /* hangs */"));
  ASSERT_TRUE(tests::becomes_true([] { return is_at_work("hangs"); }));
  server().freeze();  // the postmaster: nobody takes the request to cancel
  worker.cancel(last_);
  EXPECT_EQ(worker.exit(last_).get_string("kind"), "killed");
  server().thaw();
  EXPECT_TRUE(tests::becomes_true([] { return !is_at_work("hangs"); }));
}

TEST_F(SqlFaultsTest, LostConnectionsAndDeadlocks) {
  begin(execute("SELECT pg_sleep(1000) /* ended */"), {.should_retry = true});
  ASSERT_TRUE(tests::becomes_true([] { return is_at_work("ended"); }));
  server().run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%ended%' AND pid <> pg_backend_pid()");
  (void)worker.exit(last_);
  EXPECT_EQ(worker.message(last_, "RetryTask").get_string("retry_reason"),
            at() + "FATAL:  terminating connection due to administrator command\nSQLSTATE 57P01");

  server().run("CREATE TABLE locks(id int PRIMARY KEY); INSERT INTO locks VALUES (1), (2)");
  const auto crossing = [](int first, int second) {
    return execute(Array{"SET deadlock_timeout TO '10ms'", "UPDATE locks SET id = id WHERE id = " + std::to_string(first),
                         "SELECT pg_sleep(0.3)", "UPDATE locks SET id = id WHERE id = " + std::to_string(second)});
  };
  begin(crossing(1, 2), {.should_retry = true});
  begin(crossing(2, 1), {.should_retry = true});
  (void)worker.exit(last_);
  (void)worker.exit(last_ - 1);
  const bool second = worker.types(last_).back() == "RetryTask";
  const std::string error = worker.message(second ? last_ : last_ - 1, "RetryTask").get_string("retry_reason");
  EXPECT_THAT(error, AllOf(HasSubstr("ERROR:  deadlock detected\nDETAIL:  Process "), HasSubstr("\nSQLSTATE 40P01")));
  EXPECT_EQ(worker.types(second ? last_ - 1 : last_).back(), "SucceedTask");

  begin(execute("SELECT pg_sleep(1000) /* killed */"), {.should_retry = true});
  ASSERT_TRUE(tests::becomes_true([] { return is_at_work("killed"); }));
  server().stop();
  (void)worker.exit(last_);
  EXPECT_THAT(worker.message(last_, "RetryTask").get_string("retry_reason"),
              AllOf(StartsWith(at()), AnyOf(HasSubstr("terminating connection because of unexpected postmaster exit"),
                                            HasSubstr("terminating connection due to immediate shutdown command"),
                                            HasSubstr("server closed the connection unexpectedly"))));
  server().start();
  EXPECT_EQ(outcome(execute("SELECT 1")), "[[1]]");
}

TEST_F(SqlFaultsTest, ManyAtOnceWaitInOneProcess) {
  constexpr int count = 40;
  for (int i = 0; i < count; ++i) begin(execute("SELECT pg_sleep(0.3), " + std::to_string(i)));
  for (int i = 0; i < count; ++i) {
    EXPECT_EQ(worker.exit(last_ - i).get_string("kind"), "ok");
    EXPECT_EQ(to_json(worker.message(last_ - i, "SetXCom").at("value")), "[[\"\"," + std::to_string(count - 1 - i) + "]]");
  }
}

}  // namespace
}  // namespace venturi::providers::testing
