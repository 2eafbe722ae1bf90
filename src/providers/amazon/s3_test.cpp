// What servers do wrong: against tests/servers/http_server.py, whose folders stand for buckets. Against a server that keeps
// objects: tests/warehouse.
#include <gmock/gmock.h>

#include <filesystem>

#include "providers/amazon/s3_upload.h"
#include "providers/testing/host_program.h"
#include "providers/testing/sdk_fields.h"
#include "servers/http_server.h"
#include "venturi/amazon.h"

namespace venturi::providers::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(S3, TheSdkSaysWhatTheHostRenders) {
  expect_fields_of_the_registry<S3CreateBucketOperator, S3DeleteBucketOperator, S3ListOperator, S3ListPrefixesOperator,
                                S3CreateObjectOperator, S3CopyObjectOperator, S3DeleteObjectsOperator,
                                LocalFilesystemToS3Operator, S3ToLocalFilesystemOperator, S3KeySensor, S3KeysUnchangedSensor,
                                SFTPToS3Operator, S3ToSFTPOperator>();
}

TEST(S3, PartsOfLargeFiles) {
  constexpr std::uint64_t mebibyte = 1UL << 20U;
  EXPECT_EQ(part_bytes_of(0), 8 * mebibyte);
  EXPECT_EQ(part_bytes_of(80'000 * mebibyte), 8 * mebibyte);
  EXPECT_EQ(part_bytes_of(80'000 * mebibyte + 1), 9 * mebibyte);
  EXPECT_EQ(part_bytes_of(480'000 * mebibyte), 48 * mebibyte);
  EXPECT_EQ(part_bytes_of(480'000 * mebibyte + 1), 0U);
}

class S3FaultsTest : public HostProgramTest {
 protected:
  S3FaultsTest() { connect(server.url()); }
  void connect(const std::string& url) {
    const Object extra{{"endpoint_url", url}, {"config_kwargs", Object{{"retries", Object{{"max_attempts", 2}}}}}};
    worker.connections["aws_default"] = Object{{"type", "ConnectionResult"},
                                               {"conn_id", "aws_default"},
                                               {"conn_type", "aws"},
                                               {"host", nullptr},
                                               {"schema", nullptr},
                                               {"login", "AKIA"},
                                               {"password", "geheim-wort"},
                                               {"port", nullptr},
                                               {"extra", to_json(Value(extra))}};
  }
  // The error; empty where there is none.
  std::string run(const char* type, Object op) {
    op.set("task_type", type);
    worker.start(++sequence, std::move(op), {.should_retry = true});
    const Value exit = worker.exit(sequence);
    EXPECT_EQ(exit.get_string("kind"), "ok");
    return exit.get_string("error");
  }
  std::string fetch(const std::string& key) {
    return run("S3ToLocalFilesystemOperator", {{"s3_key", key}, {"path", files / "fetched"}});
  }
  [[nodiscard]] std::vector<std::string> asked() const {
    std::vector<std::string> list;
    for (const Value& request : server.requests())
      list.push_back(request.get_string("method") + " " + request.get_string("target"));
    return list;
  }

  tests::TestFolder files;
  tests::HttpServer server{{.files = files.path()}};
  std::int64_t sequence = 0;
};

TEST_F(S3FaultsTest, EachRequestIsSignedAndNoSecretTravels) {
  EXPECT_EQ(run("S3CreateObjectOperator", {{"s3_key", "s3://echo/a"}, {"data", "text"}, {"replace", true}}), "");
  const Value request = server.requests().at(0);
  EXPECT_EQ(request.get_string("target"), "/echo/a");
  EXPECT_EQ(request.get_string("body"), "text");
  EXPECT_THAT(
      request.at("headers").get_string("authorization"),
      AllOf(StartsWith("AWS4-HMAC-SHA256 Credential=AKIA/"), HasSubstr("/us-east-1/s3/aws4_request, SignedHeaders=host;")));
  EXPECT_THAT(to_json(request), Not(HasSubstr("geheim-wort")));
}

TEST_F(S3FaultsTest, BusyServersAreAskedAgain) {
  EXPECT_EQ(fetch("s3://flaky/a/1/503"), "");
  EXPECT_EQ(tests::read_file(files / "fetched"), "now");
  EXPECT_THAT(worker.log(sequence),
              HasSubstr("S3: GET s3://flaky/a/1/503: Because (status 503); trying again in 0.5 s (attempt 2 of 2)"));
  EXPECT_EQ(fetch("s3://refused/SlowDown/503/key"),
            "S3: GET s3://refused/SlowDown/503/key: SlowDown: It was said. (status 503, request id R17)");
  // Not by its status, but by its code.
  EXPECT_THAT(fetch("s3://refused/RequestTimeout/400/key"), HasSubstr("RequestTimeout"));
  EXPECT_THAT(worker.log(sequence), HasSubstr("(attempt 2 of 2)"));
  EXPECT_EQ(run("S3CreateObjectOperator", {{"s3_key", "s3://flaky/b/1/500"}, {"data", "x"}, {"replace", true}}), "");
}

TEST_F(S3FaultsTest, RefusalsSayWhatToDo) {
  EXPECT_EQ(
      fetch("s3://refused/InvalidAccessKeyId/403/key"),
      "S3: GET s3://refused/InvalidAccessKeyId/403/key: InvalidAccessKeyId: It was said. (status 403, request id R17); the "
      "access key (login) is not known there: connection aws_default");
  EXPECT_THAT(fetch("s3://refused/SignatureDoesNotMatch/403/key"),
              HasSubstr("the secret of the access key (password) is another one"));
  EXPECT_THAT(fetch("s3://refused/AccessDenied/403/key"), HasSubstr("are not allowed to do this: connection aws_default"));
  EXPECT_THAT(fetch("s3://refused/NoSuchBucket/404/key"), HasSubstr("NoSuchBucket: It was said. (status 404"));
  EXPECT_THAT(worker.log(sequence), Not(HasSubstr("trying again")));
  EXPECT_FALSE(std::filesystem::exists(files / "fetched"));
  // By a proxy, or whoever else writes no XML.
  EXPECT_EQ(run("S3ListOperator", {{"bucket", "nothing"}}), "S3: GET s3://nothing: Not Found (status 404)");
}

TEST_F(S3FaultsTest, ABrokenDownloadGoesOnWhereItWas) {
  files.write("data", std::string(100'000, 'a') + std::string(100'000, 'b'));
  EXPECT_EQ(fetch("s3://broken/data"), "");
  EXPECT_EQ(tests::read_file(files / "fetched"), tests::read_file(files / "data"));
  const Value again = server.requests().back();
  EXPECT_EQ(again.at("headers").get_string("range"), "bytes=100000-");
  EXPECT_EQ(again.at("headers").get_string("if-match"), "\"one\"");
  EXPECT_THAT(again.at("headers").get_string("authorization"), HasSubstr(";if-match;range;") /* sorted, and signed */)
      << to_json(again);
}

TEST_F(S3FaultsTest, AnUploadThatFailsIsAborted) {
  const std::string path = files.write("large", std::string(20UL << 20U, 'x'));
  EXPECT_THAT(run("LocalFilesystemToS3Operator", {{"filename", path}, {"dest_key", "s3://parts/large"}, {"replace", true}}),
              AllOf(HasSubstr("S3: PUT s3://parts/large: AccessDenied"), HasSubstr("request id R17")));
  const auto all = asked();
  EXPECT_EQ(all.front(), "POST /parts/large?uploads=");
  EXPECT_THAT(all, Contains("PUT /parts/large?partNumber=2&uploadId=u%2F1").Times(1));
  EXPECT_EQ(all.back(), "DELETE /parts/large?uploadId=u%2F1");
}

TEST_F(S3FaultsTest, AnUploadWhoseTaskIsKilledIsAborted) {
  const std::string path = files.write("large", std::string(20UL << 20U, 'x'));
  worker.start(
      ++sequence,
      {{"task_type", "LocalFilesystemToS3Operator"}, {"filename", path}, {"dest_key", "s3://parts/slow"}, {"replace", true}});
  (void)worker.message(sequence, "GetConnection");
  // The three parts are sent side by side.
  EXPECT_TRUE(tests::becomes_true([&] { return asked().size() == 4; }));
  worker.cancel(sequence);
  EXPECT_EQ(worker.exit(sequence).get_string("kind"), "killed");
  EXPECT_EQ(asked().back(), "DELETE /parts/slow?uploadId=u%2F1");
}

TEST_F(S3FaultsTest, NobodyIsThere) {
  connect("http://127.0.0.1:" + std::to_string(tests::free_port()));
  EXPECT_THAT(fetch("s3://shop/key"), AllOf(StartsWith("S3: GET s3://shop/key (http://127.0.0.1:"), HasSubstr("refused")));
  EXPECT_THAT(worker.types(sequence), Contains("RetryTask"));
}

TEST_F(S3FaultsTest, ArgumentsThatAreWrong) {
  EXPECT_THAT(fetch("key"), HasSubstr("the argument s3_key must be s3://BUCKET/KEY where s3_bucket is not given"));
  EXPECT_THAT(fetch("s3://b/key"), HasSubstr("\"b\" is no name of a bucket"));
  EXPECT_THAT(fetch("s3://shop"), HasSubstr("the argument s3_key names no key"));
  EXPECT_THAT(fetch("s3://shop/a/../b"), HasSubstr("which HTTP does not keep"));
  EXPECT_THAT(run("S3CreateObjectOperator", {{"s3_bucket", "shop"}, {"s3_key", "s3://shop/a"}, {"data", ""}}),
              HasSubstr("not both"));
  EXPECT_THAT(run("S3DeleteObjectsOperator", {{"bucket", "shop"}}), HasSubstr("otherwise all would go"));
  EXPECT_THAT(run("LocalFilesystemToS3Operator", {{"filename", "a"}, {"dest_key", "s3://shop/a"}}),
              HasSubstr("must be absolute"));
  EXPECT_TRUE(server.requests().empty());
}

}  // namespace
}  // namespace venturi::providers::testing
