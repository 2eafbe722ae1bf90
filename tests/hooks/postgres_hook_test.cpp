// PostgresHook against a real PostgreSQL.
#include <cstdlib>

#include "base/sanitized.h"
#include "hooks/hooks_fixture.h"
#include "servers/postgres_server.h"

namespace venturi::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class PostgresHookTest : public HooksTest {
 protected:
  static void SetUpTestSuite() { shared() = std::make_unique<PostgresServer>(); }
  static void TearDownTestSuite() { shared().reset(); }
  PostgresHookTest() {
    const Object as{{"schema", "postgres"}, {"login", "postgres"}, {"password", db().password()}};
    server->connections["db"] = connection("db", "postgres", db().port(), as);
    server->connections["wrong_password"] =
        connection("wrong_password", "postgres", db().port(),
                   {{"schema", "postgres"}, {"login", "postgres"}, {"password", "not-the-word"}});
    server->connections["none"] = Object{{"type", "ErrorResponse"}, {"error", "CONNECTION_NOT_FOUND"}, {"detail", nullptr}};
  }
  static PostgresServer& db() { return *shared(); }
  static std::string at(const std::string& conn_id = "db") {
    return "PostgreSQL at 127.0.0.1:" + std::to_string(db().port()) + ", database postgres, as postgres (connection " +
           conn_id + ")";
  }
  static std::int64_t sessions(const std::string& condition) {
    return std::atoll(db().run("SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client "
                               "backend' AND (" +
                               condition + ")")
                          .c_str());
  }
  static std::string runs(const std::string& mark) { return "state = 'active' AND query LIKE '%" + mark + "%'"; }
  // While the server answers what the worker says.
  pid_t start_sleeping(const std::string& mark, const Object& more = {}) {
    Object launch = more;
    launch.set("ti_context", Object{{"max_tries", 0}, {"dag_run", Object{{"conf", Object{{"mark", mark}}}}}});
    begin("sleep_long", launch);
    const pid_t pid = pid_of(server->wait("TryStarted", last));
    until([&] { return sessions(runs(mark)) == 1; });
    return pid;
  }

 private:
  static std::unique_ptr<PostgresServer>& shared() {
    static std::unique_ptr<PostgresServer> one;
    return one;
  }
};

TEST_F(PostgresHookTest, RowsAreStructsAndParametersAreBound) {
  EXPECT_EQ(result("query"),
            R"([{"id":1,"customer":"O'Neil $1 %s","amount":10.25,"paid":true,"placed":"2026-01-02T03:04:05.500000Z"},)"
            R"({"id":2,"customer":"","amount":null,"paid":false,"placed":null}])");
}

TEST_F(PostgresHookTest, TypesComeAsTheirCppTypes) {
  EXPECT_THAT(results("types"),
              ElementsAre(R"({"small":7,"exact":"12345678901234567890.10","near":0.1,"numbers":[1,2],"json":{"a":[1,null]},)"
                          R"("nothing":null,"day":"2026-03-04T00:00:00Z","id":"6f1c9a52-0000-4000-8000-000000000001"})",
                          R"([42,"it's",41])", "10", "true", "2", "0", "0", "[true,null]"));
}

TEST_F(PostgresHookTest, ErrorsSayWhatAndWhere) {
  const std::vector<std::string> errors = results("errors");
  ASSERT_EQ(errors.size(), 16) << errors.front();
  EXPECT_EQ(errors[0],
            at() +
                ": ERROR:  duplicate key value violates unique constraint \"u_pkey\"\nDETAIL:  Key (id)=(1) already "
                "exists.\nSQLSTATE 23505 {\"sqlstate\":\"23505\",\"message\":\"" +
                at() +
                ": ERROR:  duplicate key value violates unique constraint \\\"u_pkey\\\"\\nDETAIL:  Key (id)=(1) already "
                "exists.\\nSQLSTATE 23505\"}");
  EXPECT_EQ(errors[1], "the query has no column customer for the field of Order (it has: id)");
  EXPECT_EQ(errors[2], "the query has 2 columns, and int64 takes one: read its rows into a VENTURI_STRUCT or a vector");
  EXPECT_EQ(errors[3], "n: expected int64, found null");
  EXPECT_EQ(errors[4], "the query returned no row: SELECT 1 WHERE false {\"rows\":0}");
  EXPECT_EQ(errors[5], "the statement returns no rows: use run() for its effect");
  EXPECT_THAT(errors[6], StartsWith("the statement is empty {"));
  EXPECT_THAT(errors[7], StartsWith("the sql does not use $2 of its 2 parameters {"));
  EXPECT_THAT(errors[8],
              StartsWith("the statement left a transaction open, which is rolled back: use transaction() of the hook {"));
  for (const int copy : {9, 10}) {
    EXPECT_THAT(errors[static_cast<std::size_t>(copy)],
                StartsWith("COPY with STDIN or STDOUT cannot be run like other statements: use load_csv, load_file, to_csv or "
                           "to_file of the hook {"));
  }
  EXPECT_THAT(errors[11], StartsWith(at("wrong_password") + ": connection to server at \"127.0.0.1\", port "));
  EXPECT_THAT(errors[11], HasSubstr("password authentication failed for user \"postgres\""));
  EXPECT_THAT(errors[12],
              StartsWith("there is no connection none (add it: venturi connections add none --conn-uri ...) {\"message\""));
  EXPECT_EQ(errors[13], "insert_rows: row 1 has 2 values for 1 columns");
  EXPECT_THAT(errors[14], StartsWith("isolation must be read committed, repeatable read or serializable, not chaos {"));
  EXPECT_EQ(errors[15], "no error");  // after all of that
}

TEST_F(PostgresHookTest, TransactionsTakeEffectAsAWholeOrNotAtAll) {
  const std::vector<std::string> seen = results("transactions");
  ASSERT_EQ(seen.size(), 9) << seen.front();
  EXPECT_EQ(seen[0], "1");
  EXPECT_EQ(seen[1], "0");
  EXPECT_EQ(seen[2], "0");
  EXPECT_EQ(seen[3], "3");
  EXPECT_THAT(seen[4], HasSubstr("division by zero\nSQLSTATE 22012"));
  EXPECT_THAT(seen[5], StartsWith("the transaction cannot be committed: a statement in it failed, and it was rolled back {"));
  EXPECT_EQ(seen[6], "100000");
  EXPECT_THAT(seen[7],
              StartsWith("the rows of an earlier statement of this transaction are still being read: read them to their "
                         "end first, or take them at once (get_records, query) {"));
  EXPECT_EQ(seen[8], "3");
}

TEST_F(PostgresHookTest, LargeResultsComeInPages) {
  EXPECT_THAT(results("large"), ElementsAre("1500", "150000000", "300000"));
  if (sanitized) return;  // which keeps freed memory
  const std::string status = read("/proc/" + std::to_string(host()) + "/status");
  EXPECT_LT(std::atoll(status.c_str() + status.find("VmHWM:") + 6), 120 * 1024) << status;
}

TEST_F(PostgresHookTest, CopyMovesFiles) {
  const std::vector<std::string> seen = results("copies");
  ASSERT_EQ(seen.size(), 9) << seen.front();
  EXPECT_THAT(std::vector(seen.begin(), seen.begin() + 6), ElementsAre("20000", "20000", "20000", "20000", "20000", "20000"));
  EXPECT_THAT(seen[6], HasSubstr("invalid input syntax for type bigint: \"seven\"\nCONTEXT:  COPY dst, line 2, column id"));
  EXPECT_EQ(seen[7], "2");
  EXPECT_EQ(seen[8], "acd");
}

TEST_F(PostgresHookTest, SecretsAreInNoErrorAndNoLog) {
  const std::string error = result("leaks");
  EXPECT_THAT(error, HasSubstr("invalid input syntax for type integer: \\\"***\\\""));
  EXPECT_THAT(error + log(last), Not(HasSubstr(db().password())));
  EXPECT_THAT(log(last), HasSubstr("connected to " + at()));
}

TEST_F(PostgresHookTest, ThousandsOfCallsASecond) {
  const double rate = std::atof(result("many_calls").c_str());
  EXPECT_GT(rate, 0);
  RecordProperty("calls_per_second", static_cast<int>(rate));
  std::printf("%.0f calls a second\n", rate);
}

// ---- whatever dies, the statement ends --------------------------------------------------------------------------------------

TEST_F(PostgresHookTest, AKilledTaskEndsItsStatement) {
  ::kill(start_sleeping("killed_task"), SIGKILL);
  EXPECT_EQ(server->wait("TryExited", last).at("exit").get_string("kind"), "signal");
  until([] { return sessions("query LIKE '%killed_task%'") == 0; });
}

TEST_F(PostgresHookTest, KillAndTimeoutEndTheStatement) {
  start_sleeping("by_kill");
  server->send(0, Object{{"type", "KillTry"}, {"token", Array{1, last}}, {"reason", "killed"}});
  EXPECT_EQ(server->wait("TryExited", last).at("exit").get_string("kind"), "killed");
  until([] { return sessions("query LIKE '%by_kill%'") == 0; });
  start_sleeping("by_time", {{"execution_timeout", 1.0}});
  EXPECT_EQ(server->wait("TryExited", last).at("exit").get_string("kind"), "timeout");
  until([] { return sessions("query LIKE '%by_time%'") == 0; });
}

TEST_F(PostgresHookTest, AKilledHostEndsTheStatementAndTheTaskGoesOn) {
  begin("survives");
  until([] { return sessions(runs("survivor")) == 1; });
  ::kill(host(), SIGKILL);
  const Value seen = server->wait_message("SetXCom", last).at("body").at("value");
  EXPECT_THAT(
      seen.as_array().at(0).as_string(),
      StartsWith("the operator host was ended by SIGKILL, and with it the connections of this task; the next call opens new "
                 "ones {"));
  EXPECT_THAT(seen.as_array().at(1).as_string(),
              StartsWith("the transaction is over, or was lost with the operator host that had its connection {"));
  EXPECT_EQ(seen.as_array().at(2).as_int(), 1);
  until([] { return sessions(runs("survivor")) == 0; });
}

TEST_F(PostgresHookTest, AKilledSupervisorEndsTheStatement) {
  start_sleeping("no_supervisor");
  kill_supervisor();
  server->stop();
  EXPECT_TRUE(eventually([] { return sessions("query LIKE '%no_supervisor%'") == 0; }));
}

TEST_F(PostgresHookTest, AnEndedTryLeavesNoConnection) {
  EXPECT_THAT(results("types").size(), 8);
  until([] { return sessions("query LIKE '%generate_series%' OR query LIKE '%relname%'") == 0; });
}

}  // namespace
}  // namespace venturi::tests
