// Objects of S3 and Cloud Storage that are copied in parts or changed by a program, and a bucket's tags.
#include <filesystem>

#include "transfer_host.h"

namespace venturi::providers::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class S3ChangesTest : public TransferTest {
 protected:
  S3ChangesTest() { create_bucket("changes"); }

  std::string program(const std::string& text) {
    const std::string path = files.write("program", "#!/bin/sh\n" + text);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }
  std::string run_program(const char* type, Object op) {
    op.set("task_type", type);
    worker.start_command(++sequence, std::move(op), {.should_retry = true});
    return worker.exit(sequence).get_string("error");
  }
};

TEST_F(S3ChangesTest, LargeObjectsAreCopiedInParts) {
  connect("aws_default", "aws",
          {{"endpoint_url", servers().moto.url()},
           {"config_kwargs", Object{{"s3", Object{{"multipart_threshold", 6 << 20}, {"multipart_chunksize", 5 << 20}}}}}});
  std::string data(12UL << 20U, 'a');
  for (std::size_t i = 0; i < data.size(); i += 1000) data[i] = static_cast<char>('b' + i / 1000 % 20);
  const std::string path = files.write("data", data);
  ASSERT_EQ(run("LocalFilesystemToS3Operator", {{"filename", path}, {"dest_key", "s3://changes/a b/large"}}), "");
  EXPECT_EQ(
      run("S3CopyObjectOperator", {{"source_bucket_key", "s3://changes/a b/large"}, {"dest_bucket_key", "s3://changes/copy"}}),
      "");
  EXPECT_EQ(fetched("s3://changes/copy"), data);
  put("s3://changes/small", "small");
  EXPECT_EQ(
      run("S3CopyObjectOperator", {{"source_bucket_key", "s3://changes/small"}, {"dest_bucket_key", "s3://changes/copied"}}),
      "");
  EXPECT_EQ(fetched("s3://changes/copied"), "small");
  EXPECT_THAT(run("S3CopyObjectOperator", {{"source_bucket_key", "s3://changes/none"}, {"dest_bucket_key", "s3://changes/x"}}),
              HasSubstr("NoSuchKey"));
  // Nothing stays of a copy that cannot be.
  EXPECT_THAT(run("S3CopyObjectOperator",
                  {{"source_bucket_key", "s3://changes/a b/large"}, {"dest_bucket_key", "s3://no-such-bucket/x"}}),
              HasSubstr("NoSuchBucket"));
  connect("aws_default", "aws",
          {{"endpoint_url", servers().moto.url()}, {"config_kwargs", Object{{"s3", Object{{"multipart_threshold", "much"}}}}}});
  EXPECT_THAT(run("S3CopyObjectOperator", {{"source_bucket_key", "s3://changes/small"}, {"dest_bucket_key", "s3://changes/x"}}),
              HasSubstr("multipart_threshold"));
}

TEST_F(S3ChangesTest, Tags) {
  EXPECT_EQ(to_json(made("S3GetBucketTaggingOperator", {{"bucket_name", "changes"}})), "[]");
  EXPECT_EQ(
      run("S3PutBucketTaggingOperator", {{"bucket_name", "changes"}, {"tag_set", Object{{"team", "d&t <a>"}, {"cost", 7}}}}),
      "");
  EXPECT_EQ(to_json(made("S3GetBucketTaggingOperator", {{"bucket_name", "changes"}})),
            R"([{"Key":"team","Value":"d&t <a>"},{"Key":"cost","Value":"7"}])");
  EXPECT_EQ(run("S3PutBucketTaggingOperator", {{"bucket_name", "changes"}, {"key", "only"}, {"value", ""}}), "");
  EXPECT_EQ(to_json(made("S3GetBucketTaggingOperator", {{"bucket_name", "changes"}})), R"([{"Key":"only","Value":""}])");
  EXPECT_EQ(run("S3DeleteBucketTaggingOperator", {{"bucket_name", "changes"}}), "");
  EXPECT_EQ(to_json(made("S3GetBucketTaggingOperator", {{"bucket_name", "changes"}})), "[]");
  EXPECT_EQ(made("S3GetBucketTaggingOperator", {{"bucket_name", "no-such-bucket"}}), Value());
  EXPECT_THAT(worker.log(sequence), HasSubstr("Bucket with name no-such-bucket doesn't exist"));
  EXPECT_THAT(run("S3PutBucketTaggingOperator", {{"bucket_name", "changes"}}),
              HasSubstr("give either tag_set, or key and value"));
  EXPECT_THAT(run("S3PutBucketTaggingOperator", {{"bucket_name", "changes"}, {"tag_set", Array{"a"}}}), HasSubstr("a list of"));
}

TEST_F(S3ChangesTest, AProgramChangesAnObject) {
  put("s3://changes/in", "one\ntwo\n");
  const std::string upper = program("tr a-z A-Z <\"$1\" >\"$2\"; echo \"$3\" >>\"$2\"; echo said");
  Object op{{"source_s3_key", "s3://changes/in"},
            {"dest_s3_key", "s3://changes/out"},
            {"transform_script", upper},
            {"script_args", Array{"it's $HOME"}}};
  EXPECT_EQ(run_program("S3FileTransformOperator", op), "");
  EXPECT_EQ(fetched("s3://changes/out"), "ONE\nTWO\nit's $HOME\n");
  EXPECT_THAT(run_program("S3FileTransformOperator", op), HasSubstr("already exists"));
  op.set("replace", true);
  EXPECT_EQ(run_program("S3FileTransformOperator", op), "");
  op.set("transform_script", program("exit 3"));
  EXPECT_EQ(run_program("S3FileTransformOperator", op), "Transform script failed: 3");
  op.set("transform_script", files / "none");
  EXPECT_EQ(run_program("S3FileTransformOperator", op), "Transform script failed: 127");
  op.set("source_s3_key", "s3://changes/none");
  EXPECT_THAT(run_program("S3FileTransformOperator", op), HasSubstr("NoSuchKey"));
  op.set("select_expression", "SELECT * FROM s3object");
  EXPECT_THAT(run_program("S3FileTransformOperator", op), HasSubstr("select_expression is not there"));
  EXPECT_EQ(fetched("s3://changes/out"), "ONE\nTWO\nit's $HOME\n");
  EXPECT_TRUE(std::filesystem::exists(worker.folder.path()));
  for (const auto& entry : std::filesystem::directory_iterator(worker.folder.path()))
    EXPECT_FALSE(entry.path().filename().string().starts_with(".passing")) << entry.path();
}

TEST_F(S3ChangesTest, AProgramChangesAnObjectOfCloudStorage) {
  const std::string path = files.write("in", "one\n");
  ASSERT_EQ(made("LocalFilesystemToGCSOperator", {{"src", path}, {"dst", "in"}, {"bucket", "changes"}}).is_array(), true);
  const Object op{{"source_bucket", "changes"},
                  {"source_object", "in"},
                  {"destination_object", "out"},
                  {"transform_script", Array{program("tr a-z \"$1\" <\"$2\" >\"$3\""), "A-Z"}}};
  EXPECT_EQ(run_program("GCSFileTransformOperator", op), "");
  EXPECT_EQ(fetched("gs://changes/out"), "ONE\n");
  Object broken = op;
  broken.set("transform_script", program("kill -9 $$"));
  EXPECT_EQ(run_program("GCSFileTransformOperator", broken), "Transform script failed: it was ended by signal 9");
}

}  // namespace
}  // namespace venturi::providers::testing
