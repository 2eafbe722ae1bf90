#include "providers/amazon/aws_connection.h"

#include <gmock/gmock.h>

#include <map>

#include "operators/outcome.h"
#include "providers/amazon/s3_client.h"
#include "servers/server_process.h"

namespace venturi::providers {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

using Variables = std::map<std::string, std::string>;

Connection connection(const char* login, const char* password, const char* extra) {
  Connection c;
  c.conn_id = "lake";
  c.conn_type = "aws";
  if (login != nullptr) c.login = login;
  if (password != nullptr) c.password = password;
  if (extra != nullptr) c.extra = extra;
  return c;
}

AwsSettings read(const Connection& from, const Variables& variables = {}, const AwsChoice& choice = {}) {
  const net::Environment environment = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  return aws_settings(from, choice, environment);
}
AwsSettings with_extra(const char* extra) {
  return read(connection("AKIA", "hush", extra));
}
std::string error(const Connection& from, const Variables& variables = {}) {
  try {
    (void)read(from, variables);
  } catch (const operators::TaskFailed& e) {
    return e.what();
  }
  return "none";
}

TEST(AwsConnection, KeysInTheirOrder) {
  const Variables variables{
      {"AWS_ACCESS_KEY_ID", "of-environment"}, {"AWS_SECRET_ACCESS_KEY", "e"}, {"AWS_SESSION_TOKEN", "t"}};
  EXPECT_EQ(read(connection("AKIA", "hush", nullptr), variables).credentials.access_key_id, "AKIA");
  EXPECT_EQ(read(connection("AKIA", "hush", R"({"aws_session_token": "lent"})")).credentials.session_token, "lent");
  const AwsSettings of_extra =
      read(connection(nullptr, nullptr, R"({"aws_access_key_id": "AKIX", "aws_secret_access_key": "x"})"), variables);
  EXPECT_EQ(of_extra.credentials.access_key_id, "AKIX");
  EXPECT_EQ(
      read(connection(nullptr, nullptr, R"({"session_kwargs": {"aws_access_key_id": "AKIS", "aws_secret_access_key": "s"}})"))
          .credentials.access_key_id,
      "AKIS");
  const AwsSettings of_environment = read(connection(nullptr, nullptr, nullptr), variables);
  EXPECT_EQ(of_environment.credentials.access_key_id, "of-environment");
  EXPECT_EQ(of_environment.credentials.session_token, "t");
}

TEST(AwsConnection, Profiles) {
  const tests::TestFolder folder;
  const Variables variables{
      {"AWS_SHARED_CREDENTIALS_FILE",
       folder.write("credentials",
                    "# keys\n[default]\naws_access_key_id=AKID\naws_secret_access_key = d\n\n"
                    "[ etl ]\naws_access_key_id = AKIE\naws_secret_access_key = e=e\naws_session_token = t\n")},
      {"AWS_CONFIG_FILE",
       folder.write("config", "[default]\nregion = eu-west-1\n[profile etl]\nregion = eu-west-2\ns3 =\n  region = none\n")}};
  const AwsSettings by_itself = read(connection(nullptr, nullptr, nullptr), variables);
  EXPECT_EQ(by_itself.credentials.access_key_id, "AKID");
  EXPECT_EQ(by_itself.region, "eu-west-1");
  Variables more = variables;
  more["AWS_ACCESS_KEY_ID"] = "of-environment";
  more["AWS_SECRET_ACCESS_KEY"] = "e";
  const AwsSettings named = read(connection(nullptr, nullptr, R"({"profile_name": "etl"})"), more);
  EXPECT_EQ(named.credentials.access_key_id, "AKIE");
  EXPECT_EQ(named.credentials.secret_access_key, "e=e");
  EXPECT_EQ(named.credentials.session_token, "t");
  EXPECT_EQ(named.region, "eu-west-2");
  EXPECT_EQ(error(connection(nullptr, nullptr, R"({"profile_name": "none"})"), more),
            "connection lake has no access key, and neither has the profile none that it names");
}

TEST(AwsConnection, WhatIsMissing) {
  // Otherwise the metadata service of an instance may have one.
  const Variables alone{{"AWS_EC2_METADATA_DISABLED", "true"}};
  EXPECT_EQ(error(connection(nullptr, nullptr, nullptr), alone),
            "connection lake has no access key, and neither the worker's environment nor the profile default has one: give it "
            "login and password");
  EXPECT_EQ(error(connection("AKIA", nullptr, nullptr)),
            "connection lake has an access key (login) without its secret (password)");
  EXPECT_THAT(error(connection(nullptr, "hush-hush", nullptr)),
              AllOf(HasSubstr("without the key itself"), Not(HasSubstr("hush"))));
  EXPECT_EQ(error(Connection{}, alone),
            "no AWS connection has no access key, and neither the worker's environment nor the profile "
            "default has one: give it login and password");
}

TEST(AwsConnection, RegionAndEndpoints) {
  EXPECT_EQ(with_extra(nullptr).region, "us-east-1");
  EXPECT_EQ(with_extra(R"({"region_name": "eu-central-1"})").region, "eu-central-1");
  EXPECT_EQ(
      read(connection("AKIA", "hush", R"({"region_name": "eu-central-1"})"), {}, {.region = "eu-north-1", .verify = {}}).region,
      "eu-north-1");
  EXPECT_EQ(read(connection("AKIA", "hush", nullptr), {{"AWS_DEFAULT_REGION", "ap-south-1"}}).region, "ap-south-1");
  const AwsSettings one = with_extra(R"({"endpoint_url": "HTTP://Minio:9000/"})");
  EXPECT_EQ(origin_of_service(one, "s3"), "http://minio:9000");
  EXPECT_EQ(origin_of_service(one, "redshift-data"), "http://minio:9000");
  EXPECT_EQ(origin_of_service(one, "sts"), "https://sts.us-east-1.amazonaws.com");
  EXPECT_TRUE(one.path_style);
  const AwsSettings own = with_extra(
      R"({"endpoint_url": "http://x", "service_config": {"s3": {"endpoint_url": "https://s:443"}, "sts": {"endpoint_url": "http://t:80"}}})");
  EXPECT_EQ(origin_of_service(own, "s3"), "https://s");
  EXPECT_EQ(origin_of_service(own, "sts"), "http://t");
  EXPECT_EQ(origin_of_service(read(connection("AKIA", "hush", nullptr), {{"AWS_ENDPOINT_URL_REDSHIFT_DATA", "http://d"}}),
                              "redshift-data"),
            "http://d");
  EXPECT_THAT(error(connection("AKIA", "hush", R"({"endpoint_url": "http://host/path"})")),
              HasSubstr("connection lake, extra: endpoint_url must be http(s)://HOST[:PORT], without a path"));
  EXPECT_THAT(error(connection("AKIA", "hush", R"({"endpoint_url": "minio"})")), HasSubstr("endpoint_url must be"));
}

TEST(AwsConnection, TheRestOfExtra) {
  const AwsSettings s = with_extra(
      R"({"role_arn": "arn:r", "external_id": "x", "assume_role_kwargs": {"DurationSeconds": 900}, "verify": false,
          "config_kwargs": {"read_timeout": 5, "connect_timeout": 2, "retries": {"max_attempts": 2}, "s3": {"addressing_style": "path"}}})");
  EXPECT_EQ(s.role_arn, "arn:r");
  EXPECT_EQ(s.external_id, "x");
  EXPECT_EQ(s.role_session_name, "Airflow_lake");
  EXPECT_EQ(s.role_seconds, 900);
  EXPECT_FALSE(s.http.request.tls.verify);
  EXPECT_EQ(s.http.request.idle_timeout, 5s);
  EXPECT_EQ(s.http.request.connect_timeout, 2s);
  EXPECT_FALSE(s.http.request.follow_redirects);
  EXPECT_EQ(s.retry.attempts, 2);
  EXPECT_TRUE(s.path_style);
  EXPECT_EQ(with_extra(nullptr).http.request.idle_timeout, 60s);
  EXPECT_EQ(with_extra(nullptr).retry.attempts, 5);
  EXPECT_THAT(error(connection("AKIA", "hush", R"({"assume_role_method": "assume_role_with_saml"})")),
              HasSubstr("not there yet"));
}

TEST(AwsConnection, WhereABucketStands) {
  const AwsSettings amazon = with_extra(R"({"region_name": "eu-central-1"})");
  EXPECT_EQ(s3_request(amazon, {"shop", "a/b"}, "GET").origin, "https://shop.s3.eu-central-1.amazonaws.com");
  EXPECT_EQ(s3_request(amazon, {"shop", "a/b"}, "GET").path, "/a/b");
  EXPECT_EQ(s3_request(amazon, {"shop"}, "GET").path, "/");
  EXPECT_EQ(s3_request(amazon, {"my.shop", "a"}, "GET").origin, "https://s3.eu-central-1.amazonaws.com");
  EXPECT_EQ(s3_request(amazon, {"my.shop", "a"}, "GET").path, "/my.shop/a");
  EXPECT_EQ(amazon_origin("s3", "cn-north-1"), "https://s3.cn-north-1.amazonaws.com.cn");
  const AwsSettings minio = with_extra(R"({"endpoint_url": "http://minio:9000"})");
  EXPECT_EQ(s3_request(minio, {"shop", "a"}, "GET").origin, "http://minio:9000");
  EXPECT_EQ(s3_request(minio, {"shop", "a"}, "GET").path, "/shop/a");
}

}  // namespace
}  // namespace venturi::providers
