// S3 and STS against moto, which keeps what it is told. That signatures are right it does not check: aws_signature_test.cpp.
#include <fcntl.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <memory>

#include "base/crypto.h"
#include "base/gzip.h"
#include "providers/testing/host_program.h"
#include "servers/moto_server.h"

namespace venturi::providers::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Value texts(std::initializer_list<const char*> list) {
  return Array(list.begin(), list.end());
}

class S3Test : public HostProgramTest {
 protected:
  static void SetUpTestSuite() { moto = std::make_unique<tests::MotoServer>(); }
  static void TearDownTestSuite() { moto.reset(); }
  S3Test() { connect({}); }

  void connect(const Object& more) {
    Object extra{{"endpoint_url", moto->url()}, {"service_config", Object{{"sts", Object{{"endpoint_url", moto->url()}}}}}};
    for (const auto& [name, value] : more) extra.set(name, value);
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
  Value list(Object op) {
    const std::string error = run("S3ListOperator", std::move(op));
    return error.empty() ? xcom() : Value(error);
  }
  void create(const std::string& bucket) { EXPECT_EQ(run("S3CreateBucketOperator", {{"bucket_name", bucket}}), ""); }
  void put(const std::string& key, const std::string& data = "x") {
    EXPECT_EQ(run("S3CreateObjectOperator", {{"s3_key", key}, {"data", data}}), "");
  }
  std::string fetched(const std::string& key) {
    const std::string error = run("S3ToLocalFilesystemOperator", {{"s3_key", key}, {"path", files / "fetched"}});
    return error.empty() ? tests::read_file(files / "fetched") : error;
  }

  static std::unique_ptr<tests::MotoServer> moto;
  tests::TestFolder files;
  std::int64_t sequence = 0;
};
std::unique_ptr<tests::MotoServer> S3Test::moto;

TEST_F(S3Test, BucketsComeAndGo) {
  create("come");
  create("come");
  EXPECT_THAT(worker.log(sequence), HasSubstr("already exists"));
  put("s3://come/a");
  EXPECT_THAT(run("S3DeleteBucketOperator", {{"bucket_name", "come"}}), HasSubstr("S3: DELETE s3://come: BucketNotEmpty"));
  EXPECT_EQ(run("S3DeleteBucketOperator", {{"bucket_name", "come"}, {"force_delete", true}}), "");
  EXPECT_THAT(list({{"bucket", "come"}}).as_string(), HasSubstr("S3: GET s3://come: NoSuchBucket"));
  EXPECT_EQ(run("S3DeleteBucketOperator", {{"bucket_name", "come"}}), "");
  // Of a region of its own, which has to stand in the request.
  EXPECT_EQ(run("S3CreateBucketOperator", {{"bucket_name", "faraway"}, {"region_name", "eu-west-1"}}), "");
}

TEST_F(S3Test, ObjectsByKeyPrefixAndPattern) {
  create("keys");
  for (const char* key : {"in/a.csv", "in/b.csv", "in/2026/c.csv", "in/a+b %25&<ü>.txt", "top"})
    put("s3://keys/" + std::string(key));
  EXPECT_EQ(list({{"bucket", "keys"}, {"prefix", "in/"}}),
            texts({"in/2026/c.csv", "in/a+b %25&<ü>.txt", "in/a.csv", "in/b.csv"}));
  EXPECT_EQ(list({{"bucket", "keys"}, {"prefix", "in/"}, {"delimiter", "/"}}),
            texts({"in/a+b %25&<ü>.txt", "in/a.csv", "in/b.csv"}));
  EXPECT_EQ(list({{"bucket", "keys"}, {"prefix", "in/[ab].c*"}, {"apply_wildcard", true}}), texts({"in/a.csv", "in/b.csv"}));
  EXPECT_EQ(run("S3ListPrefixesOperator", {{"bucket", "keys"}, {"prefix", "in/"}, {"delimiter", "/"}}), "");
  EXPECT_EQ(xcom(), texts({"in/2026/"}));
  EXPECT_EQ(fetched("s3://keys/in/a+b %25&<ü>.txt"), "x");
  EXPECT_EQ(run("S3DeleteObjectsOperator", {{"bucket", "keys"}, {"keys", texts({"in/a+b %25&<ü>.txt", "not there"})}}), "");
  EXPECT_EQ(run("S3DeleteObjectsOperator", {{"bucket", "keys"}, {"prefix", "in/2026/"}}), "");
  EXPECT_EQ(run("S3DeleteObjectsOperator", {{"bucket", "keys"}, {"to_datetime", "2020-01-01T00:00:00Z"}}), "");
  EXPECT_EQ(list({{"bucket", "keys"}}), texts({"in/a.csv", "in/b.csv", "top"}));
}

TEST_F(S3Test, WhatIsThereStaysUnlessItIsReplaced) {
  create("keep");
  put("s3://keep/a", "first");
  EXPECT_EQ(run("S3CreateObjectOperator", {{"s3_bucket", "keep"}, {"s3_key", "a"}, {"data", "second"}}),
            "The key s3://keep/a already exists (replace=true overwrites it)");
  EXPECT_EQ(fetched("s3://keep/a"), "first");
  EXPECT_EQ(run("S3CreateObjectOperator", {{"s3_bucket", "keep"},
                                           {"s3_key", "a"},
                                           {"data", "grüß"},
                                           {"replace", true},
                                           {"encoding", "iso-8859-1"},
                                           {"encrypt", true},
                                           {"acl_policy", "private"}}),
            "");
  EXPECT_EQ(fetched("s3://keep/a"), "gr\xfc\xdf");
  EXPECT_EQ(run("S3CopyObjectOperator",
                {{"source_bucket_key", "s3://keep/a"}, {"dest_bucket_key", "b/ü +%"}, {"dest_bucket_name", "keep"}}),
            "");
  EXPECT_EQ(fetched("s3://keep/b/ü +%"), "gr\xfc\xdf");
  EXPECT_THAT(run("S3CopyObjectOperator", {{"source_bucket_key", "s3://keep/none"}, {"dest_bucket_key", "s3://keep/c"}}),
              HasSubstr("S3: PUT s3://keep/c: NoSuchKey"));
}

TEST_F(S3Test, FilesThereAndBack) {
  create("files");
  std::string content;
  while (content.size() < (20UL << 20U) + 12'345) content += sha256_hex(std::to_string(content.size()));
  for (const auto& [name, text] :
       {std::pair<std::string, std::string>{"large", content}, {"small", "a\r\nb\0c"}, {"empty", ""}}) {
    const std::string path = files.write(name, text);
    EXPECT_EQ(run("LocalFilesystemToS3Operator", {{"filename", path}, {"dest_key", name}, {"dest_bucket", "files"}}), "");
    EXPECT_THAT(worker.log(sequence), AllOf(HasSubstr(std::to_string(text.size()) + " bytes"), Not(HasSubstr("geheim-wort"))));
    EXPECT_EQ(sha256_hex(fetched("s3://files/" + name)), sha256_hex(text)) << name;
  }
  EXPECT_EQ(
      run("LocalFilesystemToS3Operator", {{"filename", files / "large"}, {"dest_key", "s3://files/packed"}, {"gzip", true}}),
      "");
  EXPECT_EQ(fetched("s3://files/packed").substr(0, 2), "\x1f\x8b");
  EXPECT_EQ(sha256_hex(gunzip(Fd(::open((files / "fetched").c_str(), O_RDONLY)), "fetched").value()), sha256_hex(content));
  EXPECT_THAT(
      run("LocalFilesystemToS3Operator", {{"filename", files / "none"}, {"dest_key", "s3://files/none"}, {"gzip", true}}),
      HasSubstr("the file cannot be compressed: " + (files / "none")));
  EXPECT_THAT(run("LocalFilesystemToS3Operator", {{"filename", files / "none"}, {"dest_key", "s3://files/none"}}),
              HasSubstr("the file cannot be read: " + (files / "none")));
  EXPECT_THAT(
      run("LocalFilesystemToS3Operator", {{"filename", files / "small"}, {"dest_key", "s3://nowhere/x"}, {"replace", true}}),
      HasSubstr("S3: PUT s3://nowhere/x: NoSuchBucket: The specified bucket does not exist"));
  std::filesystem::remove(files / "fetched");
  EXPECT_THAT(fetched("s3://files/none"), HasSubstr("S3: GET s3://files/none: NoSuchKey"));
  EXPECT_FALSE(std::filesystem::exists(files / "fetched"));
}

TEST_F(S3Test, MoreThanAPageOfKeys) {
  create("many");
  constexpr int count = 1003;
  const std::int64_t first = sequence + 1;
  for (int i = 0; i < count; ++i) {
    start("S3CreateObjectOperator", {{"s3_key", "s3://many/" + std::to_string(i)}, {"data", "x"}, {"replace", true}});
    if (i % 20 == 19) EXPECT_EQ(end(sequence), "");  // moto takes a few at a time
  }
  for (std::int64_t which = first; which <= sequence; ++which) ASSERT_EQ(end(which), "");
  EXPECT_EQ(list({{"bucket", "many"}}).as_array().size(), static_cast<std::size_t>(count));
  EXPECT_EQ(run("S3DeleteBucketOperator", {{"bucket_name", "many"}, {"force_delete", true}}), "");
}

TEST_F(S3Test, TheSensorWaitsForAllKeys) {
  create("wait");
  put("s3://wait/in/a-1.csv");
  const auto sensor = [&](Value keys, bool is_pattern) {
    return run("S3KeySensor",
               {{"bucket_key", std::move(keys)}, {"wildcard_match", is_pattern}, {"poke_interval", 0.05}, {"timeout", 0.2}});
  };
  EXPECT_EQ(sensor("s3://wait/in/a-1.csv", false), "");
  EXPECT_EQ(sensor("s3://wait/in/a-*.csv", true), "");
  EXPECT_THAT(sensor("s3://wait/in/a-*.csv", false), HasSubstr("time"));
  EXPECT_THAT(sensor(texts({"s3://wait/in/a-1.csv", "s3://wait/in/b"}), false), HasSubstr("time"));
  start("S3KeySensor", {{"bucket_key", "in/late"}, {"bucket_name", "wait"}, {"poke_interval", 0.1}, {"deferrable", true}});
  const std::int64_t waiting = sequence;
  put("s3://wait/in/late");
  EXPECT_EQ(end(waiting), "");
}

// IRSA of Kubernetes: no keys, and the token of a file.
TEST_F(S3Test, AWebIdentityIsLentKeys) {
  const std::string token = files.write("token", "header.claims.signature\n");
  connect({{"assume_role_method", "assume_role_with_web_identity"},
           {"role_arn", "arn:aws:iam::123456789012:role/reader"},
           {"assume_role_with_web_identity_token_file", token}});
  create("lent");
  put("s3://lent/a");
  EXPECT_EQ(list({{"bucket", "lent"}}), texts({"a"}));
  EXPECT_THAT(worker.log(sequence), Not(HasSubstr("header.claims")));
  std::filesystem::remove(token);
  EXPECT_THAT(run("S3ListOperator", {{"bucket", "lent"}}), HasSubstr("the file of the token cannot be read"));
}

TEST_F(S3Test, ARoleIsTakenOn) {
  create("roles");
  connect({{"role_arn", "arn:aws:iam::123456789012:role/reader"}, {"external_id", "x"}});
  put("s3://roles/a", "by role");
  EXPECT_EQ(fetched("s3://roles/a"), "by role");
}

}  // namespace
}  // namespace venturi::providers::testing
