// Bytes of unknown length on their way to Cloud Storage, and what goes wrong with that (tests/servers/http_server.py).
#include <gmock/gmock.h>

#include "providers/testing/host_program.h"
#include "providers/testing/sdk_fields.h"
#include "servers/http_server.h"
#include "venturi/google.h"

namespace venturi::providers::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(GcsTransform, FieldsOfTheSdk) {
  expect_fields_of_the_registry<GCSFileTransformOperator>();
}

class GcsSinkFaultsTest : public HostProgramTest {
 protected:
  GcsSinkFaultsTest() {
    const Object connection{{"type", "ConnectionResult"},
                            {"conn_id", "google_cloud_default"},
                            {"conn_type", "google_cloud_platform"},
                            {"host", nullptr},
                            {"schema", nullptr},
                            {"login", nullptr},
                            {"password", nullptr},
                            {"port", nullptr},
                            {"extra", to_json(Value(Object{{"endpoint", server.url()}, {"num_retries", 1}}))}};
    Object http = connection;
    http.set("conn_id", "http_default");
    http.set("conn_type", "http");
    http.set("host", web.url());
    http.set("extra", nullptr);
    worker.connections["google_cloud_default"] = connection;
    worker.connections["http_default"] = http;
  }
  void start(const std::string& name) {
    worker.start(++sequence,
                 {{"task_type", "HttpToGCSOperator"},
                  {"endpoint", "file/data"},
                  {"bucket_name", "shop"},
                  {"object_name", name},
                  {"chunk_size", 262144}},
                 {.should_retry = true});
  }
  std::string send(const std::string& name, std::size_t size) {
    std::string text;
    while (text.size() < size) text += std::to_string(text.size()) + "\n";
    text.resize(size);
    files.write("data", text);
    start(name);
    return worker.exit(sequence).get_string("error");
  }
  [[nodiscard]] bool arrived(const std::string& name) const {
    return tests::read_file(files / ("uploaded-" + name)) == tests::read_file(files / "data");
  }
  [[nodiscard]] std::vector<std::string> asked() const {
    std::vector<std::string> list;
    for (const Value& request : server.requests()) {
      const std::string range = request.at("headers").get_string("content-range");
      list.push_back(request.get_string("method") + (range.empty() ? "" : " " + range));
    }
    return list;
  }

  tests::TestFolder files;
  tests::HttpServer server{{.files = files.path()}};
  tests::HttpServer web{{.files = files.path()}};
  std::int64_t sequence = 0;
};

TEST_F(GcsSinkFaultsTest, TheLengthIsSaidWithTheLastPiece) {
  EXPECT_EQ(send("plain", 600'000), "");
  EXPECT_TRUE(arrived("plain"));
  EXPECT_THAT(asked(),
              ElementsAre("POST", "PUT bytes 0-262143/*", "PUT bytes 262144-524287/*", "PUT bytes 524288-599999/600000"));
  EXPECT_THAT(server.requests().back().at("headers").get_string("x-goog-hash"), HasSubstr("crc32c="));
  EXPECT_EQ(send("whole", 524'288), "");
  EXPECT_TRUE(arrived("whole"));
  EXPECT_EQ(asked().back(), "PUT bytes 262144-524287/524288");
  EXPECT_EQ(send("nothing", 0), "");
  EXPECT_EQ(asked().back(), "PUT bytes */0");
}

TEST_F(GcsSinkFaultsTest, ItGoesOnWhereTheServerIs) {
  EXPECT_EQ(send("half", 300'000), "");
  EXPECT_TRUE(arrived("half"));
  // Half of a piece was taken; then the server was busy, and was asked how far it is.
  EXPECT_THAT(asked(), ElementsAre("POST", "PUT bytes 0-262143/*", "PUT bytes 131072-299999/300000", "PUT bytes */300000",
                                   "PUT bytes 131072-299999/300000"));
  EXPECT_THAT(worker.log(sequence), AllOf(HasSubstr("(attempt 2 of 2)"), Not(HasSubstr("secret-"))));
}

TEST_F(GcsSinkFaultsTest, WhatFailsIsGivenUp) {
  EXPECT_THAT(send("dead", 600'000), HasSubstr("GCS: PUT gs://shop/dead: forbidden: It was said. (status 403)"));
  EXPECT_EQ(asked().back(), "DELETE");
  // What was sent before is not here any more.
  EXPECT_THAT(send("lost", 600'000), HasSubstr("the upload is not known there any more"));
  EXPECT_EQ(asked().back(), "DELETE");
  EXPECT_THAT(send("changed", 10),
              HasSubstr("gs://shop/changed: what arrived there is not what was read (CRC-32C AAAAAA== and "));
  EXPECT_EQ(server.requests().back().get_string("target"), "/storage/v1/b/shop/o/changed?generation=7");
}

TEST_F(GcsSinkFaultsTest, AnUploadWhoseTaskIsKilledIsGivenUp) {
  files.write("data", std::string(600'000, 'x'));
  start("slow");
  const auto second = [](const task::Frame& frame) {
    const Value* body = frame.body.get("body");
    return body != nullptr && body->get_string("type") == "GetConnection" &&
           body->get_string("conn_id") == "google_cloud_default";
  };
  (void)worker.wait(second, "the question for a connection");
  EXPECT_TRUE(tests::becomes_true([&] { return asked().size() == 3; }));
  worker.cancel(sequence);
  EXPECT_EQ(worker.exit(sequence).get_string("kind"), "killed");
  EXPECT_EQ(asked().back(), "DELETE");
}

}  // namespace
}  // namespace venturi::providers::testing
