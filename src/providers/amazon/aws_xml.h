// The XML of Amazon's answers and requests, as far as it is read and written here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace venturi::providers {

struct AwsErrorText {
  std::string code, message, request_id;  // empty where the answer does not say so
};
// Of an error's body, S3's or STS's. Whatever it is: what is no such XML gives empty texts.
[[nodiscard]] AwsErrorText aws_error_text(const std::string& body);

// Whether the document is an error itself: S3 begins some answers before it knows how they end.
[[nodiscard]] bool is_error_document(const std::string& body);

struct S3Object {
  std::string key;
  std::uint64_t size = 0;
  Time last_modified = {};
  std::string etag;
};
struct S3Listing {
  std::vector<S3Object> objects;
  std::vector<std::string> prefixes;  // what is below a delimiter, as one
  std::string next;                   // token of the next page; empty: this was the last
};
// ListObjectsV2.
[[nodiscard]] Result<S3Listing> s3_listing(const std::string& body);

// The text of the first element of that name below the root, at any depth. Empty where there is none.
[[nodiscard]] Result<std::string> xml_text(const std::string& body, std::string_view element);

struct S3Part {
  int number = 0;
  std::string etag;
};
struct S3Tag {
  std::string key, value;
};
// Of GetBucketTagging, and the body of PutBucketTagging.
[[nodiscard]] Result<std::vector<S3Tag>> bucket_tags_of(const std::string& body);
[[nodiscard]] std::string bucket_tags_xml(const std::vector<S3Tag>& tags);
// Bodies of CompleteMultipartUpload and DeleteObjects.
[[nodiscard]] std::string complete_upload_xml(const std::vector<S3Part>& parts);
[[nodiscard]] std::string delete_objects_xml(const std::vector<std::string>& keys);
// What DeleteObjects could not delete: "KEY: CODE: MESSAGE" of the first, and how many; empty: nothing.
[[nodiscard]] Result<std::string> delete_errors(const std::string& body);
// Of CreateBucket; empty for us-east-1, which must not be named.
[[nodiscard]] std::string create_bucket_xml(std::string_view region);

}  // namespace venturi::providers
