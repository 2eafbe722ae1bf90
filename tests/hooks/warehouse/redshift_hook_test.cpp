// Redshift's hooks of tasks: statements against a stand-in that PostgreSQL runs them for, clusters against moto.
#include <memory>

#include "hooks/hooks_fixture.h"
#include "servers/http_server.h"
#include "servers/moto_server.h"
#include "servers/redshift_server.h"

namespace venturi::tests {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class RedshiftHookTest : public HooksTest {
 protected:
  static void SetUpTestSuite() {
    moto = std::make_unique<MotoServer>();
    postgres = std::make_unique<PostgresServer>();
    redshift = std::make_unique<RedshiftServer>(*postgres, moto->url(), "AKIA");
  }
  static void TearDownTestSuite() {
    redshift.reset();
    postgres.reset();
    moto.reset();
  }
  RedshiftHookTest() : HooksTest(REDSHIFT_PROBE) { connect("aws", moto->url()); }

  void connect(const std::string& conn_id, const std::string& url) {
    const Object extra{{"endpoint_url", url},
                       {"service_config", Object{{"redshift-data", Object{{"endpoint_url", redshift->data_api_url()}}}}}};
    server->connections[conn_id] = connection(conn_id, "aws", 0,
                                              {{"host", nullptr},
                                               {"port", nullptr},
                                               {"login", "AKIA"},
                                               {"password", "geheim-wort"},
                                               {"extra", to_json(Value(extra))}});
  }

  static std::unique_ptr<MotoServer> moto;
  static std::unique_ptr<PostgresServer> postgres;
  static std::unique_ptr<RedshiftServer> redshift;
};
std::unique_ptr<MotoServer> RedshiftHookTest::moto;
std::unique_ptr<PostgresServer> RedshiftHookTest::postgres;
std::unique_ptr<RedshiftServer> RedshiftHookTest::redshift;

TEST_F(RedshiftHookTest, StatementsByTheDataApi) {
  const std::vector<std::string> seen = results("data");
  ASSERT_EQ(seen.size(), 15) << seen.front();
  EXPECT_THAT(std::vector(seen.begin(), seen.begin() + 8),
              ElementsAre("3", "5",
                          R"([{"id":1,"item":"it's 1","amount":0.25,"sold":"2026-01-02T03:04:05Z"},)"
                          R"({"id":2,"item":"it's 2","amount":0.5,"sold":"2026-01-02T03:04:05Z"},)"
                          R"({"id":3,"item":"it's 3","amount":0.75,"sold":"2026-01-02T03:04:05Z"}])",
                          R"([5,"it's 5"])", "15", "it's 5", "false", R"(["id"])"));
  EXPECT_EQ(seen[8], "the query has no column item for the field of Sale (it has: id)");
  EXPECT_THAT(seen[9], AllOf(StartsWith("Redshift Data API: statement "), HasSubstr("relation \"nowhere\" does not exist")));
  EXPECT_THAT(seen[10], StartsWith("the statement returns no rows: use run() or execute_query() for its effect"));
  EXPECT_THAT(std::vector(seen.begin() + 11, seen.begin() + 13), ElementsAre("true", "false"));
  EXPECT_THAT(seen[13], StartsWith("Redshift Data API: statement "));
  EXPECT_THAT(seen[14], AllOf(HasSubstr("ResourceNotFoundException"), HasSubstr(R"("status":400)")));
  EXPECT_THAT(log(last), Not(HasSubstr("geheim-wort")));
}

TEST_F(RedshiftHookTest, StatementsOverTheWireWithALentPassword) {
  const TestFolder files;
  files.write(
      "GetClusterCredentials",
      to_json(Array{200, "<R><DbUser>postgres</DbUser><DbPassword>" + postgres->password() + "</DbPassword></R>"}) + "\n");
  const HttpServer amazon({.files = files.path()});
  connect("aws_login", amazon.url());
  const Object extra{{"iam", true}, {"aws_conn_id", "aws_login"}, {"cluster_identifier", "c1"}};
  server->connections["lent"] = connection("lent", "redshift", redshift->port(),
                                           {{"schema", "postgres"}, {"login", "postgres"}, {"extra", to_json(Value(extra))}});
  const std::vector<std::string> seen = results("sql");
  ASSERT_EQ(seen.size(), 5) << seen.front();
  EXPECT_THAT(std::vector(seen.begin(), seen.begin() + 4), ElementsAre("2", "2", "2", R"(["id"])"));
  EXPECT_THAT(seen[4], HasSubstr("column \"nothing\""));
  EXPECT_THAT(log(last), Not(HasSubstr(postgres->password())));
}

TEST_F(RedshiftHookTest, ClustersComeArePausedAndGo) {
  const std::vector<std::string> seen = results("clusters");
  ASSERT_EQ(seen.size(), 8) << seen.front();
  EXPECT_THAT(std::vector(seen.begin(), seen.begin() + 7),
              ElementsAre("cluster_not_found", "available", "ra3.large admin 5439 somewhere", "available", "paused",
                          "available", "false"));
  EXPECT_THAT(seen[7], AllOf(StartsWith("Redshift: DeleteCluster: ClusterNotFound"), HasSubstr(R"("status":404)")));
  EXPECT_THAT(log(last), Not(HasSubstr("Passw0rd-of-cluster")));
}

TEST_F(RedshiftHookTest, AKilledTaskEndsItsStatement) {
  const auto running = [] {
    return postgres->run(
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%by_data_api%' AND pid <> "
        "pg_backend_pid()");
  };
  begin("sleep_long");
  until([&] { return running() == "1"; });
  server->send(0, Object{{"type", "KillTry"}, {"token", Array{1, last}}, {"reason", "killed"}});
  EXPECT_EQ(server->wait("TryExited", last).at("exit").get_string("kind"), "killed");
  until([&] { return running() == "0"; });
}

}  // namespace
}  // namespace venturi::tests
