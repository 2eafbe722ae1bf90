#include "providers/amazon/s3_client.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include <fmt/format.h>

#include "base/crypto.h"
#include "base/percent.h"
#include "net/background.h"
#include "net/mime_encoding.h"
#include "providers/amazon/aws_try.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::TaskFailed;
using operators::TaskFailedForGood;

constexpr std::size_t most_deleted_at_once = 1000;  // S3's
// XML that takes longer to read than a turn of the loop may last is read beside it: some hundred keys.
constexpr std::size_t large_listing = 64UL << 10U;

bool is_bucket_name(std::string_view name) {
  const auto fits = [](unsigned char c) { return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_'; };
  return name.size() >= 3 && name.size() <= 255 && std::ranges::all_of(name, fits);
}

// A client on the way would take such a part for the folder above, and ask for another object.
bool has_dot_segments(const std::string& key) {
  const std::string whole = "/" + key + "/";
  return whole.find("/./") != std::string::npos || whole.find("/../") != std::string::npos;
}

template <class T>
T taken(Result<T> result, const S3Place& place) {
  if (!result) throw TaskFailed(fmt::format("S3: {}: {}", place.text(), result.error().text()));
  return *std::move(result);
}

std::string sha256_base64(std::string_view text) {
  const std::string hex = sha256_hex(text);
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return net::base64(bytes);
}

std::size_t bytes_of(const S3Listing& listing) {
  std::size_t bytes = 0;
  for (const S3Object& object : listing.objects) bytes += sizeof(S3Object) + object.key.capacity() + object.etag.capacity();
  for (const std::string& prefix : listing.prefixes) bytes += sizeof(std::string) + prefix.capacity();
  return bytes;
}

// As CopyObject and UploadPartCopy have it.
std::string copy_source(const S3Place& from, const std::string& version) {
  return percent_encoded(from.bucket + "/" + from.key) + (version.empty() ? "" : "?versionId=" + percent_encoded(version));
}

}  // namespace

S3Place s3_place(const std::string& bucket, const std::string& key, std::string_view bucket_name, std::string_view key_name) {
  const std::size_t scheme = key.find("://");
  const bool is_url = scheme != std::string::npos;
  S3Place place{.bucket = bucket, .key = key};
  if (bucket.empty()) {
    const std::string_view word = is_url ? std::string_view(key).substr(0, scheme) : std::string_view();
    if (word != "s3" && word != "s3a" && word != "s3n")
      throw TaskFailedForGood(
          fmt::format("the argument {} must be s3://BUCKET/KEY where {} is not given", key_name, bucket_name));
    const std::string rest = key.substr(scheme + 3);
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    place = {.bucket = rest.substr(0, slash), .key = slash < rest.size() ? rest.substr(slash + 1) : std::string()};
  } else if (is_url && key.starts_with("s3")) {
    throw TaskFailedForGood(
        fmt::format("give either {} as s3://BUCKET/KEY, or {} and a key in it, not both", key_name, bucket_name));
  }
  if (!is_bucket_name(place.bucket)) throw TaskFailedForGood(fmt::format("\"{}\" is no name of a bucket", place.bucket));
  if (has_dot_segments(place.key))
    throw TaskFailedForGood(
        fmt::format("the key \"{}\" has \".\" or \"..\" as a part of its path, which HTTP does not keep", place.key));
  return place;
}

S3Place s3_place(const Arguments& arguments, std::string_view bucket_name, std::string_view key_name) {
  S3Place place = s3_place(arguments.string(bucket_name), arguments.string(key_name), bucket_name, key_name);
  if (place.key.empty()) throw TaskFailedForGood(fmt::format("the argument {} names no key", key_name));
  return place;
}

AwsRequest s3_request(const AwsSettings& settings, const S3Place& place, std::string method) {
  AwsRequest request;
  request.method = std::move(method);
  const std::string origin = origin_of_service(settings, "s3");
  if (settings.path_style || place.bucket.find('.') != std::string::npos) {
    request.origin = origin;
    request.path = "/" + place.bucket + (place.key.empty() ? "" : "/" + place.key);
  } else {
    const std::size_t host = origin.find("://") + 3;
    request.origin = origin.substr(0, host) + place.bucket + "." + origin.substr(host);
    request.path = "/" + place.key;
  }
  return request;
}

asio::awaitable<std::shared_ptr<S3Client>> S3Client::make(CallContext t, const Arguments& arguments) {
  AwsSettings settings = co_await settings_of_try(t, aws_source(arguments));
  co_return std::make_shared<S3Client>(t, std::move(settings));
}

AwsPurpose S3Client::purpose(const S3Place& place, std::string_view method) const {
  return {.service = "s3", .shown = fmt::format("S3: {} {}", method, place.text())};
}

asio::awaitable<AwsAnswer> S3Client::call(const S3Place& place, AwsRequest request, std::vector<int> accepts) {
  AwsPurpose its = purpose(place, request.method);
  its.accepts = std::move(accepts);
  // CopyObject, CompleteMultipartUpload and DeleteObjects.
  its.may_fail_with_200 = request.method == "POST" || request.method == "PUT";
  return call_aws(settings_, std::move(request), std::move(its), &t_.log);
}

// ---- buckets ----------------------------------------------------------------------------------------------------------------

asio::awaitable<void> S3Client::create_bucket(std::string bucket) {
  const S3Place place{.bucket = std::move(bucket)};
  AwsRequest its = request(place, "PUT");
  its.body = create_bucket_xml(settings_.region);
  (void)co_await call(place, std::move(its));
}

asio::awaitable<void> S3Client::delete_bucket(std::string bucket) {
  const S3Place place{.bucket = std::move(bucket)};
  (void)co_await call(place, request(place, "DELETE"));
}

asio::awaitable<bool> S3Client::has_bucket(std::string bucket) {
  const S3Place place{.bucket = std::move(bucket)};
  const AwsAnswer answer = co_await call(place, request(place, "HEAD"), {404});
  co_return answer.head.status != 404;
}

asio::awaitable<std::size_t> S3Client::empty_bucket(std::string bucket) {
  std::size_t count = 0;
  for (std::string token;;) {
    S3Listing page = co_await list_page(bucket, {}, token);
    std::vector<std::string> keys;
    for (S3Object& object : page.objects) keys.push_back(std::move(object.key));
    count += keys.size();
    if (!keys.empty()) co_await delete_objects(bucket, std::move(keys));
    if (page.next.empty()) co_return count;
    token = std::move(page.next);
  }
}

asio::awaitable<std::vector<S3Tag>> S3Client::bucket_tags(std::string bucket) {
  const S3Place place{.bucket = std::move(bucket)};
  AwsRequest its = request(place, "GET");
  its.query = {{"tagging", ""}};
  const AwsAnswer answer = co_await call(place, std::move(its), {404});
  if (answer.head.status != 404) co_return taken(bucket_tags_of(answer.body), place);
  AwsRefused refused = aws_refusal(settings_, purpose(place, "GET"), answer);
  if (refused.code != "NoSuchTagSet") throw refused;
  co_return std::vector<S3Tag>{};
}

asio::awaitable<void> S3Client::set_bucket_tags(std::string bucket, std::vector<S3Tag> tags) {
  const S3Place place{.bucket = std::move(bucket)};
  AwsRequest its = request(place, "PUT");
  its.query = {{"tagging", ""}};
  its.body = bucket_tags_xml(tags);
  its.headers = {{"Content-Type", "application/xml"}, {"x-amz-checksum-sha256", sha256_base64(*its.body)}};
  (void)co_await call(place, std::move(its));
}

asio::awaitable<void> S3Client::delete_bucket_tags(std::string bucket) {
  const S3Place place{.bucket = std::move(bucket)};
  AwsRequest its = request(place, "DELETE");
  its.query = {{"tagging", ""}};
  (void)co_await call(place, std::move(its));
}

asio::awaitable<S3Listing> S3Client::list_page(std::string bucket, S3Query query, std::string token) {
  const S3Place place{.bucket = std::move(bucket)};
  AwsRequest its = request(place, "GET");
  its.query = {{"list-type", "2"}, {"encoding-type", "url"}};
  if (!query.prefix.empty()) its.query.emplace_back("prefix", query.prefix);
  if (!query.delimiter.empty()) its.query.emplace_back("delimiter", query.delimiter);
  if (!query.start_after.empty()) its.query.emplace_back("start-after", query.start_after);
  if (query.most > 0) its.query.emplace_back("max-keys", std::to_string(query.most));
  if (!token.empty()) its.query.emplace_back("continuation-token", token);
  AwsAnswer answer = co_await call(place, std::move(its));
  if (answer.body.size() <= large_listing) co_return taken(s3_listing(answer.body), place);
  auto parsing = [body = std::move(answer.body)] { return s3_listing(body); };
  co_return taken(co_await net::in_background(std::move(parsing)), place);
}

asio::awaitable<S3Listing> S3Client::list(std::string bucket, S3Query query) {
  S3Listing all;
  for (std::string token;;) {
    S3Listing page = co_await list_page(bucket, query, token);
    t_.memory.take(bytes_of(page), "the list of s3://" + bucket + "/" + query.prefix);
    std::ranges::move(page.objects, std::back_inserter(all.objects));
    std::ranges::move(page.prefixes, std::back_inserter(all.prefixes));
    if (page.next.empty()) co_return all;
    token = std::move(page.next);
  }
}

// ---- objects ----------------------------------------------------------------------------------------------------------------

asio::awaitable<std::optional<S3Head>> S3Client::head(S3Place place, std::string version) {
  AwsRequest its = request(place, "HEAD");
  if (!version.empty()) its.query.emplace_back("versionId", std::move(version));
  const AwsAnswer answer = co_await call(place, std::move(its), {404});
  if (answer.head.status == 404) co_return std::nullopt;
  S3Head head{.etag = std::string(answer.head.header("etag"))};
  head.size = std::strtoull(std::string(answer.head.header("content-length")).c_str(), nullptr, 10);
  head.headers = answer.head.headers;
  co_return head;
}

asio::awaitable<void> S3Client::check_is_free(S3Place place) {
  if (co_await head(place))
    throw TaskFailed(fmt::format("The key {} already exists (replace=true overwrites it)", place.text()));
}

asio::awaitable<std::string> S3Client::read(S3Place place) {
  AwsAnswer answer = co_await call(place, request(place, "GET"));
  co_return std::move(answer.body);
}

asio::awaitable<void> S3Client::put(S3Place place, std::string body, net::HttpHeaders headers, std::string sha256) {
  AwsRequest its = request(place, "PUT");
  its.headers = std::move(headers);
  its.body = std::move(body);
  its.body_sha256 = std::move(sha256);
  (void)co_await call(place, std::move(its));
}

asio::awaitable<void> S3Client::copy(S3Place from, std::string version, S3Place to, net::HttpHeaders headers) {
  AwsRequest its = request(to, "PUT");
  its.headers = std::move(headers);
  its.headers.emplace_back("x-amz-copy-source", copy_source(from, version));
  (void)co_await call(to, std::move(its));
}

asio::awaitable<void> S3Client::delete_objects(std::string bucket, std::vector<std::string> keys) {
  const S3Place place{.bucket = std::move(bucket)};
  for (std::size_t begin = 0; begin < keys.size(); begin += most_deleted_at_once) {
    const std::size_t end = std::min(keys.size(), begin + most_deleted_at_once);
    AwsRequest its = request(place, "POST");
    its.query = {{"delete", ""}};
    its.body = delete_objects_xml(
        {keys.begin() + static_cast<std::ptrdiff_t>(begin), keys.begin() + static_cast<std::ptrdiff_t>(end)});
    its.headers = {{"Content-Type", "application/xml"}, {"x-amz-checksum-sha256", sha256_base64(*its.body)}};
    const AwsAnswer answer = co_await call(place, std::move(its));
    const std::string errors = taken(delete_errors(answer.body), place);
    if (!errors.empty()) throw TaskFailed(fmt::format("S3: deleting from {}: {}", place.text(), errors));
  }
}

// ---- multipart uploads ------------------------------------------------------------------------------------------------------

asio::awaitable<std::string> S3Client::begin_upload(S3Place place, net::HttpHeaders headers) {
  AwsRequest its = request(place, "POST");
  its.query = {{"uploads", ""}};
  its.headers = std::move(headers);
  const AwsAnswer answer = co_await call(place, std::move(its));
  std::string id = taken(xml_text(answer.body, "UploadId"), place);
  if (id.empty()) throw TaskFailed(fmt::format("S3: {}: the answer has no UploadId", place.text()));
  co_return id;
}

asio::awaitable<S3Part> S3Client::upload_part(S3Place place, std::string upload, int number, std::string body,
                                              std::string sha256) {
  AwsRequest its = request(place, "PUT");
  its.query = {{"partNumber", std::to_string(number)}, {"uploadId", std::move(upload)}};
  its.body = std::move(body);
  its.body_sha256 = std::move(sha256);
  const AwsAnswer answer = co_await call(place, std::move(its));
  co_return S3Part{number, std::string(answer.head.header("etag"))};
}

asio::awaitable<S3Part> S3Client::copy_part(S3Place place, std::string upload, int number, S3CopiedPart part) {
  AwsRequest its = request(place, "PUT");
  its.query = {{"partNumber", std::to_string(number)}, {"uploadId", std::move(upload)}};
  its.headers = {{"x-amz-copy-source", copy_source(part.from, part.version)}, {"x-amz-copy-source-range", part.range}};
  if (!part.etag.empty()) its.headers.emplace_back("x-amz-copy-source-if-match", part.etag);
  const AwsAnswer answer = co_await call(place, std::move(its));
  co_return S3Part{number, taken(xml_text(answer.body, "ETag"), place)};
}

asio::awaitable<void> S3Client::complete_upload(S3Place place, std::string upload, std::vector<S3Part> parts) {
  AwsRequest its = request(place, "POST");
  its.query = {{"uploadId", std::move(upload)}};
  its.headers = {{"Content-Type", "application/xml"}};
  its.body = complete_upload_xml(parts);
  (void)co_await call(place, std::move(its));
}

asio::awaitable<void> S3Client::abort_upload(S3Place place, std::string upload) {
  AwsRequest its = request(place, "DELETE");
  its.query = {{"uploadId", std::move(upload)}};
  (void)co_await call(place, std::move(its), {404});
}

}  // namespace venturi::providers
