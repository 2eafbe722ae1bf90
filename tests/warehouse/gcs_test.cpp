// Google Cloud Storage against fake-gcs-server, which keeps what it is told. Tokens it does not look at, nor at
// matchGlob: google_token_test.cpp, gcs_test.cpp.
#include <fcntl.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <memory>

#include "base/crypto.h"
#include "base/gzip.h"
#include "providers/testing/host_program.h"
#include "servers/fake_gcs_server.h"

namespace venturi::providers::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Value names(std::initializer_list<const char*> list) {
  return Array(list.begin(), list.end());
}

class GcsTest : public HostProgramTest {
 protected:
  static void SetUpTestSuite() { gcs = std::make_unique<tests::FakeGcsServer>(); }
  static void TearDownTestSuite() { gcs.reset(); }
  GcsTest() {
    const Object extra{{"endpoint", gcs->url()}, {"project", "test"}, {"num_retries", 1}};
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

  void start(const char* type, Object op) {
    op.set("task_type", type);
    worker.start(++sequence, std::move(op), {.should_retry = true});
  }
  std::string end(std::int64_t which) {
    const Value exit = worker.exit(which);
    EXPECT_EQ(exit.get_string("kind"), "ok");
    return exit.get_string("error");
  }
  // The error; empty where there is none.
  std::string run(const char* type, Object op) {
    start(type, std::move(op));
    return end(sequence);
  }
  Value xcom() { return worker.message(sequence, "SetXCom").at("value"); }
  Value made(const char* type, Object op) {
    const std::string error = run(type, std::move(op));
    return error.empty() ? xcom() : Value(error);
  }
  Value list(const std::string& bucket, Object more = {}) {
    more.set("bucket", bucket);
    return made("GCSListObjectsOperator", std::move(more));
  }
  void create(const std::string& bucket) { EXPECT_EQ(run("GCSCreateBucketOperator", {{"bucket_name", bucket}}), ""); }
  void put(const std::string& bucket, const std::string& object, const std::string& text = "x") {
    EXPECT_EQ(run("LocalFilesystemToGCSOperator", {{"src", files.write("put", text)}, {"dst", object}, {"bucket", bucket}}),
              "");
  }
  std::string fetched(const std::string& bucket, const std::string& object) {
    const std::string error =
        run("GCSToLocalFilesystemOperator", {{"bucket", bucket}, {"object_name", object}, {"filename", files / "fetched"}});
    return error.empty() ? tests::read_file(files / "fetched") : error;
  }

  static std::unique_ptr<tests::FakeGcsServer> gcs;
  tests::TestFolder files;
  std::int64_t sequence = 0;
};
std::unique_ptr<tests::FakeGcsServer> GcsTest::gcs;

TEST_F(GcsTest, BucketsComeAndGo) {
  create("come");
  create("come");
  EXPECT_THAT(worker.log(sequence), HasSubstr("Bucket come already exists"));
  put("come", "a");
  EXPECT_THAT(run("GCSDeleteBucketOperator", {{"bucket_name", "come"}, {"force", false}}), HasSubstr("GCS: DELETE gs://come"));
  EXPECT_EQ(run("GCSDeleteBucketOperator", {{"bucket_name", "come"}}), "");
  EXPECT_THAT(worker.log(sequence), AllOf(HasSubstr("1 objects deleted"), HasSubstr("Bucket come has been deleted")));
  EXPECT_EQ(run("GCSDeleteBucketOperator", {{"bucket_name", "come"}}), "");
  EXPECT_THAT(list("come").as_string(), HasSubstr("GCS: GET gs://come"));
}

TEST_F(GcsTest, ObjectsByPrefixDelimiterAndGlob) {
  create("names");
  for (const char* object : {"in/a.csv", "in/b.csv", "in/2026/c.csv", "in/a+b %25&<ü>.txt", "top"}) put("names", object);
  EXPECT_EQ(list("names", {{"prefix", "in/"}}), names({"in/2026/c.csv", "in/a+b %25&<ü>.txt", "in/a.csv", "in/b.csv"}));
  EXPECT_EQ(list("names", {{"prefix", names({"in/a", "to"})}}), names({"in/a+b %25&<ü>.txt", "in/a.csv", "top"}));
  EXPECT_EQ(list("names", {{"prefix", "in/"}, {"delimiter", "/"}}), names({"in/2026/"}));
  EXPECT_EQ(fetched("names", "in/a+b %25&<ü>.txt"), "x");
  EXPECT_THAT(run("GCSDeleteObjectsOperator", {{"bucket_name", "names"}, {"objects", names({"in/a.csv", "none"})}}),
              HasSubstr("GCS: DELETE gs://names/none: there is no such object"));
  EXPECT_EQ(
      run("GCSDeleteObjectsOperator", {{"bucket_name", "names"}, {"objects", names({"none", "top"})}, {"ignore_error", true}}),
      "");
  EXPECT_EQ(run("GCSDeleteObjectsOperator", {{"bucket_name", "names"}, {"prefix", "in/2026/"}}), "");
  EXPECT_EQ(list("names"), names({"in/a+b %25&<ü>.txt", "in/b.csv"}));
}

TEST_F(GcsTest, FilesThereAndBack) {
  create("files");
  std::string content;
  while (content.size() < (20UL << 20U) + 12'345) content += sha256_hex(std::to_string(content.size()));
  for (const auto& [name, text] :
       {std::pair<std::string, std::string>{"large", content}, {"small", "a\r\nb\0c"}, {"empty", ""}}) {
    const std::string path = files.write(name, text);
    EXPECT_EQ(made("LocalFilesystemToGCSOperator", {{"src", path}, {"dst", name}, {"bucket", "files"}}),
              Value(Array{"gs://files/" + name}));
    EXPECT_THAT(worker.log(sequence), HasSubstr(std::to_string(text.size()) + " bytes"));
    EXPECT_EQ(sha256_hex(fetched("files", name)), sha256_hex(text)) << name;
    EXPECT_EQ(xcom(), Value(files / "fetched"));
  }
  EXPECT_EQ(
      made("LocalFilesystemToGCSOperator", {{"src", files / "large"}, {"dst", "packed"}, {"bucket", "files"}, {"gzip", true}}),
      names({"gs://files/packed"}));
  EXPECT_EQ(fetched("files", "packed").substr(0, 2), "\x1f\x8b");
  EXPECT_EQ(sha256_hex(gunzip(Fd(::open((files / "fetched").c_str(), O_RDONLY)), "fetched").value()), sha256_hex(content));
  EXPECT_EQ(made("LocalFilesystemToGCSOperator", {{"src", files / "[ls]*"}, {"dst", "in/"}, {"bucket", "files"}}),
            names({"gs://files/in/large", "gs://files/in/small"}));
  EXPECT_THAT(run("LocalFilesystemToGCSOperator", {{"src", files / "none"}, {"dst", "none"}, {"bucket", "files"}}),
              HasSubstr("there is no such file"));
  EXPECT_THAT(run("LocalFilesystemToGCSOperator", {{"src", files / "small"}, {"dst", "x"}, {"bucket", "nowhere"}}),
              HasSubstr("GCS: PUT gs://nowhere/x: "));
  std::filesystem::remove(files / "fetched");
  EXPECT_THAT(fetched("files", "none"), HasSubstr("GCS: GET gs://files/none: "));
  EXPECT_FALSE(std::filesystem::exists(files / "fetched"));
}

TEST_F(GcsTest, AnObjectAsAFileOfTheRunOrAnXCom) {
  create("some");
  put("some", "in/text.csv", "gr\xc3\xbc\xc3\x9f");
  EXPECT_EQ(run("GCSToLocalFilesystemOperator", {{"bucket", "some"}, {"object_name", "in/text.csv"}}), "");
  EXPECT_EQ(xcom(), Value(worker.folder.path() + "/text.csv"));
  EXPECT_EQ(run("GCSToLocalFilesystemOperator",
                {{"bucket", "some"}, {"object_name", "in/text.csv"}, {"store_to_xcom_key", "content"}}),
            "");
  EXPECT_EQ(worker.message(sequence, "SetXCom").at("key"), Value("content"));
  EXPECT_EQ(xcom(), Value("grüß"));
  put("some", "large", std::string(50'000, 'x'));
  EXPECT_THAT(
      run("GCSToLocalFilesystemOperator", {{"bucket", "some"}, {"object_name", "large"}, {"store_to_xcom_key", "content"}}),
      HasSubstr("too large to push to XCom"));
}

TEST_F(GcsTest, CopiesGetTheNamesThatAirflowGivesThem) {
  create("source");
  create("target");
  for (const char* object : {"a/1.csv", "a/2.csv", "a/3.txt", "b.csv"}) put("source", object, object);
  const auto copy = [&](Object op) {
    op.set("source_bucket", "source");
    op.set("destination_bucket", "target");
    return made("GCSToGCSOperator", std::move(op));
  };
  EXPECT_EQ(copy({{"source_object", "b.csv"}, {"destination_object", "one"}}), names({"gs://target/one"}));
  EXPECT_EQ(fetched("target", "one"), "b.csv");
  EXPECT_EQ(copy({{"source_object", "b.csv"}, {"destination_object", "in/"}}), names({"gs://target/in/b.csv"}));
  EXPECT_EQ(copy({{"source_object", "a/"}, {"destination_object", "c/"}}),
            names({"gs://target/c/1.csv", "gs://target/c/2.csv", "gs://target/c/3.txt"}));
  EXPECT_EQ(copy({{"source_object", "a/*.csv"}, {"destination_object", "d/"}}),
            names({"gs://target/d/1.csv", "gs://target/d/2.csv"}));
  EXPECT_EQ(copy({{"source_object", "a/3.txt"}}), names({"gs://target/a/3.txt"}));
  // What is there stays; what is not comes.
  EXPECT_EQ(copy({{"source_object", "a/"}, {"replace", false}}), names({"gs://target/a/1.csv", "gs://target/a/2.csv"}));
  EXPECT_EQ(copy({{"source_object", "b.csv"}, {"destination_object", "moved"}, {"move_object", true}}),
            names({"gs://target/moved"}));
  EXPECT_EQ(list("source", {{"prefix", "b"}}), Value(Array{}));
  EXPECT_EQ(copy({{"source_object", "a/"}, {"maximum_modified_time", "2020-01-01T00:00:00Z"}}), Value(Array{}));
  EXPECT_EQ(copy({{"source_object", "none"}}), Value(Array{}));
  EXPECT_THAT(run("GCSToGCSOperator", {{"source_bucket", "source"}, {"source_object", "a/1.csv"}}),
              HasSubstr("cannot be copied to itself"));
}

TEST_F(GcsTest, FoldersAreSynchronized) {
  create("here");
  create("there");
  put("here", "a/same", "same");
  put("here", "a/new", "new");
  put("here", "a/other", "first");
  put("there", "b/same", "same");
  put("there", "b/other", "second");
  put("there", "b/extra", "extra");
  Object op{{"source_bucket", "here"}, {"source_object", "a"}, {"destination_bucket", "there"}, {"destination_object", "b"}};
  EXPECT_EQ(run("GCSSynchronizeBucketsOperator", op), "");
  EXPECT_EQ(list("there"), names({"b/extra", "b/new", "b/other", "b/same"}));
  EXPECT_EQ(fetched("there", "b/other"), "second");
  op.set("allow_overwrite", true);
  op.set("delete_extra_files", true);
  EXPECT_EQ(run("GCSSynchronizeBucketsOperator", op), "");
  EXPECT_THAT(worker.log(sequence), HasSubstr("To delete blobs count: 1, to upload blobs count: 0, to rewrite blobs count: 1"));
  EXPECT_EQ(list("there"), names({"b/new", "b/other", "b/same"}));
  EXPECT_EQ(fetched("there", "b/other"), "first");
}

TEST_F(GcsTest, SensorsWait) {
  create("wait");
  put("wait", "in/a.csv");
  const auto sensor = [&](const char* type, Object op) {
    op.set("bucket", "wait");
    op.set("poke_interval", 0.05);
    op.set("timeout", 0.2);
    return run(type, std::move(op));
  };
  EXPECT_EQ(sensor("GCSObjectExistenceSensor", {{"object", "in/a.csv"}}), "");
  EXPECT_EQ(xcom(), Value(true));
  EXPECT_THAT(sensor("GCSObjectExistenceSensor", {{"object", "in/*.csv"}}), HasSubstr("timed out"));
  EXPECT_EQ(sensor("GCSObjectsWithPrefixExistenceSensor", {{"prefix", "in/"}}), "");
  EXPECT_EQ(xcom(), names({"in/a.csv"}));
  EXPECT_THAT(sensor("GCSObjectUpdateSensor", {{"object", "none"}}), HasSubstr("Object (none) not found in Bucket (wait)"));
  EXPECT_EQ(sensor("GCSUploadSessionCompleteSensor", {{"prefix", "in/"}, {"inactivity_period", 0.1}}), "");
  EXPECT_THAT(sensor("GCSUploadSessionCompleteSensor", {{"prefix", "in/"}, {"inactivity_period", 0.1}, {"min_objects", 2}}),
              HasSubstr("timed out"));
  start("GCSObjectExistenceSensor", {{"bucket", "wait"}, {"object", "late"}, {"poke_interval", 0.1}, {"deferrable", true}});
  const std::int64_t waiting = sequence;
  put("wait", "late");
  EXPECT_EQ(end(waiting), "");
}

}  // namespace
}  // namespace venturi::providers::testing
