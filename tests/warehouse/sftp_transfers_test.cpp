// Between an SFTP server and S3 or Cloud Storage: OpenSSH, moto and fake-gcs-server.
#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include "providers/testing/host_program.h"
#include "providers/testing/sftp_host.h"
#include "servers/fake_gcs_server.h"
#include "servers/moto_server.h"

namespace venturi::providers::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

class SftpTransfersTest : public HostProgramTest {
 protected:
  static void SetUpTestSuite() {
    sftp = std::make_unique<tests::SftpServer>();
    gcs = std::make_unique<tests::FakeGcsServer>();
    moto = std::make_unique<tests::MotoServer>();
  }
  static void TearDownTestSuite() {
    sftp.reset();
    gcs.reset();
    moto.reset();
  }
  SftpTransfersTest() {
    connect("google_cloud_default", "google_cloud_platform", {{"endpoint", gcs->url()}, {"project", "test"}});
    connect("aws_default", "aws", {{"endpoint_url", moto->url()}});
    worker.connections["ssh_default"] = sftp_connection(*sftp, {}, "ssh_default");
    (void)made("S3CreateBucketOperator", {{"bucket_name", "files"}});
    (void)made("GCSCreateBucketOperator", {{"bucket_name", "files"}});
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
  std::string in_s3(const std::string& key) {
    (void)made("S3ToLocalFilesystemOperator", {{"s3_key", "s3://files/" + key}, {"path", here / "fetched"}});
    return tests::read_file(here / "fetched");
  }
  std::string in_gcs(const std::string& object) {
    (void)made("GCSToLocalFilesystemOperator", {{"bucket", "files"}, {"object_name", object}, {"filename", here / "fetched"}});
    return tests::read_file(here / "fetched");
  }
  std::string keys(const std::string& prefix) {
    return to_json(made("S3ListOperator", {{"bucket", "files"}, {"prefix", prefix}}));
  }
  std::string objects(const std::string& prefix) {
    return to_json(made("GCSListObjectsOperator", {{"bucket", "files"}, {"prefix", prefix}}));
  }
  void put(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(there / path).parent_path());
    there.write(path, text);
  }

  static std::unique_ptr<tests::SftpServer> sftp;
  static std::unique_ptr<tests::FakeGcsServer> gcs;
  static std::unique_ptr<tests::MotoServer> moto;
  tests::TestFolder here, there;
  std::int64_t sequence = 0;
};
std::unique_ptr<tests::SftpServer> SftpTransfersTest::sftp;
std::unique_ptr<tests::FakeGcsServer> SftpTransfersTest::gcs;
std::unique_ptr<tests::MotoServer> SftpTransfersTest::moto;

TEST_F(SftpTransfersTest, ToS3) {
  put("one day.csv", "a");
  Object one{{"s3_bucket", "files"}, {"s3_key", "s3://files/to/one.csv"}, {"sftp_path", there / "one day.csv"}};
  EXPECT_EQ(made("SFTPToS3Operator", one), Value());
  EXPECT_THAT(worker.log(sequence), HasSubstr("one day.csv is s3://files/to/one.csv: 1 bytes"));
  EXPECT_EQ(in_s3("to/one.csv"), "a");
  EXPECT_THAT(made("SFTPToS3Operator", one).as_string(), HasSubstr("The key s3://files/to/one.csv already exists"));
  put("one day.csv", std::string(20'000'000, 'b'));
  one.set("replace", true);
  EXPECT_EQ(made("SFTPToS3Operator", one), Value());
  EXPECT_EQ(in_s3("to/one.csv").size(), 20'000'000U);
  one.set("sftp_path", there / "nothing");
  EXPECT_THAT(made("SFTPToS3Operator", one).as_string(),
              AllOf(HasSubstr("SFTP: GET sftp://"), HasSubstr("there is no such file")));
  one.set("fail_on_file_not_exist", false);
  EXPECT_EQ(made("SFTPToS3Operator", one), Value());
  EXPECT_EQ(in_s3("to/one.csv").size(), 20'000'000U);

  put("in/orders-1", "1");
  put("in/orders-2", "2");
  put("in/other", "3");
  put("in/orders-folder/x", "4");
  const Object several{{"s3_bucket", "files"}, {"s3_key", "all/"}, {"sftp_path", there / "in"}, {"sftp_filenames", "*"}};
  EXPECT_EQ(made("SFTPToS3Operator", several), Value());
  EXPECT_EQ(keys("all/"), R"(["all/orders-1","all/orders-2","all/other"])");
  Object renamed = several;
  renamed.set("s3_key", "renamed/");
  renamed.set("sftp_filenames", "orders-");
  renamed.set("s3_filenames", "bestellung-");
  EXPECT_EQ(made("SFTPToS3Operator", renamed), Value());
  EXPECT_EQ(keys("renamed/"), R"(["renamed/bestellung-1","renamed/bestellung-2"])");
  Object listed = several;
  listed.set("sftp_path", there / "in/");
  listed.set("s3_key", "listed/");
  listed.set("sftp_filenames", Array{"other", "orders-2"});
  listed.set("s3_filenames", Array{"x", "y"});
  EXPECT_EQ(made("SFTPToS3Operator", listed), Value());
  EXPECT_EQ(in_s3("listed/y"), "2");
  listed.set("s3_filenames", Array{"x"});
  EXPECT_THAT(made("SFTPToS3Operator", listed).as_string(), HasSubstr("2 names at the source, and 1 at the target"));
}

TEST_F(SftpTransfersTest, FromS3) {
  for (const char* name : {"a", "b", "deep/c"})
    (void)made("S3CreateObjectOperator", {{"s3_key", std::string("s3://files/out/") + name}, {"data", name}});
  const Object one{{"s3_bucket", "files"}, {"s3_key", "out/a"}, {"sftp_path", there / "fetched день"}};
  EXPECT_EQ(made("S3ToSFTPOperator", one), Value());
  EXPECT_EQ(tests::read_file(there / "fetched день"), "a");
  Object all{{"s3_bucket", "files"}, {"s3_key", "out/"}, {"sftp_path", there.path() + "/"}, {"s3_filenames", "*"}};
  EXPECT_EQ(made("S3ToSFTPOperator", all), Value());
  EXPECT_EQ(tests::read_file(there / "deep/c"), "deep/c");
  Object missing = one;
  missing.set("s3_key", "out/nothing");
  EXPECT_THAT(made("S3ToSFTPOperator", missing).as_string(),
              HasSubstr("S3: GET s3://files/out/nothing: there is no such object"));
  missing.set("fail_on_file_not_exist", false);
  EXPECT_EQ(made("S3ToSFTPOperator", missing), Value());
  EXPECT_THAT(worker.log(sequence), HasSubstr("not found in S3. Skipping transfer."));
  Object escaping = all;
  escaping.set("s3_filenames", Array{"a"});
  escaping.set("sftp_filenames", Array{"../a"});
  EXPECT_THAT(made("S3ToSFTPOperator", escaping).as_string(), HasSubstr("leads out of sftp_path"));
  Object nowhere = one;
  nowhere.set("sftp_path", there / "no/such/folder");
  EXPECT_THAT(made("S3ToSFTPOperator", nowhere).as_string(), AllOf(HasSubstr("SFTP: PUT sftp://"), HasSubstr("no/such/")));
}

TEST_F(SftpTransfersTest, ToCloudStorageAndBack) {
  put("in/2026/a.csv", "a");
  put("in/b.csv", "b");
  put("in/b.txt", "t");
  const Object one{{"source_path", there / "in/b.csv"}, {"destination_bucket", "gs://files/"}};
  EXPECT_EQ(made("SFTPToGCSOperator", one), Value());
  EXPECT_EQ(in_gcs("b.csv"), "b");
  Object many{{"source_path", there / "in/*.csv"}, {"destination_bucket", "files"}, {"destination_path", "/all/"}};
  EXPECT_EQ(made("SFTPToGCSOperator", many), Value());
  EXPECT_EQ(objects("all/"), R"(["all/2026/a.csv","all/b.csv"])");
  many.set("source_path", there / "in/b.*");
  many.set("destination_path", "moved");
  many.set("move_object", true);
  EXPECT_EQ(made("SFTPToGCSOperator", many), Value());
  EXPECT_EQ(names_in(there / "in"), "2026");
  EXPECT_EQ(in_gcs("moved/b.txt"), "t");
  many.set("source_path", there / "*/b.*");
  EXPECT_THAT(made("SFTPToGCSOperator", many).as_string(), HasSubstr("Only one wildcard '*' is allowed in source_path"));
  Object missing = one;
  EXPECT_THAT(made("SFTPToGCSOperator", missing).as_string(), HasSubstr("there is no such file"));
  missing.set("fail_on_file_not_exist", false);
  EXPECT_EQ(made("SFTPToGCSOperator", missing), Value());

  Object back{{"source_bucket", "files"}, {"source_object", "all/*.csv"}, {"destination_path", there / "back"}};
  EXPECT_EQ(made("GCSToSFTPOperator", back), Value());
  EXPECT_EQ(tests::read_file(there / "back/all/2026/a.csv"), "a");
  back.set("keep_directory_structure", false);
  back.set("destination_path", there / "flat");
  EXPECT_EQ(made("GCSToSFTPOperator", back), Value());
  EXPECT_EQ(tests::read_file(there / "flat/2026/a.csv"), "a");
  Object single{{"source_bucket", "files"},
                {"source_object", "all/2026/a.csv"},
                {"destination_path", there / "single"},
                {"keep_directory_structure", false},
                {"move_object", true}};
  EXPECT_EQ(made("GCSToSFTPOperator", single), Value());
  EXPECT_EQ(names_in(there / "single"), "a.csv");
  EXPECT_EQ(objects("all/"), R"(["all/b.csv"])");
  single.set("source_object", "all/nothing");
  EXPECT_THAT(made("GCSToSFTPOperator", single).as_string(), HasSubstr("gs://files/all/nothing"));
}

TEST_F(SftpTransfersTest, ATransferThatIsCancelledLeavesNothing) {
  { std::ofstream(there / "large") << ""; }
  std::filesystem::resize_file(there / "large", 4'000'000'000);
  worker.start(++sequence,
               {{"task_type", "SFTPToS3Operator"}, {"s3_bucket", "files"}, {"s3_key", "large"}, {"sftp_path", there / "large"}},
               {.should_retry = true});
  worker.read_until([&] { return std::ranges::count(worker.types(sequence), "GetConnection") == 2; });
  EXPECT_TRUE(tests::becomes_true([&] { return names_in(worker.folder.path()).find(".tmp") != std::string::npos; }));
  const auto asked = std::chrono::steady_clock::now();
  worker.cancel(sequence);
  EXPECT_EQ(worker.exit(sequence).get_string("kind"), "killed");
  EXPECT_LT(std::chrono::steady_clock::now() - asked, 2s);
  EXPECT_EQ(keys("large"), "[]");
  EXPECT_TRUE(tests::becomes_true([&] { return names_in(worker.folder.path()).find(".tmp") == std::string::npos; }, 5s))
      << names_in(worker.folder.path());
  EXPECT_THAT(names_in(worker.folder.path()), Not(HasSubstr(".passing")));
}

}  // namespace
}  // namespace venturi::providers::testing
