// S3Hook of tasks against moto, and against a server that takes its time.
#include <algorithm>
#include <memory>

#include "hooks/hooks_fixture.h"
#include "servers/http_server.h"
#include "servers/moto_server.h"

namespace venturi::tests {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class S3HookTest : public HooksTest {
 protected:
  static void SetUpTestSuite() { moto = std::make_unique<MotoServer>(); }
  static void TearDownTestSuite() { moto.reset(); }
  S3HookTest() : HooksTest(OBJECTS_PROBE) { connect("lake", moto->url()); }

  void connect(const std::string& conn_id, const std::string& url) {
    server->connections[conn_id] = connection(conn_id, "aws", 0,
                                              {{"host", nullptr},
                                               {"port", nullptr},
                                               {"login", "AKIA"},
                                               {"password", "geheim-wort"},
                                               {"extra", to_json(Value(Object{{"endpoint_url", url}}))}});
  }

  static std::unique_ptr<MotoServer> moto;
};
std::unique_ptr<MotoServer> S3HookTest::moto;

TEST_F(S3HookTest, ObjectsComeAndGo) {
  const std::vector<std::string> seen = results("s3");
  ASSERT_EQ(seen.size(), 20) << seen.front();
  EXPECT_THAT(std::vector(seen.begin(), seen.begin() + 13),
              ElementsAre("false", "true", R"(["in/2026/c.csv","in/a.csv","in/b.csv","top +%ü"])", R"(["in/a.csv","in/b.csv"])",
                          R"(["in/a.csv","in/b.csv"])", R"(["in/b.csv"])", "[]", R"(["in/2026/"])", "true", "true", "true",
                          R"({"size":4,"type":"binary/octet-stream","has_time":true})", "true"));
  EXPECT_THAT(seen[13], StartsWith("The key s3://hooked/in/a.csv already exists (replace=true overwrites it) {"));
  EXPECT_EQ(seen[14], "y text/csv");
  EXPECT_EQ(seen[15], "y");
  EXPECT_THAT(seen[16], AllOf(StartsWith("S3: GET s3://hooked/out/copy: NoSuchKey: "),
                              HasSubstr(R"({"code":"NoSuchKey","status":404,"message":)")));
  EXPECT_THAT(seen[17], StartsWith("the argument key must be s3://BUCKET/KEY where bucket_name is not given {"));
  EXPECT_THAT(seen[18], StartsWith("S3: GET s3://nowhere: NoSuchBucket"));
  EXPECT_THAT(seen[19], StartsWith("S3: DELETE s3://hooked: BucketNotEmpty"));
  EXPECT_THAT(log(last), Not(HasSubstr("geheim-wort")));
}

TEST_F(S3HookTest, WhatIsLargeGoesThroughFiles) {
  const std::vector<std::string> seen = results("s3_large");
  ASSERT_EQ(seen.size(), 7) << seen.front();
  EXPECT_THAT(std::vector(seen.begin(), seen.begin() + 6), ElementsAre("true", "true", "true", "true", "true", "20000003"));
  EXPECT_THAT(seen[6], StartsWith("the file cannot be read: /none"));
}

TEST_F(S3HookTest, AUrlOpensOneObject) {
  const std::string url = moto->url();
  server->connections["by_url"] =
      connection("by_url", "http", std::stoi(url.substr(url.rfind(':') + 1)), {{"host", "http://127.0.0.1"}});
  const std::vector<std::string> seen = results("s3_presigned");
  ASSERT_EQ(seen.size(), 3) << seen.front();
  EXPECT_THAT(seen[0], AllOf(StartsWith(url + "/signed/a?X-Amz-Algorithm="), HasSubstr("X-Amz-Expires=60&")));
  EXPECT_EQ(seen[1], "by its url");
  EXPECT_THAT(seen[2], StartsWith("client_method must be get_object, put_object, head_object or delete_object, not list"));
}

// An upload that is under way is aborted: no parts are left that cost money.
TEST_F(S3HookTest, AKilledTaskLeavesNoParts) {
  const HttpServer slow;  // with its second part
  connect("slow", slow.url());
  begin("s3_upload_forever");
  const auto asked = [&](const std::string& method, const std::string& part) {
    return std::ranges::any_of(slow.requests(), [&](const Value& request) {
      return request.get_string("method") == method && request.get_string("target").find(part) != std::string::npos;
    });
  };
  until([&] { return asked("PUT", "partNumber=2"); });
  server->send(0, Object{{"type", "KillTry"}, {"token", Array{1, last}}, {"reason", "killed"}});
  EXPECT_EQ(server->wait("TryExited", last).at("exit").get_string("kind"), "killed");
  until([&] { return asked("DELETE", "uploadId="); });
}

}  // namespace
}  // namespace venturi::tests
