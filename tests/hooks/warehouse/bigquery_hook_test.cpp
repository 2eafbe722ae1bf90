// BigQueryHook of tasks against bqemulator, and against a server whose jobs take their time.
#include <algorithm>
#include <memory>

#include "hooks/hooks_fixture.h"
#include "servers/bigquery_server.h"
#include "servers/http_server.h"

namespace venturi::tests {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class BigQueryHookTest : public HooksTest {
 protected:
  BigQueryHookTest() : HooksTest(BIGQUERY_PROBE) {}
  void connect(const std::string& conn_id, const std::string& url) {
    const Object extra{{"endpoint", url}, {"project", "shop"}, {"num_retries", 1}};
    server->connections[conn_id] = connection(conn_id, "google_cloud_platform", 0,
                                              {{"host", nullptr}, {"port", nullptr}, {"extra", to_json(Value(extra))}});
  }
  [[nodiscard]] std::vector<std::string> posted() const {
    std::vector<std::string> list;
    for (const Value& request : slow.requests()) {
      if (request.get_string("method") == "POST") list.push_back(request.get_string("target"));
    }
    return list;
  }

  HttpServer slow;
};

class BigQueryHookRowsTest : public BigQueryHookTest {
 protected:
  static void SetUpTestSuite() {
    objects = std::make_unique<TestFolder>();
    bigquery = std::make_unique<BigQueryServer>(objects->path());
  }
  static void TearDownTestSuite() {
    bigquery.reset();
    objects.reset();
  }
  BigQueryHookRowsTest() { connect("google_cloud_default", bigquery->url()); }

  static std::unique_ptr<TestFolder> objects;
  static std::unique_ptr<BigQueryServer> bigquery;
};
std::unique_ptr<TestFolder> BigQueryHookRowsTest::objects;
std::unique_ptr<BigQueryServer> BigQueryHookRowsTest::bigquery;

TEST_F(BigQueryHookRowsTest, RowsAreStructsAndParametersAreBound) {
  const std::vector<std::string> seen = results("rows");
  ASSERT_EQ(seen.size(), 12) << seen.front();
  EXPECT_EQ(seen[0], R"([{"id":1,"customer":"O'Neil","amount":9.5,"paid":true,"placed":"2026-01-02T03:04:05.500000Z"},)"
                     R"({"id":2,"customer":"","amount":null,"paid":false,"placed":null}])");
  EXPECT_EQ(
      seen[1],
      R"({"i":1,"f":1.5,"n":"12345678901234567.100000000","near":0.5,"t":"2026-01-31T10:20:30Z","d":"2026-01-31T00:00:00Z",)"
      R"("r":[1,2],"o":{"x":1,"y":"y"},"z":null})");
  EXPECT_THAT(std::vector(seen.begin() + 2, seen.begin() + 8), ElementsAre("1", "42", "true", "1", "false", R"([2,""])"));
  EXPECT_EQ(seen[8], "the query has no column customer for the field of Order (it has: id)");
  EXPECT_THAT(seen[9], StartsWith("the query returned no row: SELECT id FROM"));
  EXPECT_THAT(seen[10], AllOf(StartsWith("BigQuery: job shop:US.airflow_"), HasSubstr("invalidQuery: "),
                              HasSubstr(R"({"reason":"invalidQuery","job_id":"airflow_)")));
  EXPECT_EQ(seen[11], "[12000,72006000]");
}

TEST_F(BigQueryHookRowsTest, DatasetsAndTables) {
  const std::vector<std::string> seen = results("tables");
  ASSERT_EQ(seen.size(), 15) << seen.front();
  EXPECT_THAT(std::vector(seen.begin(), seen.begin() + 6), ElementsAre("false", "made", "true", "false", "true", "5"));
  EXPECT_EQ(seen[6], R"([{"id":1,"customer":"Ada","amount":9.5,"paid":true,"placed":"2026-01-02T03:04:05Z"},)"
                     R"({"id":2,"customer":"Bob","amount":null,"paid":false,"placed":null}])");
  EXPECT_EQ(seen[7], "1");
  EXPECT_THAT(seen[8], AllOf(StartsWith("BigQuery: POST rows of shop.made.none: notFound"),
                             HasSubstr(R"({"reason":"notFound","status":404)")));
  EXPECT_THAT(std::vector(seen.begin() + 9, seen.begin() + 13), ElementsAre(R"(["Ada","Bob"])", "DONE", "false", "1"));
  EXPECT_THAT(seen[13], HasSubstr("notFound"));
  EXPECT_THAT(seen[14], HasSubstr("notFound"));
}

TEST_F(BigQueryHookTest, AJobOfAnIdRunsOnce) {
  connect("slow", slow.url());
  const std::vector<std::string> seen = results("by_id");
  ASSERT_EQ(seen.size(), 4) << seen.front();
  EXPECT_EQ(seen[0], "RUNNING");
  EXPECT_EQ(seen[1], "mine DONE");
  EXPECT_THAT(seen[2], AllOf(HasSubstr("has not ended after 0.1 s (timeout); it goes on"), HasSubstr(R"("job_id":"late")")));
  EXPECT_THAT(seen[3], AllOf(HasSubstr("invalidQuery"), HasSubstr(R"("reason":"invalidQuery")")));
}

TEST_F(BigQueryHookTest, AKilledTaskCancelsItsJob) {
  connect("slow", slow.url());
  begin("forever");
  until([&] { return slow.requests().size() > 2; });
  server->send(0, Object{{"type", "KillTry"}, {"token", Array{1, last}}, {"reason", "killed"}});
  EXPECT_EQ(server->wait("TryExited", last).at("exit").get_string("kind"), "killed");
  until([&] { return posted().size() > 1; });
  EXPECT_THAT(posted().back(), HasSubstr("/cancel"));
}

}  // namespace
}  // namespace venturi::tests
