#include "providers/amazon/aws_xml.h"

#include <gmock/gmock.h>

namespace venturi::providers {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(AwsXml, Listings) {
  const auto listing = s3_listing(R"(<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <Name>shop</Name><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextContinuationToken>1+/=</NextContinuationToken>
  <Contents><Key>in/a+b%25%0A%C3%BC.csv</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>"9"</ETag><Size>5000000000</Size></Contents>
  <Contents><Key>in/x</Key><Size>0</Size></Contents>
  <CommonPrefixes><Prefix>in/2026/</Prefix></CommonPrefixes>
</ListBucketResult>)");
  ASSERT_TRUE(listing.has_value());
  ASSERT_EQ(listing->objects.size(), 2U);
  EXPECT_EQ(listing->objects[0].key, "in/a b%\nü.csv");
  EXPECT_EQ(listing->objects[0].size, 5'000'000'000U);
  EXPECT_EQ(format_time(listing->objects[0].last_modified), "2026-01-02T03:04:05Z");
  EXPECT_THAT(listing->prefixes, ElementsAre("in/2026/"));
  EXPECT_EQ(listing->next, "1+/=");
  // A server that does not encode what it was asked to says so.
  EXPECT_EQ(s3_listing("<L><Contents><Key>a+%25&amp; </Key></Contents></L>")->objects[0].key, "a+%25& ");
  EXPECT_EQ(s3_listing("<L><IsTruncated>false</IsTruncated></L>")->next, "");
  EXPECT_THAT(s3_listing("<html>\n<p>").error().text(), HasSubstr("the answer is no XML: line 2"));
  EXPECT_FALSE(s3_listing("").has_value());
}

TEST(AwsXml, Errors) {
  const AwsErrorText s3 = aws_error_text("<Error><Code>NoSuchKey</Code><Message>No.</Message><RequestId>R</RequestId></Error>");
  EXPECT_EQ(s3.code, "NoSuchKey");
  EXPECT_EQ(s3.message, "No.");
  EXPECT_EQ(s3.request_id, "R");
  const AwsErrorText sts = aws_error_text(
      "<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>M</Message></Error><RequestId>Q</RequestId></"
      "ErrorResponse>");
  EXPECT_EQ(sts.code, "InvalidClientTokenId");
  EXPECT_EQ(sts.request_id, "Q");
  EXPECT_EQ(aws_error_text("Bad Gateway").code, "");
  EXPECT_TRUE(is_error_document("<?xml version=\"1.0\"?>\n<Error><Code>InternalError</Code></Error>"));
  EXPECT_FALSE(is_error_document("<DeleteResult><Error><Code>AccessDenied</Code></Error></DeleteResult>"));
}

TEST(AwsXml, Bodies) {
  EXPECT_THAT(complete_upload_xml({{1, "\"a\""}, {2, "\"b\""}}),
              HasSubstr("<Part><PartNumber>2</PartNumber><ETag>\"b\"</ETag></Part></CompleteMultipartUpload>"));
  EXPECT_THAT(delete_objects_xml({"a<&>\r"}),
              HasSubstr("<Quiet>true</Quiet><Object><Key>a&lt;&amp;&gt;&#13;</Key></Object></Delete>"));
  EXPECT_EQ(create_bucket_xml("us-east-1"), "");
  EXPECT_THAT(create_bucket_xml("eu-west-1"), HasSubstr("<LocationConstraint>eu-west-1</LocationConstraint>"));
  EXPECT_EQ(delete_errors("<DeleteResult/>").value(), "");
  EXPECT_EQ(delete_errors("<D><Error><Key>a</Key><Code>AccessDenied</Code><Message>M</Message></Error><Error/></D>").value(),
            "a: AccessDenied: M (and 1 more)");
  EXPECT_EQ(xml_text("<R><A><UploadId>u</UploadId></A></R>", "UploadId").value(), "u");
}

}  // namespace
}  // namespace venturi::providers
