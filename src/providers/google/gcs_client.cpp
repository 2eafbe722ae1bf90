#include "providers/google/gcs_client.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/json.h"
#include "base/percent.h"
#include "net/background.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::TaskFailed;
using operators::TaskFailedForGood;

constexpr std::string_view default_conn_id = "google_cloud_default";
// JSON that takes longer to read than a turn of the loop may last is read beside it: some hundred objects.
constexpr std::size_t large_gcs_page = 64UL << 10U;
constexpr std::string_view listed = "items(name,size,updated,generation,crc32c),prefixes,nextPageToken";

template <class T>
T taken_from(Result<T> result, const GcsPlace& place) {
  if (!result) throw TaskFailed(fmt::format("GCS: {}: {}", place.text(), result.error().text()));
  return *std::move(result);
}

// 64-bit numbers are texts there; emulators write them as numbers too.
std::string number_text(const Value& json, std::string_view name) {
  const Value* found = json.get(name);
  if (found == nullptr) return {};
  return found->is_string() ? found->as_string() : to_json(*found);
}
std::int64_t number(const Value& json, std::string_view name) {
  const std::string text = number_text(json, name);
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

GcsObject object_of(const Value& json) {
  GcsObject object{.name = json.get_string("name"),
                   .size = static_cast<std::uint64_t>(std::max<std::int64_t>(0, number(json, "size"))),
                   .generation = number_text(json, "generation"),
                   .crc32c = json.get_string("crc32c")};
  if (const auto updated = parse_time(json.get_string("updated"))) object.updated = *updated;
  return object;
}

std::size_t bytes_of(const GcsListing& listing) {
  std::size_t bytes = 0;
  for (const GcsObject& object : listing.objects)
    bytes += sizeof(GcsObject) + object.name.capacity() + object.generation.capacity();
  for (const std::string& prefix : listing.prefixes) bytes += sizeof(std::string) + prefix.capacity();
  return bytes;
}

// A bucket's own path, and that of an object in it.
std::string path_of(const GcsPlace& place) {
  std::string path = "/storage/v1/b/" + percent_encoded(place.bucket);
  if (!place.object.empty()) path += "/o/" + percent_encoded(place.object);
  return path;
}

void set_user_project(GoogleRequest& request, std::string project) {
  if (!project.empty()) request.query.emplace_back("userProject", std::move(project));
}

}  // namespace

std::string gcs_bucket(std::string name, std::string_view argument) {
  if (name.starts_with("gs://"))
    throw TaskFailedForGood(fmt::format("the argument {} is the name alone, without gs://", argument));
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'; };
  if (name.size() < 3 || name.size() > 222 || !std::ranges::all_of(name, fits))
    throw TaskFailedForGood(fmt::format("the argument {}: \"{}\" is no name of a bucket", argument, name));
  return name;
}

Result<GcsListing> gcs_listing(const std::string& body) {
  const auto json = parse_json(body);
  if (!json) return std::unexpected(json.error());
  GcsListing listing;
  listing.next = json->get_string("nextPageToken");
  if (const Value* items = json->get("items"); items != nullptr && items->is_array()) {
    listing.objects.reserve(items->as_array().size());
    for (const Value& item : items->as_array()) listing.objects.push_back(object_of(item));
  }
  if (const Value* prefixes = json->get("prefixes"); prefixes != nullptr && prefixes->is_array()) {
    for (const Value& prefix : prefixes->as_array()) {
      if (prefix.is_string()) listing.prefixes.push_back(prefix.as_string());
    }
  }
  return listing;
}

Result<GcsObject> gcs_object(const std::string& body) {
  const auto json = parse_json(body);
  if (!json) return std::unexpected(json.error());
  return object_of(*json);
}

asio::awaitable<std::shared_ptr<GcsClient>> GcsClient::make(CallContext t, const Arguments& arguments,
                                                            std::string_view conn_id_name) {
  GoogleChoice choice{.service = "storage", .impersonation_chain = impersonation_chain(arguments)};
  auto google = co_await GoogleClient::make(t, arguments.string(conn_id_name, default_conn_id), std::move(choice));
  co_return std::make_shared<GcsClient>(t, std::move(google));
}

GoogleRequest GcsClient::request(const GcsPlace& place, std::string method) const {
  return {.method = std::move(method), .url = google_->origin("storage") + path_of(place)};
}

std::string GcsClient::shown(const GcsPlace& place, std::string_view method) {
  return fmt::format("GCS: {} {}", method, place.text());
}

// ---- buckets ----------------------------------------------------------------------------------------------------------------

asio::awaitable<bool> GcsClient::create_bucket(Object resource, std::string project) {
  const GcsPlace place{.bucket = Value(resource).get_string("name")};
  GoogleRequest its{.method = "POST", .url = google_->origin("storage") + "/storage/v1/b"};
  if (project.empty()) project = co_await google_->project();
  if (!project.empty()) its.query.emplace_back("project", std::move(project));
  its.headers = {{"Content-Type", "application/json"}};
  its.body = to_json(Value(std::move(resource)));
  GooglePurpose purpose{.shown = shown(place, "POST"), .accepts = {google_status::conflict}};
  const GoogleAnswer answer = co_await google_->call(std::move(its), std::move(purpose));
  co_return answer.head.status != google_status::conflict;
}

asio::awaitable<bool> GcsClient::delete_bucket(std::string bucket, std::string user_project) {
  const GcsPlace place{.bucket = std::move(bucket)};
  GoogleRequest its = request(place, "DELETE");
  set_user_project(its, std::move(user_project));
  GooglePurpose purpose{.shown = shown(place, "DELETE"), .accepts = {google_status::not_found}};
  const GoogleAnswer answer = co_await google_->call(std::move(its), std::move(purpose));
  co_return answer.head.status != google_status::not_found || answer.attempts > 1;
}

// A page at a time: however many there are, they are not all in memory.
asio::awaitable<std::size_t> GcsClient::empty_bucket(std::string bucket, std::string user_project) {
  std::size_t count = 0;
  for (std::string token;;) {
    const GcsQuery query{.versions = true};
    GcsListing page = co_await list_page(bucket, query, token, user_project);
    for (GcsObject& object : page.objects) {
      const GcsPlace place{bucket, std::move(object.name)};
      if (co_await delete_object(place, std::move(object.generation), {}, user_project)) ++count;
    }
    if (page.next.empty()) co_return count;
    token = std::move(page.next);
  }
}

asio::awaitable<GcsListing> GcsClient::list_page(std::string bucket, GcsQuery query, std::string token,
                                                 std::string user_project) {
  const GcsPlace place{.bucket = std::move(bucket)};
  GoogleRequest its = request(place, "GET");
  its.url += "/o";
  its.query = {{"fields", std::string(listed)}};
  if (!query.prefix.empty()) its.query.emplace_back("prefix", query.prefix);
  if (!query.delimiter.empty()) its.query.emplace_back("delimiter", query.delimiter);
  if (!query.match_glob.empty()) its.query.emplace_back("matchGlob", query.match_glob);
  if (query.versions) its.query.emplace_back("versions", "true");
  if (!token.empty()) its.query.emplace_back("pageToken", std::move(token));
  set_user_project(its, std::move(user_project));
  GooglePurpose purpose{.shown = shown(place, "GET")};
  GoogleAnswer answer = co_await google_->call(std::move(its), std::move(purpose));
  if (answer.body.size() <= large_gcs_page) co_return taken_from(gcs_listing(answer.body), place);
  auto parsing = [body = std::move(answer.body)] { return gcs_listing(body); };
  co_return taken_from(co_await net::in_background(std::move(parsing)), place);
}

asio::awaitable<GcsListing> GcsClient::list(std::string bucket, GcsQuery query) {
  GcsListing all;
  for (std::string token;;) {
    GcsListing page = co_await list_page(bucket, query, token);
    t_.memory.take(bytes_of(page), "the list of gs://" + bucket + "/" + query.prefix);
    std::ranges::move(page.objects, std::back_inserter(all.objects));
    std::ranges::move(page.prefixes, std::back_inserter(all.prefixes));
    if (page.next.empty()) co_return all;
    token = std::move(page.next);
  }
}

// ---- objects ----------------------------------------------------------------------------------------------------------------

asio::awaitable<std::optional<GcsObject>> GcsClient::find(GcsPlace place) {
  const Value found = co_await resource(std::move(place));
  if (found.is_null()) co_return std::nullopt;
  co_return object_of(found);
}

asio::awaitable<Value> GcsClient::resource(GcsPlace place) {
  GooglePurpose purpose{.shown = shown(place, "GET"), .accepts = {google_status::not_found}};
  const GoogleAnswer answer = co_await google_->call(request(place, "GET"), std::move(purpose));
  if (answer.head.status != google_status::not_found) co_return taken_from(parse_json(answer.body), place);
  // A bucket that is not there is a mistake of its own.
  const GoogleErrorText error = google_error_text({answer.head, answer.body});
  if (error.message.find("bucket does not exist") != std::string::npos)
    throw google_refusal(google_->settings(), shown(place, "GET"), {answer.head, answer.body});
  co_return Value();
}

asio::awaitable<bool> GcsClient::delete_object(GcsPlace place, std::string generation, GcsCondition condition,
                                               std::string user_project) {
  GoogleRequest its = request(place, "DELETE");
  if (!generation.empty()) its.query.emplace_back("generation", std::move(generation));
  if (!condition.generation.empty()) its.query.emplace_back("ifGenerationMatch", std::move(condition.generation));
  set_user_project(its, std::move(user_project));
  GooglePurpose purpose{.shown = shown(place, "DELETE"), .accepts = {google_status::not_found}};
  const GoogleAnswer answer = co_await google_->call(std::move(its), std::move(purpose));
  // An attempt before this one may have deleted it.
  co_return answer.head.status != google_status::not_found || answer.attempts > 1;
}

asio::awaitable<void> GcsClient::patch(GcsPlace place, Object resource) {
  GoogleRequest its = request(place, "PATCH");
  its.headers = {{"Content-Type", "application/json"}};
  its.body = to_json(Value(std::move(resource)));
  GooglePurpose purpose{.shown = shown(place, "PATCH")};
  (void)co_await google_->call(std::move(its), std::move(purpose));
}

asio::awaitable<GcsRewrite> GcsClient::rewrite(GcsPlace from, GcsPlace to, GcsCondition condition, std::string token) {
  GoogleRequest its = request(from, "POST");
  its.url += fmt::format("/rewriteTo/b/{}/o/{}", percent_encoded(to.bucket), percent_encoded(to.object));
  if (!condition.generation.empty()) its.query.emplace_back("ifGenerationMatch", std::move(condition.generation));
  if (!condition.source_generation.empty())
    its.query.emplace_back("ifSourceGenerationMatch", std::move(condition.source_generation));
  if (!token.empty()) its.query.emplace_back("rewriteToken", std::move(token));
  its.headers = {{"Content-Type", "application/json"}};
  its.body = "";
  GooglePurpose purpose{.shown = fmt::format("GCS: copy {} to {}", from.text(), to.text())};
  const GoogleAnswer answer = co_await google_->call(std::move(its), std::move(purpose));
  const Value json = taken_from(parse_json(answer.body), to);
  GcsRewrite step{.is_done = json.get_bool("done"),
                  .token = json.get_string("rewriteToken"),
                  .written = number(json, "totalBytesRewritten"),
                  .size = number(json, "objectSize")};
  if (!step.is_done && step.token.empty())
    throw TaskFailed(fmt::format("GCS: copy {} to {}: the answer says neither done nor how to go on", from.text(), to.text()));
  co_return step;
}

asio::awaitable<std::string> GcsClient::read(GcsPlace place, std::size_t most_bytes) {
  GoogleRequest its = request(place, "GET");
  its.query = {{"alt", "media"}};
  GooglePurpose purpose{.shown = shown(place, "GET")};
  GoogleAnswer answer = co_await google_->call(std::move(its), std::move(purpose));
  if (answer.body.size() > most_bytes)
    throw TaskFailedForGood(fmt::format("{} has {} bytes: too many for an XCom", place.text(), answer.body.size()));
  co_return std::move(answer.body);
}

}  // namespace venturi::providers
