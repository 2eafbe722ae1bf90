// Bytes of unknown length on their way to S3: what is right (S3 itself: tests/warehouse), and what goes wrong.
#include "providers/amazon/s3_sink.h"

#include <gmock/gmock.h>

#include "providers/testing/host_program.h"
#include "providers/testing/sdk_fields.h"
#include "servers/http_server.h"
#include "venturi/amazon.h"
#include "venturi/transfers.h"

namespace venturi::providers::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(S3Transfers, FieldsOfTheSdk) {
  expect_fields_of_the_registry<SqlToS3Operator, S3ToSqlOperator, HttpToS3Operator, PostgresToGCSOperator, HttpToGCSOperator,
                                BigQueryToPostgresOperator, S3GetBucketTaggingOperator, S3PutBucketTaggingOperator,
                                S3DeleteBucketTaggingOperator, S3FileTransformOperator>();
}

TEST(S3Sink, PartsGrowSoThatTheyAreEnough) {
  constexpr std::size_t mebibyte = 1UL << 20U;
  EXPECT_EQ(bytes_of_part(1), 8 * mebibyte);
  EXPECT_EQ(bytes_of_part(1000), 8 * mebibyte);
  EXPECT_EQ(bytes_of_part(1001), 16 * mebibyte);
  EXPECT_EQ(bytes_of_part(10'000), 40 * mebibyte);
  EXPECT_EQ(bytes_of_part(10'001), 0U);
  std::size_t all = 0;
  for (std::size_t part = 1; bytes_of_part(part) > 0; ++part) all += bytes_of_part(part);
  EXPECT_EQ(all >> 30U, 312U);
}

class S3SinkFaultsTest : public HostProgramTest {
 protected:
  S3SinkFaultsTest() {
    connect("aws_default", "aws",
            {{"endpoint_url", server.url()}, {"config_kwargs", Object{{"retries", Object{{"max_attempts", 2}}}}}});
    connect("http_default", "http", {});
    worker.connections["http_default"].as_object().set("host", web.url());
  }
  void connect(const std::string& conn_id, const std::string& conn_type, const Object& extra) {
    worker.connections[conn_id] = Object{{"type", "ConnectionResult"},
                                         {"conn_id", conn_id},
                                         {"conn_type", conn_type},
                                         {"host", nullptr},
                                         {"schema", nullptr},
                                         {"login", conn_type == "aws" ? Value("AKIA") : Value()},
                                         {"password", conn_type == "aws" ? Value("geheim-wort") : Value()},
                                         {"port", nullptr},
                                         {"extra", to_json(Value(extra))}};
  }
  void start(const std::string& endpoint, const std::string& key) {
    worker.start(++sequence, {{"task_type", "HttpToS3Operator"}, {"endpoint", endpoint}, {"s3_key", key}, {"replace", true}},
                 {.should_retry = true});
  }
  [[nodiscard]] std::vector<std::string> asked() const {
    std::vector<std::string> list;
    for (const Value& request : server.requests())
      list.push_back(request.get_string("method") + " " + request.get_string("target"));
    return list;
  }

  tests::TestFolder files;
  std::string large = files.write("large", std::string(20UL << 20U, 'x'));
  tests::HttpServer server;
  tests::HttpServer web{{.files = files.path()}};
  std::int64_t sequence = 0;
};

TEST_F(S3SinkFaultsTest, AnUploadThatFailsIsAborted) {
  start("file/large", "s3://parts/large");
  EXPECT_THAT(worker.exit(sequence).get_string("error"), HasSubstr("S3: PUT s3://parts/large: AccessDenied"));
  EXPECT_THAT(asked(), ElementsAre("POST /parts/large?uploads=", "PUT /parts/large?partNumber=1&uploadId=u%2F1",
                                   "PUT /parts/large?partNumber=2&uploadId=u%2F1", "DELETE /parts/large?uploadId=u%2F1"));
}

TEST_F(S3SinkFaultsTest, ASourceThatBreaksOffLeavesNothing) {
  worker.start(++sequence,
               {{"task_type", "HttpToS3Operator"},
                {"endpoint", "short"},
                {"s3_key", "s3://echo/none"},
                {"replace", true},
                {"retry_args", Object{{"attempts", 2}, {"wait", 0.1}}}},
               {.should_retry = true});
  EXPECT_NE(worker.exit(sequence).get_string("error"), "");
  for (const std::string& request : asked()) EXPECT_THAT(request, ::testing::Not(HasSubstr("PUT")));
}

TEST_F(S3SinkFaultsTest, AnUploadWhoseTaskIsKilledIsAborted) {
  start("file/large", "s3://parts/slow");
  const auto second = [](const task::Frame& frame) {
    const Value* body = frame.body.get("body");
    return body != nullptr && body->get_string("type") == "GetConnection" && body->get_string("conn_id") == "aws_default";
  };
  (void)worker.wait(second, "the question for a connection");
  EXPECT_TRUE(tests::becomes_true([&] { return asked().size() == 3; }));
  worker.cancel(sequence);
  EXPECT_EQ(worker.exit(sequence).get_string("kind"), "killed");
  EXPECT_EQ(asked().back(), "DELETE /parts/slow?uploadId=u%2F1");
}

}  // namespace
}  // namespace venturi::providers::testing
