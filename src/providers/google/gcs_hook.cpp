// The hook `gcs` of tasks. Each call is whole in itself: what is kept between them is the connection and its token.
//
//   list{bucket, prefix, delimiter, match_glob, versions, token} ─▶ {objects, prefixes, next}
//   get_object{bucket, object} ─▶ {found, size, updated, crc32c, md5, metadata}
//   download{bucket, object, path} ─▶ {data}, or what is larger in that file: {in_file}
//   download_file{path}, upload_file{path, mime_type}, copy{source_bucket, source_object}, delete, create_bucket{resource}, ...
#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/json.h"
#include "operators/hook_session.h"
#include "operators/outcome.h"
#include "providers/google/gcs.h"
#include "providers/google/gcs_client.h"
#include "providers/google/gcs_download.h"
#include "providers/google/gcs_rewrite.h"
#include "providers/google/gcs_upload.h"

namespace venturi::providers {
namespace gcs_calls {
namespace {

namespace asio = boost::asio;
using operators::HookCall;
using operators::TaskFailedForGood;
using Gcs = std::shared_ptr<GcsClient>;

constexpr std::int64_t most_read = 1L << 20U;  // with one message

std::string bucket_in(const Value& arguments) {
  return gcs_bucket(arguments.get_string("bucket"), "bucket_name");
}
GcsPlace place_in(const Value& arguments) {
  GcsPlace place{.bucket = bucket_in(arguments), .object = arguments.get_string("object")};
  if (place.object.empty()) throw TaskFailedForGood("the name of the object is empty");
  return place;
}
std::string path_in(const Value& arguments) {
  std::string path = arguments.get_string("path");
  if (path.empty() || path.front() != '/') throw TaskFailedForGood("the path of a file must be absolute");
  return path;
}
// 64-bit numbers are texts there; emulators write them as numbers too.
std::int64_t size_of(const Value& resource) {
  const Value* size = resource.get("size");
  if (size == nullptr) return 0;
  if (size->is_int()) return size->as_int();
  const std::string text = size->is_string() ? size->as_string() : "";
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

asio::awaitable<Value> create_bucket(Gcs gcs, HookCall call) {
  Object resource;
  if (const Value* given = call.arguments.get("resource")) resource = given->as_object();
  resource.set("name", bucket_in(call.arguments));
  co_return Object{{"created", co_await gcs->create_bucket(std::move(resource), call.arguments.get_string("project_id"))}};
}

asio::awaitable<Value> delete_bucket(Gcs gcs, HookCall call) {
  const std::string bucket = bucket_in(call.arguments), user_project = call.arguments.get_string("user_project");
  try {
    if (call.arguments.get_bool("force")) (void)co_await gcs->empty_bucket(bucket, user_project);
  } catch (const GoogleRefused& e) {
    if (e.status != google_status::not_found) throw;
  }
  (void)co_await gcs->delete_bucket(bucket, user_project);
  co_return nullptr;
}

asio::awaitable<Value> list(Gcs gcs, HookCall call) {
  const Value& arguments = call.arguments;
  GcsQuery query{.prefix = arguments.get_string("prefix"),
                 .delimiter = arguments.get_string("delimiter"),
                 .match_glob = arguments.get_string("match_glob"),
                 .versions = arguments.get_bool("versions")};
  GcsListing page = co_await gcs->list_page(bucket_in(arguments), std::move(query), arguments.get_string("token"));
  Array objects;
  objects.reserve(page.objects.size());
  for (GcsObject& object : page.objects)
    objects.push_back(Object{{"name", std::move(object.name)}, {"updated", format_time(object.updated)}});
  co_return Object{{"objects", std::move(objects)},
                   {"prefixes", Array(page.prefixes.begin(), page.prefixes.end())},
                   {"next", std::move(page.next)}};
}

asio::awaitable<Value> get_object(Gcs gcs, HookCall call) {
  const Value resource = co_await gcs->resource(place_in(call.arguments));
  if (resource.is_null()) co_return Object{{"found", false}};
  co_return Object{{"found", true},
                   {"size", size_of(resource)},
                   {"updated", resource.get_string("updated")},
                   {"crc32c", resource.get_string("crc32c")},
                   {"md5", resource.get_string("md5Hash")},
                   {"metadata", resource.get_value("metadata")}};
}

asio::awaitable<Value> download(Gcs gcs, HookCall call) {
  const GcsPlace place = place_in(call.arguments);
  const Value resource = co_await gcs->resource(place);
  // Of one that is not there the reading says so. What is stored compressed may be larger than it says.
  if (size_of(resource) > most_read || !resource.get_string("contentEncoding").empty()) {
    (void)co_await download_file(*gcs, place, path_in(call.arguments));
    co_return Object{{"in_file", true}};
  }
  std::string data = co_await gcs->read(place, most_read);
  co_return Object{{"data", std::move(data)}};
}

asio::awaitable<Value> download_to_file(Gcs gcs, HookCall call) {
  std::string path = path_in(call.arguments);
  const std::uint64_t size = co_await download_file(*gcs, place_in(call.arguments), path);
  co_return Object{{"path", std::move(path)}, {"size", size}};
}

asio::awaitable<Value> upload(Gcs gcs, HookCall call) {
  GcsUpload how;
  if (std::string type = call.arguments.get_string("mime_type"); !type.empty()) how.mime_type = std::move(type);
  const std::uint64_t size = co_await upload_file(*gcs, path_in(call.arguments), place_in(call.arguments), std::move(how));
  co_return Object{{"size", size}};
}

asio::awaitable<Value> copy(Gcs gcs, HookCall call) {
  GcsPlace from{.bucket = gcs_bucket(call.arguments.get_string("source_bucket"), "source_bucket"),
                .object = call.arguments.get_string("source_object")};
  co_await copy_object(*gcs, std::move(from), place_in(call.arguments), {});
  co_return nullptr;
}

asio::awaitable<Value> remove(Gcs gcs, HookCall call) {
  co_return Object{{"deleted", co_await gcs->delete_object(place_in(call.arguments))}};
}

struct Method {
  std::string_view name;
  asio::awaitable<Value> (*call)(Gcs, HookCall);
};
constexpr std::array<Method, 9> methods{{{"create_bucket", create_bucket},
                                         {"delete_bucket", delete_bucket},
                                         {"list", list},
                                         {"get_object", get_object},
                                         {"download", download},
                                         {"download_file", download_to_file},
                                         {"upload_file", upload},
                                         {"copy", copy},
                                         {"delete", remove}}};

}  // namespace
}  // namespace gcs_calls

boost::asio::awaitable<Value> call_gcs(operators::HookSession& session, operators::HookCall call) {
  const auto* const method = std::ranges::find(gcs_calls::methods, call.method, &gcs_calls::Method::name);
  if (method == gcs_calls::methods.end())
    throw operators::TaskFailed("the hook gcs has no method '" + call.method +
                                "'; the DAG's program may be newer than the worker");
  try {
    auto google = co_await google_of_hook(session, call, "storage");
    co_return co_await method->call(std::make_shared<GcsClient>(session, std::move(google)), std::move(call));
  } catch (const GoogleRefused& refused) {
    throw failed_hook(refused);
  }
}

}  // namespace venturi::providers
