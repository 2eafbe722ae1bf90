// Against the examples that Amazon publishes: "Authenticating Requests (AWS Signature Version 4)" of the S3 API reference. No
// stand-in server checks a signature.
#include "providers/amazon/aws_signature.h"

#include <gmock/gmock.h>

namespace venturi::providers {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

const AwsCredentials credentials{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
const AwsScope scope{"us-east-1", "s3"};
constexpr const char* origin = "https://examplebucket.s3.amazonaws.com";

Time the_day() {
  return *parse_time("2013-05-24T00:00:00Z");
}

std::string header(const net::HttpRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) return value;
  }
  return {};
}

net::HttpRequest made(AwsRequest request, const AwsCredentials& by = credentials) {
  net::HttpRequest result;
  set_signed(result, std::move(request), by, scope, the_day());
  return result;
}

TEST(AwsSignature, GetObject) {
  const auto request = made({.origin = origin, .path = "/test.txt", .headers = {{"Range", "bytes=0-9"}}});
  EXPECT_EQ(request.url, "https://examplebucket.s3.amazonaws.com/test.txt");
  EXPECT_EQ(header(request, "x-amz-date"), "20130524T000000Z");
  EXPECT_EQ(header(request, "Authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(AwsSignature, PutObject) {
  const auto request =
      made({.method = "PUT",
            .origin = origin,
            .path = "/test$file.text",
            .headers = {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
            .body = "Welcome to Amazon S3."});
  EXPECT_EQ(request.url, "https://examplebucket.s3.amazonaws.com/test%24file.text");
  EXPECT_EQ(*request.body, "Welcome to Amazon S3.");
  EXPECT_THAT(header(request, "Authorization"),
              EndsWith("Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"));
}

TEST(AwsSignature, QueriesWithAndWithoutValues) {
  EXPECT_THAT(header(made({.origin = origin, .query = {{"lifecycle", ""}}}), "Authorization"),
              EndsWith("Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"));
  const auto list = made({.origin = origin, .query = {{"prefix", "J"}, {"max-keys", "2"}}});
  EXPECT_EQ(list.url, "https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J");
  EXPECT_THAT(header(list, "Authorization"),
              EndsWith("Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));
}

TEST(AwsSignature, PresignedUrl) {
  EXPECT_EQ(presigned_url({.origin = origin, .path = "/test.txt"}, credentials, scope, the_day(), std::chrono::hours(24)),
            "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
            "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
            "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
            "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

TEST(AwsSignature, SessionTokensAreSigned) {
  AwsCredentials lent = credentials;
  lent.session_token = "to/ken";
  const auto request = made({.origin = origin}, lent);
  EXPECT_EQ(header(request, "x-amz-security-token"), "to/ken");
  EXPECT_THAT(header(request, "Authorization"), HasSubstr("x-amz-date;x-amz-security-token, "));
  EXPECT_THAT(presigned_url({.origin = origin}, lent, scope, the_day(), std::chrono::seconds(5)),
              HasSubstr("&X-Amz-Security-Token=to%2Fken&"));
}

TEST(AwsSignature, KeysWithBlanksAndLetters) {
  const auto request = made({.origin = origin, .path = "/a b/ü+?.csv", .query = {{"prefix", "a b/"}}});
  EXPECT_EQ(request.url, "https://examplebucket.s3.amazonaws.com/a%20b/%C3%BC%2B%3F.csv?prefix=a%20b%2F");
}

}  // namespace
}  // namespace venturi::providers
