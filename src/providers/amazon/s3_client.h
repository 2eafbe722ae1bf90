// S3, and what speaks its REST API (MinIO, moto, ...), as the operators here need it. Each call is one request with its retries
// (aws_call.h), and throws TaskFailed naming bucket and key.
//
// The bucket stands in the host's name at Amazon, and in the path where an endpoint was given or its name has a dot, for which
// no certificate counts.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_request.h"
#include "operators/arguments.h"
#include "providers/amazon/aws_call.h"
#include "providers/amazon/aws_connection.h"
#include "providers/amazon/aws_xml.h"
#include "providers/http/http_call.h"

namespace venturi::providers {

struct S3Place {
  std::string bucket, key = {};
  [[nodiscard]] std::string text() const { return "s3://" + bucket + (key.empty() ? "" : "/" + key); }
};
// Airflow's get_s3_bucket_key(): "s3://bucket/key" without a bucket, or both. The names are those of the arguments, for errors.
[[nodiscard]] S3Place s3_place(const operators::Arguments& arguments, std::string_view bucket_name, std::string_view key_name);
[[nodiscard]] S3Place s3_place(const std::string& bucket, const std::string& key, std::string_view bucket_name,
                               std::string_view key_name);

// Where the bucket stands: in the host's name or in the path.
[[nodiscard]] AwsRequest s3_request(const AwsSettings& settings, const S3Place& place, std::string method);

struct S3Head {
  std::uint64_t size = 0;
  std::string etag;
  net::HttpHeaders headers = {};  // names in lower case
};

// A range of an object, of the one with that tag.
struct S3CopiedPart {
  S3Place from;
  std::string version = {}, etag = {}, range = {};
};

struct S3Query {
  std::string prefix = {}, delimiter = {};
  std::string start_after = {};  // keys behind that one
  int most = 0;                  // of a page; 0: what S3 likes
};

class S3Client {
 public:
  // With settings_of_try() (aws_try.h).
  [[nodiscard]] static boost::asio::awaitable<std::shared_ptr<S3Client>> make(CallContext t,
                                                                              const operators::Arguments& arguments);
  S3Client(CallContext t, AwsSettings settings) : t_(t), settings_(std::move(settings)) {}

  [[nodiscard]] boost::asio::awaitable<void> create_bucket(std::string bucket);
  [[nodiscard]] boost::asio::awaitable<void> delete_bucket(std::string bucket);
  [[nodiscard]] boost::asio::awaitable<bool> has_bucket(std::string bucket);
  // Its current objects are deleted, a page at a time; how many.
  [[nodiscard]] boost::asio::awaitable<std::size_t> empty_bucket(std::string bucket);

  // None where it has none.
  [[nodiscard]] boost::asio::awaitable<std::vector<S3Tag>> bucket_tags(std::string bucket);
  // Instead of those that it has.
  [[nodiscard]] boost::asio::awaitable<void> set_bucket_tags(std::string bucket, std::vector<S3Tag> tags);
  [[nodiscard]] boost::asio::awaitable<void> delete_bucket_tags(std::string bucket);

  // At most 1000; the token is the one of the page before.
  [[nodiscard]] boost::asio::awaitable<S3Listing> list_page(std::string bucket, S3Query query, std::string token);
  // All of them, as far as they have room in memory.
  [[nodiscard]] boost::asio::awaitable<S3Listing> list(std::string bucket, S3Query query);

  // Nothing where there is no such object.
  [[nodiscard]] boost::asio::awaitable<std::optional<S3Head>> head(S3Place place, std::string version = {});
  // Airflow's load_*(): throws TaskFailed where something is there already.
  [[nodiscard]] boost::asio::awaitable<void> check_is_free(S3Place place);
  // Its bytes, of one that is small.
  [[nodiscard]] boost::asio::awaitable<std::string> read(S3Place place);
  // `headers`: x-amz-acl and the like. The SHA-256 in hexadecimal, where it is known.
  [[nodiscard]] boost::asio::awaitable<void> put(S3Place place, std::string body, net::HttpHeaders headers,
                                                 std::string sha256 = {});
  // On the server, up to 5 GB.
  [[nodiscard]] boost::asio::awaitable<void> copy(S3Place from, std::string version, S3Place to, net::HttpHeaders headers);
  // Any number; those that are not there count as deleted.
  [[nodiscard]] boost::asio::awaitable<void> delete_objects(std::string bucket, std::vector<std::string> keys);

  // Multipart uploads (s3_upload.h).
  [[nodiscard]] boost::asio::awaitable<std::string> begin_upload(S3Place place, net::HttpHeaders headers);
  [[nodiscard]] boost::asio::awaitable<S3Part> upload_part(S3Place place, std::string upload, int number, std::string body,
                                                           std::string sha256);
  [[nodiscard]] boost::asio::awaitable<S3Part> copy_part(S3Place place, std::string upload, int number, S3CopiedPart part);
  [[nodiscard]] boost::asio::awaitable<void> complete_upload(S3Place place, std::string upload, std::vector<S3Part> parts);
  [[nodiscard]] boost::asio::awaitable<void> abort_upload(S3Place place, std::string upload);

  // For what reads the answer itself (s3_download.h).
  [[nodiscard]] AwsRequest request(const S3Place& place, std::string method) const {
    return s3_request(settings_, place, std::move(method));
  }
  [[nodiscard]] AwsPurpose purpose(const S3Place& place, std::string_view method) const;
  [[nodiscard]] const AwsSettings& settings() const { return settings_; }
  [[nodiscard]] CallContext& context() { return t_; }

 private:
  [[nodiscard]] boost::asio::awaitable<AwsAnswer> call(const S3Place& place, AwsRequest request, std::vector<int> accepts = {});

  CallContext t_;
  AwsSettings settings_;
};

}  // namespace venturi::providers
