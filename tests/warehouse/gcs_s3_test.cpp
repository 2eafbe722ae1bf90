// Between S3 and Cloud Storage: moto and fake-gcs-server.
#include <gmock/gmock.h>

#include <memory>

#include "providers/testing/host_program.h"
#include "servers/fake_gcs_server.h"
#include "servers/moto_server.h"

namespace venturi::providers::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class GcsS3Test : public HostProgramTest {
 protected:
  static void SetUpTestSuite() {
    gcs = std::make_unique<tests::FakeGcsServer>();
    moto = std::make_unique<tests::MotoServer>();
  }
  static void TearDownTestSuite() {
    gcs.reset();
    moto.reset();
  }
  GcsS3Test() {
    connect("google_cloud_default", "google_cloud_platform", {{"endpoint", gcs->url()}, {"project", "test"}});
    connect("aws_default", "aws", {{"endpoint_url", moto->url()}});
  }
  void connect(const std::string& conn_id, const std::string& conn_type, const Object& extra) {
    worker.connections[conn_id] = Object{{"type", "ConnectionResult"},
                                         {"conn_id", conn_id},
                                         {"conn_type", conn_type},
                                         {"host", nullptr},
                                         {"schema", nullptr},
                                         {"login", "AKIA"},
                                         {"password", "geheim-wort"},
                                         {"port", nullptr},
                                         {"extra", to_json(Value(extra))}};
  }
  // The XCom (null: none), or the error.
  Value made(const char* type, Object op) {
    op.set("task_type", type);
    worker.start(++sequence, std::move(op), {.should_retry = true});
    const Value exit = worker.exit(sequence);
    if (const std::string error = exit.get_string("error"); !error.empty()) return error;
    for (const std::string& message : worker.types(sequence)) {
      if (message == "SetXCom") return worker.message(sequence, "SetXCom").at("value");
    }
    return {};
  }
  void create_buckets(const std::string& name) {
    EXPECT_EQ(made("S3CreateBucketOperator", {{"bucket_name", name}}), Value());
    EXPECT_EQ(made("GCSCreateBucketOperator", {{"bucket_name", name}}), Value());
  }
  void put(const std::string& key, const std::string& text) {
    EXPECT_EQ(made("S3CreateObjectOperator", {{"s3_key", "s3://" + key}, {"data", text}, {"replace", true}}), Value());
  }
  std::string fetched(const std::string& bucket, const std::string& object) {
    (void)made("GCSToLocalFilesystemOperator", {{"bucket", bucket}, {"object_name", object}, {"filename", files / "fetched"}});
    return tests::read_file(files / "fetched");
  }

  static std::unique_ptr<tests::FakeGcsServer> gcs;
  static std::unique_ptr<tests::MotoServer> moto;
  tests::TestFolder files;
  std::int64_t sequence = 0;
};
std::unique_ptr<tests::FakeGcsServer> GcsS3Test::gcs;
std::unique_ptr<tests::MotoServer> GcsS3Test::moto;

TEST_F(GcsS3Test, ThereAndBack) {
  create_buckets("both");
  put("both/in/a.csv", "a");
  put("both/in/2026/b.csv", "b");
  put("both/other", "c");
  const Object there{{"bucket", "both"}, {"prefix", "in/"}, {"dest_gcs", "gs://both/from-s3/"}};
  EXPECT_EQ(to_json(made("S3ToGCSOperator", there)), R"(["in/2026/b.csv","in/a.csv"])");
  EXPECT_EQ(fetched("both", "from-s3/in/2026/b.csv"), "b");
  // What is there already is left out.
  put("both/in/c.csv", "c");
  EXPECT_EQ(to_json(made("S3ToGCSOperator", there)), R"(["in/c.csv"])");
  Object again = there;
  again.set("apply_gcs_prefix", true);
  again.set("return_gcs_uris", true);
  EXPECT_EQ(to_json(made("S3ToGCSOperator", again)),
            R"(["gs://both/from-s3/2026/b.csv","gs://both/from-s3/a.csv","gs://both/from-s3/c.csv"])");
  EXPECT_THAT(worker.log(sequence), HasSubstr("s3://both/in/a.csv is gs://both/from-s3/a.csv: 1 bytes"));

  const Object back{{"gcs_bucket", "both"}, {"prefix", "from-s3/in/"}, {"dest_s3_key", "s3://both/back"}};
  EXPECT_EQ(to_json(made("GCSToS3Operator", back)), R"(["from-s3/in/2026/b.csv","from-s3/in/a.csv","from-s3/in/c.csv"])");
  EXPECT_EQ(to_json(made("GCSToS3Operator", back)), "[]");
  Object flat = back;
  flat.set("flatten_structure", true);
  flat.set("dest_s3_key", "s3://both/flat/");
  EXPECT_EQ(made("GCSToS3Operator", flat).as_array().size(), 3U);
  EXPECT_EQ(to_json(made("S3ListOperator", {{"bucket", "both"}, {"prefix", "flat/"}})),
            R"(["flat/a.csv","flat/b.csv","flat/c.csv"])");
  EXPECT_EQ(to_json(made("S3ListOperator", {{"bucket", "both"}, {"prefix", "back/"}})),
            R"(["back/from-s3/in/2026/b.csv","back/from-s3/in/a.csv","back/from-s3/in/c.csv"])");
}

TEST_F(GcsS3Test, WhatIsWrong) {
  create_buckets("wrong");
  EXPECT_EQ(made("S3ToGCSOperator", {{"bucket", "wrong"}, {"dest_gcs", "gs://wrong/no-folder"}}),
            Value("The destination Google Cloud Storage path must end with a slash \"/\" or be empty."));
  EXPECT_EQ(made("S3ToGCSOperator", {{"bucket", "wrong"}, {"dest_gcs", "wrong/"}}),
            Value("the argument dest_gcs must be gs://bucket/folder/, not 'wrong/'"));
  EXPECT_THAT(made("S3ToGCSOperator", {{"bucket", "nowhere"}, {"dest_gcs", "gs://wrong/"}}).as_string(),
              HasSubstr("NoSuchBucket"));
  EXPECT_THAT(made("GCSToS3Operator", {{"gcs_bucket", "nowhere"}, {"dest_s3_key", "s3://wrong/"}}).as_string(),
              HasSubstr("GCS: GET gs://nowhere"));
}

TEST_F(GcsS3Test, KeysThatDoNotChangeAnyMore) {
  create_buckets("settles");
  put("settles/in/a", "a");
  const Object settles{
      {"bucket_name", "settles"}, {"prefix", "in/"}, {"inactivity_period", 0.2}, {"poke_interval", 0.05}, {"min_objects", 1}};
  EXPECT_EQ(made("S3KeysUnchangedSensor", settles), Value());
  EXPECT_THAT(worker.log(sequence), AllOf(HasSubstr("New objects found at settles/in/"), HasSubstr("Sensor found 1 objects")));
  Object gone = settles;
  gone.set("allow_delete", false);
  gone.set("previous_objects", Array{"in/a", "in/b"});
  EXPECT_EQ(made("S3KeysUnchangedSensor", gone), Value("Illegal behavior: objects were deleted in settles/in/ between pokes."));
  Object forgets = settles;
  forgets.set("mode", "reschedule");
  EXPECT_THAT(made("S3KeysUnchangedSensor", forgets).as_string(), HasSubstr("mode: reschedule forgets what was there before"));
}

}  // namespace
}  // namespace venturi::providers::testing
