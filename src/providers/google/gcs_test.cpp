// What servers do wrong: against tests/servers/http_server.py, where the names of objects say it. Against a server that keeps
// objects: tests/warehouse.
#include <gmock/gmock.h>

#include <filesystem>

#include "base/testing/rsa_key.h"
#include "providers/google/gcs_upload.h"
#include "providers/testing/host_program.h"
#include "providers/testing/sdk_fields.h"
#include "sdk/crc32c.h"
#include "servers/http_server.h"
#include "venturi/google.h"

namespace venturi::providers::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(Gcs, TheSdkSaysWhatTheHostRenders) {
  expect_fields_of_the_registry<GCSCreateBucketOperator, GCSDeleteBucketOperator, GCSListObjectsOperator,
                                GCSDeleteObjectsOperator, GCSSynchronizeBucketsOperator, GCSToGCSOperator,
                                LocalFilesystemToGCSOperator, GCSToLocalFilesystemOperator, GCSObjectExistenceSensor,
                                GCSObjectsWithPrefixExistenceSensor, GCSObjectUpdateSensor, GCSUploadSessionCompleteSensor,
                                S3ToGCSOperator, GCSToS3Operator, SFTPToGCSOperator, GCSToSFTPOperator>();
}

TEST(Gcs, ChecksumsAsGoogleWritesThem) {
  EXPECT_EQ(crc32c_text(internal::crc32c("123456789")), "4waSgw==");
  EXPECT_EQ(internal::crc32c("6789", internal::crc32c("12345")), internal::crc32c("123456789"));
}

class GcsFaultsTest : public HostProgramTest {
 protected:
  GcsFaultsTest() { connect({{"endpoint", server.url()}}); }
  void connect(Object extra) {
    if (!extra.contains("num_retries")) extra.set("num_retries", 1);
    worker.connections["google_cloud_default"] = Object{{"type", "ConnectionResult"},
                                                        {"conn_id", "google_cloud_default"},
                                                        {"conn_type", "google_cloud_platform"},
                                                        {"host", nullptr},
                                                        {"schema", nullptr},
                                                        {"login", nullptr},
                                                        {"password", nullptr},
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
  std::string fetch(const std::string& object) {
    return run("GCSToLocalFilesystemOperator", {{"bucket", "shop"}, {"object_name", object}, {"filename", files / "fetched"}});
  }
  std::string send(const std::string& name, std::size_t size, Object more = {}) {
    std::string text;
    while (text.size() < size) text += std::to_string(text.size()) + "\n";
    text.resize(size);
    Object op{{"src", files.write("data-" + name, text)}, {"dst", name}, {"bucket", "shop"}, {"chunk_size", 262144}};
    for (const auto& [member, value] : more) op.set(member, value);
    return run("LocalFilesystemToGCSOperator", std::move(op));
  }
  [[nodiscard]] bool arrived(const std::string& name) const {
    return tests::read_file(files / ("uploaded-" + name)) == tests::read_file(files / ("data-" + name));
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
  std::int64_t sequence = 0;
};

TEST_F(GcsFaultsTest, TheTriesOfAHostShareATokenOfTheSameSecretAlone) {
  const RsaKey key, another;
  const auto as = [&](const std::string& pem) {
    connect({{"endpoint", server.url()},
             {"keyfile_dict", to_json(Object{{"type", "service_account"},
                                             {"client_email", "etl@shop"},
                                             {"private_key", pem},
                                             {"token_uri", server.url("/google/token?token=geheim-wort")}})}});
  };
  const auto bearer = [&] {
    (void)fetch("none");
    EXPECT_THAT(worker.log(sequence), Not(HasSubstr("geheim-wort")));
    return server.requests().back().at("headers").get_string("authorization");
  };
  as(key.pem());
  EXPECT_EQ(bearer(), "Bearer geheim-wort-1");
  EXPECT_EQ(bearer(), "Bearer geheim-wort-1");
  as(another.pem());
  EXPECT_EQ(bearer(), "Bearer geheim-wort-2") << "the same account with another key is somebody else";
  as(key.pem());
  EXPECT_EQ(bearer(), "Bearer geheim-wort-1");
}

TEST_F(GcsFaultsTest, EmulatorsGetNoToken) {
  EXPECT_THAT(fetch("in/a b+ü.csv"), HasSubstr("GCS: GET gs://shop/in/a b+ü.csv: notFound: No such object"));
  const Value request = server.requests().at(0);
  EXPECT_EQ(request.get_string("target"), "/storage/v1/b/shop/o/in%2Fa%20b%2B%C3%BC.csv?alt=media");
  EXPECT_EQ(request.at("headers").get_string("authorization"), "");
}

TEST_F(GcsFaultsTest, ATokenThatIsOverIsRenewedOnce) {
  const RsaKey key;
  connect({{"endpoint", server.url()},
           {"keyfile_dict", to_json(Object{{"type", "service_account"},
                                           {"client_email", "etl@shop.iam.gserviceaccount.com"},
                                           {"private_key", key.pem()},
                                           {"token_uri", server.url("/google/token?token=geheim-wort")}})}});
  EXPECT_EQ(run("GCSObjectExistenceSensor", {{"bucket", "shop"}, {"object", "fresh"}, {"poke_interval", 0.1}}), "");
  EXPECT_THAT(server.requests().back().at("headers").get_string("authorization"), "Bearer geheim-wort-2");
  EXPECT_EQ(asked().size(), 4U);
  EXPECT_EQ(fetch("refused/forbidden/403"),
            "GCS: GET gs://shop/refused/forbidden/403: forbidden: It was said. (status 403); service account "
            "etl@shop.iam.gserviceaccount.com may not do this: grant it a role on the bucket or project: connection "
            "google_cloud_default");
  EXPECT_THAT(worker.log(1) + worker.log(2), AllOf(Not(HasSubstr("geheim-wort")), Not(HasSubstr("PRIVATE KEY"))));
}

TEST_F(GcsFaultsTest, ASensorKeepsItsToken) {
  const RsaKey key;
  connect({{"endpoint", server.url()},
           {"keyfile_dict", to_json(Object{{"type", "service_account"},
                                           {"client_email", "etl@shop"},
                                           {"private_key", key.pem()},
                                           {"token_uri", server.url("/google/token")}})}});
  EXPECT_THAT(
      run("GCSObjectExistenceSensor", {{"bucket", "shop"}, {"object", "none"}, {"poke_interval", 0.05}, {"timeout", 0.3}}),
      HasSubstr("timed out"));
  int tokens = 0;
  for (const Value& request : server.requests()) tokens += request.get_string("target") == "/google/token" ? 1 : 0;
  EXPECT_EQ(tokens, 1);
  EXPECT_GT(server.requests().size(), 3U);
}

TEST_F(GcsFaultsTest, BusyServersAreAskedAgain) {
  EXPECT_EQ(fetch("flaky/a/1/503"), "");
  EXPECT_EQ(tests::read_file(files / "fetched"), "now");
  EXPECT_THAT(worker.log(sequence),
              HasSubstr("GCS: GET gs://shop/flaky/a/1/503: backendError: It was said. (status 503); trying "
                        "again in 0.5 s (attempt 2 of 2)"));
  EXPECT_EQ(fetch("refused/backendError/503"),
            "GCS: GET gs://shop/refused/backendError/503: backendError: It was said. (status 503)");
  // Not by its status, but by its reason.
  EXPECT_THAT(fetch("refused/rateLimitExceeded/403"), Not(HasSubstr("may not")));
  EXPECT_THAT(worker.log(sequence), HasSubstr("(attempt 2 of 2)"));
}

TEST_F(GcsFaultsTest, RefusalsSayWhatToDo) {
  EXPECT_EQ(
      fetch("refused/required/401"),
      "GCS: GET gs://shop/refused/required/401: required: It was said. (status 401); the connection is anonymous: give it "
      "keyfile_dict, key_path or credential_config_file: connection google_cloud_default");
  EXPECT_THAT(worker.log(sequence), Not(HasSubstr("trying again")));
  EXPECT_FALSE(std::filesystem::exists(files / "fetched"));
}

TEST_F(GcsFaultsTest, ABrokenDownloadGoesOnWhereItWas) {
  files.write("data", std::string(100'000, 'a') + std::string(100'000, 'b'));
  EXPECT_EQ(fetch("broken/data"), "");
  EXPECT_EQ(tests::read_file(files / "fetched"), tests::read_file(files / "data"));
  const Value again = server.requests().back();
  EXPECT_EQ(again.at("headers").get_string("range"), "bytes=100000-");
  EXPECT_THAT(again.get_string("target"), HasSubstr("generation=1"));
}

TEST_F(GcsFaultsTest, AnObjectThatWasReplacedIsReadFromItsBeginning) {
  connect({{"endpoint", server.url()}, {"num_retries", 2}});
  files.write("data", std::string(100'000, 'a') + std::string(100'000, 'b'));
  EXPECT_EQ(fetch("replaced/data"), "");
  EXPECT_EQ(tests::read_file(files / "fetched"), tests::read_file(files / "data"));
  EXPECT_THAT(worker.log(sequence), HasSubstr("the object was replaced while it was read"));
}

TEST_F(GcsFaultsTest, WhatIsNotWhatIsThereIsNoFile) {
  files.write("data", "text");
  EXPECT_THAT(fetch("corrupt/data"), HasSubstr("GCS: GET gs://shop/corrupt/data: what arrived is not what is there (CRC-32C "));
  EXPECT_FALSE(std::filesystem::exists(files / "fetched"));
}

TEST_F(GcsFaultsTest, AnUploadInPieces) {
  EXPECT_EQ(send("plain", 700'000), "");
  EXPECT_TRUE(arrived("plain"));
  EXPECT_THAT(asked(), ElementsAre("POST", "PUT bytes 0-262143/700000", "PUT bytes 262144-524287/700000",
                                   "PUT bytes 524288-699999/700000"));
  const Value last = server.requests().back();
  EXPECT_THAT(last.at("headers").get_string("x-goog-hash"), StartsWith("crc32c="));
  EXPECT_THAT(worker.log(sequence), Not(HasSubstr("secret-")));
  EXPECT_EQ(send("nothing", 0), "");
  EXPECT_THAT(asked().back(), "PUT bytes */0");
}

TEST_F(GcsFaultsTest, AnUploadGoesOnWhereTheServerIs) {
  EXPECT_EQ(send("half", 300'000), "");
  EXPECT_TRUE(arrived("half"));
  // Half of a piece was taken; then the server was busy, and was asked how far it is.
  EXPECT_THAT(asked(), ElementsAre("POST", "PUT bytes 0-262143/300000", "PUT bytes 131072-299999/300000", "PUT bytes */300000",
                                   "PUT bytes 131072-299999/300000"));
  EXPECT_THAT(worker.log(sequence), AllOf(HasSubstr("(attempt 2 of 2)"), Not(HasSubstr("secret-"))));
}

TEST_F(GcsFaultsTest, AnUploadThatIsForgottenBeginsAgain) {
  EXPECT_EQ(send("lost", 600'000), "");
  EXPECT_TRUE(arrived("lost"));
  EXPECT_THAT(worker.log(sequence), HasSubstr("the upload is not known there any more: from its beginning"));
}

TEST_F(GcsFaultsTest, AnUploadThatFailsIsGivenUp) {
  EXPECT_THAT(send("dead", 600'000), HasSubstr("GCS: PUT gs://shop/dead: forbidden: It was said. (status 403)"));
  EXPECT_EQ(asked().back(), "DELETE");
  EXPECT_THAT(worker.log(sequence), AllOf(Not(HasSubstr("secret-")), Not(HasSubstr("was not given up"))));
  EXPECT_THAT(send("changed", 10),
              HasSubstr("gs://shop/changed: what arrived there is not what was read (CRC-32C AAAAAA== and "));
  EXPECT_EQ(server.requests().back().get_string("target"), "/storage/v1/b/shop/o/changed?generation=7");
}

TEST_F(GcsFaultsTest, AnUploadWhoseTaskIsKilledIsGivenUp) {
  worker.start(++sequence, {{"task_type", "LocalFilesystemToGCSOperator"},
                            {"src", files.write("data-slow", std::string(600'000, 'x'))},
                            {"dst", "slow"},
                            {"bucket", "shop"},
                            {"chunk_size", 262144}});
  (void)worker.message(sequence, "GetConnection");
  EXPECT_TRUE(tests::becomes_true([&] { return asked().size() == 3; }));
  worker.cancel(sequence);
  EXPECT_EQ(worker.exit(sequence).get_string("kind"), "killed");
  EXPECT_EQ(asked().back(), "DELETE");
}

TEST_F(GcsFaultsTest, ACopyGoesOnUntilItIsDone) {
  EXPECT_THAT(run("GCSToGCSOperator", {{"source_bucket", "shop"}, {"source_object", "none"}, {"source_object_required", true}}),
              HasSubstr("none does not exist in bucket shop"));
  EXPECT_EQ(run("GCSToGCSOperator", {{"source_bucket", "shop"},
                                     {"source_object", "fresh"},
                                     {"destination_bucket", "other"},
                                     {"destination_object", "b/"},
                                     {"exact_match", true}}),
            "");
  const auto requests = server.requests();
  EXPECT_EQ(requests.back().get_string("target"), "/storage/v1/b/shop/o/fresh/rewriteTo/b/other/o/b%2Ffresh?rewriteToken=2");
}

// fake-gcs-server takes no heed of matchGlob.
TEST_F(GcsFaultsTest, PatternsAreGoogles) {
  EXPECT_EQ(run("GCSListObjectsOperator", {{"bucket", "shop"}, {"match_glob", "in/**/*.csv"}}), "");
  EXPECT_THAT(server.requests().back().get_string("target"), HasSubstr("&matchGlob=in%2F%2A%2A%2F%2A.csv"));
  EXPECT_EQ(worker.message(sequence, "SetXCom").at("value"), Value(Array{"in/**/*.csv"}));
  EXPECT_EQ(run("GCSObjectExistenceSensor", {{"bucket", "shop"}, {"object", "in/*.csv"}, {"use_glob", true}}), "");
  EXPECT_THAT(server.requests().back().get_string("target"), HasSubstr("&matchGlob=in%2F%2A.csv"));
  EXPECT_THAT(run("GCSListObjectsOperator", {{"bucket", "shop"}, {"match_glob", "*"}, {"delimiter", ".csv"}}),
              HasSubstr("no delimiter other than"));
}

TEST_F(GcsFaultsTest, NobodyIsThere) {
  connect({{"endpoint", "http://127.0.0.1:" + std::to_string(tests::free_port())}});
  EXPECT_THAT(fetch("key"), AllOf(StartsWith("GCS: GET gs://shop/key (http://127.0.0.1:"), HasSubstr("refused")));
  EXPECT_THAT(worker.types(sequence), Contains("RetryTask"));
}

TEST_F(GcsFaultsTest, ArgumentsThatAreWrong) {
  EXPECT_THAT(run("GCSListObjectsOperator", {{"bucket", "gs://shop"}}), HasSubstr("without gs://"));
  EXPECT_THAT(run("GCSListObjectsOperator", {{"bucket", "Shop"}}), HasSubstr("\"Shop\" is no name of a bucket"));
  EXPECT_THAT(run("GCSDeleteObjectsOperator", {{"bucket_name", "shop"}}), HasSubstr("Both are None"));
  EXPECT_THAT(run("GCSToGCSOperator", {{"source_bucket", "shop"}}), HasSubstr("None set"));
  EXPECT_THAT(run("GCSToGCSOperator", {{"source_bucket", "shop"}, {"source_object", "a*b*"}}), HasSubstr("only one *"));
  EXPECT_THAT(run("LocalFilesystemToGCSOperator", {{"src", "a"}, {"dst", "b"}, {"bucket", "shop"}}), HasSubstr("absolute"));
  EXPECT_THAT(send("odd", 1, {{"chunk_size", 1000}}), HasSubstr("a multiple of 262144"));
  EXPECT_THAT(run("GCSToLocalFilesystemOperator", {{"bucket", "shop"}, {"object_name", "a"}, {"filename", "relative"}}),
              HasSubstr("must be absolute"));
  EXPECT_TRUE(server.requests().empty());
}

}  // namespace
}  // namespace venturi::providers::testing
