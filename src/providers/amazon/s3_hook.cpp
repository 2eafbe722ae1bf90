// The hook `s3` of tasks. Each call is whole in itself: nothing is kept between them but the connection's settings.
//
//   list{bucket, prefix, delimiter, start_after, most, token} ─▶ {objects, prefixes, next}    next{token}: the page after it
//   read_key{key, path} ─▶ {data}, or what is larger in that file: {in_file}
//   load_string{data}, load_file{path}, download_file{path}, head_object, copy_object, delete_objects{keys}, ...
//
// A place is {bucket, key}, or the key alone as s3://BUCKET/KEY.
#include <array>
#include <chrono>
#include <ctime>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "operators/hook_session.h"
#include "operators/outcome.h"
#include "providers/amazon/aws_loan.h"
#include "providers/amazon/aws_try.h"
#include "providers/amazon/s3.h"
#include "providers/amazon/s3_client.h"
#include "providers/amazon/s3_download.h"
#include "providers/amazon/s3_upload.h"

namespace venturi::providers {
namespace s3_calls {
namespace {

namespace asio = boost::asio;
using operators::HookCall;
using operators::TaskFailedForGood;
using S3 = std::shared_ptr<S3Client>;

constexpr std::uint64_t most_read = 1UL << 20U;  // with one message
constexpr std::string_view own_metadata = "x-amz-meta-";
constexpr std::int64_t longest_presigned = 7L * 24 * 3600;  // Amazon's

S3Place place_in(const Value& arguments) {
  S3Place place = s3_place(arguments.get_string("bucket"), arguments.get_string("key"), "bucket_name", "key");
  if (place.key.empty()) throw TaskFailedForGood("the key is empty");
  return place;
}
S3Place bucket_in(const Value& arguments) {
  return s3_place(arguments.get_string("bucket"), "", "bucket_name", "key");
}

net::HttpHeaders headers_in(const Value& arguments) {
  net::HttpHeaders headers;
  if (arguments.get_bool("encrypt")) headers.emplace_back("x-amz-server-side-encryption", "AES256");
  for (const auto& [name, header] : {std::pair{"acl_policy", "x-amz-acl"},
                                     {"content_type", "Content-Type"},
                                     {"meta_data_directive", "x-amz-metadata-directive"}}) {
    if (std::string text = arguments.get_string(name); !text.empty()) headers.emplace_back(header, std::move(text));
  }
  return headers;
}

std::string path_in(const Value& arguments) {
  std::string path = arguments.get_string("path");
  if (path.empty() || path.front() != '/') throw TaskFailedForGood("the path of a file must be absolute");
  return path;
}

// "Wed, 21 Oct 2026 07:28:00 GMT"; empty for anything else.
std::string iso_time(const std::string& http_date) {
  std::tm parts{};
  if (::strptime(http_date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts) == nullptr) return {};
  return format_time(Time(std::chrono::seconds(::timegm(&parts))));
}

// ---- buckets ----------------------------------------------------------------------------------------------------------------

asio::awaitable<Value> check_for_bucket(S3 s3, HookCall call) {
  co_return Object{{"found", co_await s3->has_bucket(bucket_in(call.arguments).bucket)}};
}

asio::awaitable<Value> create_bucket(S3 s3, HookCall call) {
  const S3Place place = bucket_in(call.arguments);
  if (!co_await s3->has_bucket(place.bucket)) co_await s3->create_bucket(place.bucket);
  co_return nullptr;
}

asio::awaitable<Value> delete_bucket(S3 s3, HookCall call) {
  const S3Place place = bucket_in(call.arguments);
  if (call.arguments.get_bool("force_delete")) (void)co_await s3->empty_bucket(place.bucket);
  co_await s3->delete_bucket(place.bucket);
  co_return nullptr;
}

asio::awaitable<Value> list(S3 s3, HookCall call) {
  const Value& arguments = call.arguments;
  S3Query query{.prefix = arguments.get_string("prefix"),
                .delimiter = arguments.get_string("delimiter"),
                .start_after = arguments.get_string("start_after"),
                .most = static_cast<int>(arguments.get_int("most"))};
  S3Listing page = co_await s3->list_page(bucket_in(arguments).bucket, std::move(query), arguments.get_string("token"));
  Array objects;
  objects.reserve(page.objects.size());
  for (S3Object& object : page.objects) {
    objects.push_back(Object{{"key", std::move(object.key)},
                             {"size", object.size},
                             {"last_modified", format_time(object.last_modified)},
                             {"etag", std::move(object.etag)}});
  }
  co_return Object{{"objects", std::move(objects)},
                   {"prefixes", Array(page.prefixes.begin(), page.prefixes.end())},
                   {"next", std::move(page.next)}};
}

// ---- objects ----------------------------------------------------------------------------------------------------------------

asio::awaitable<Value> head_object(S3 s3, HookCall call) {
  const auto head = co_await s3->head(place_in(call.arguments));
  if (!head) co_return Object{{"found", false}};
  Object metadata, found{{"found", true}, {"size", head->size}, {"etag", head->etag}};
  for (const auto& [name, value] : head->headers) {
    if (name == "content-type") found.set("content_type", value);
    if (name == "last-modified") found.set("last_modified", iso_time(value));
    if (name.starts_with(own_metadata)) metadata.set(name.substr(own_metadata.size()), value);
  }
  found.set("metadata", std::move(metadata));
  co_return found;
}

asio::awaitable<Value> read_key(S3 s3, HookCall call) {
  const S3Place place = place_in(call.arguments);
  const auto head = co_await s3->head(place);
  if (head && head->size > most_read) {
    (void)co_await download_file(*s3, place, path_in(call.arguments));
    co_return Object{{"in_file", true}};
  }
  // Of one that is not there it says so.
  std::string data = co_await s3->read(place);
  co_return Object{{"data", std::move(data)}};
}

asio::awaitable<Value> download(S3 s3, HookCall call) {
  std::string path = path_in(call.arguments);
  const std::uint64_t size = co_await download_file(*s3, place_in(call.arguments), path);
  co_return Object{{"path", std::move(path)}, {"size", size}};
}

asio::awaitable<Value> load_string(S3 s3, HookCall call) {
  const S3Place place = place_in(call.arguments);
  if (!call.arguments.get_bool("replace")) co_await s3->check_is_free(place);
  std::string data = call.arguments.get_string("data");
  s3->context().memory.take(data.size(), "the data of " + place.text());
  co_await s3->put(place, std::move(data), headers_in(call.arguments));
  co_return nullptr;
}

asio::awaitable<Value> load_file(S3 s3, HookCall call) {
  const S3Place place = place_in(call.arguments);
  if (!call.arguments.get_bool("replace")) co_await s3->check_is_free(place);
  const std::uint64_t size = co_await upload_file(*s3, path_in(call.arguments), place, headers_in(call.arguments));
  co_return Object{{"size", size}};
}

asio::awaitable<Value> copy_object(S3 s3, HookCall call) {
  const Value& arguments = call.arguments;
  const S3Place from = s3_place(arguments.get_string("source_bucket"), arguments.get_string("source_key"), "source_bucket_name",
                                "source_bucket_key");
  const S3Place to =
      s3_place(arguments.get_string("bucket"), arguments.get_string("key"), "dest_bucket_name", "dest_bucket_key");
  co_await s3->copy(from, arguments.get_string("source_version_id"), to, headers_in(arguments));
  co_return nullptr;
}

asio::awaitable<Value> delete_objects(S3 s3, HookCall call) {
  std::vector<std::string> keys;
  for (const Value& key : call.arguments.at("keys").as_array()) keys.push_back(key.as_string());
  co_await s3->delete_objects(bucket_in(call.arguments).bucket, std::move(keys));
  co_return nullptr;
}

asio::awaitable<Value> generate_presigned_url(S3 s3, HookCall call) {
  constexpr std::array methods{std::pair{"get_object", "GET"}, std::pair{"put_object", "PUT"}, std::pair{"head_object", "HEAD"},
                               std::pair{"delete_object", "DELETE"}};
  const std::string wanted = call.arguments.get_string("client_method");
  const auto* const found = std::ranges::find_if(methods, [&](const auto& m) { return wanted == m.first; });
  if (found == methods.end()) {
    throw TaskFailedForGood(
        fmt::format("client_method must be get_object, put_object, head_object or delete_object, not {}", wanted));
  }
  const std::int64_t seconds = call.arguments.get_int("expires_in", 3600);
  if (seconds < 1 || seconds > longest_presigned)
    throw TaskFailedForGood(fmt::format("expires_in must be a number of seconds from 1 to {}", longest_presigned));
  const AwsRequest request = s3->request(place_in(call.arguments), call.arguments.get_string("http_method", found->second));
  const AwsSettings& settings = s3->settings();
  co_await renew_loan(settings, &s3->context().log, false);
  const AwsCredentials& credentials = settings.loan == nullptr ? settings.credentials : settings.loan->credentials;
  co_return Object{
      {"url", presigned_url(request, credentials, {settings.region, "s3"},
                            std::chrono::floor<Duration>(std::chrono::system_clock::now()), std::chrono::seconds(seconds))}};
}

struct Method {
  std::string_view name;
  asio::awaitable<Value> (*call)(S3, HookCall);
};
constexpr std::array<Method, 12> methods{{{"check_for_bucket", check_for_bucket},
                                          {"create_bucket", create_bucket},
                                          {"delete_bucket", delete_bucket},
                                          {"list", list},
                                          {"head_object", head_object},
                                          {"read_key", read_key},
                                          {"download_file", download},
                                          {"load_string", load_string},
                                          {"load_file", load_file},
                                          {"copy_object", copy_object},
                                          {"delete_objects", delete_objects},
                                          {"generate_presigned_url", generate_presigned_url}}};

}  // namespace
}  // namespace s3_calls

boost::asio::awaitable<Value> call_s3(operators::HookSession& session, operators::HookCall call) {
  const auto* const method = std::ranges::find(s3_calls::methods, call.method, &s3_calls::Method::name);
  if (method == s3_calls::methods.end())
    throw operators::TaskFailed("the hook s3 has no method '" + call.method +
                                "'; the DAG's program may be newer than the worker");
  try {
    AwsSettings settings = co_await settings_of_hook(session, call);
    co_return co_await method->call(std::make_shared<S3Client>(session, std::move(settings)), std::move(call));
  } catch (const AwsRefused& refused) {
    throw failed_hook(refused);
  }
}

}  // namespace venturi::providers
