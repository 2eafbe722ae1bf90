#include "venturi/hooks/s3.h"

#include <fnmatch.h>

#include <algorithm>
#include <stdexcept>

#include "sdk/hook_access.h"
#include "sdk/hook_data.h"

namespace venturi::inline sdk {
namespace {

constexpr const char* wildcards = "*[?";

struct S3Address {
  std::string bucket, key;
};
// As Airflow: either "s3://BUCKET/KEY", or a bucket and a key in it.
S3Address address_of(std::string_view key, std::string_view bucket) {
  if (!bucket.empty()) return {std::string(bucket), std::string(key)};
  auto [name, rest] = parse_s3_url(key);
  return {std::move(name), std::move(rest)};
}

Object s3_arguments(std::string_view key, std::string_view bucket) {
  Object arguments{{"key", key}};
  if (!bucket.empty()) arguments.add("bucket", bucket);
  return arguments;
}

Object with_load_options(Object arguments, const S3LoadOptions& options) {
  if (options.replace) arguments.add("replace", true);
  if (options.encrypt) arguments.add("encrypt", true);
  internal::add_text(arguments, "acl_policy", options.acl_policy);
  internal::add_text(arguments, "content_type", options.content_type);
  return arguments;
}

bool matches_key(const std::string& pattern, const std::string& key) {
  return ::fnmatch(pattern.c_str(), key.c_str(), FNM_NOESCAPE) == 0;
}

S3Object s3_object_in(const Value& item) {
  return {.key = item.get_string("key"),
          .size = item.get_int("size"),
          .last_modified = parse_time(item.get_string("last_modified")).value_or(Time()),
          .etag = item.get_string("etag")};
}

// Page by page: `take` says whether it wants more.
template <class Call, class Take>
void for_each_s3_page(const Call& call, Object query, const Take& take) {
  for (;;) {
    const Value page = call(query);
    const std::string next = page.get_string("next");
    if (!take(page) || next.empty()) return;
    query.set("token", next);
  }
}

}  // namespace

std::pair<std::string, std::string> parse_s3_url(std::string_view url) {
  for (const std::string_view scheme : {"s3://", "s3a://", "s3n://"}) {
    if (!url.starts_with(scheme)) continue;
    const std::string_view rest = url.substr(scheme.size());
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    if (slash == 0) break;
    return {std::string(rest.substr(0, slash)), std::string(rest.substr(std::min(slash + 1, rest.size())))};
  }
  throw std::invalid_argument("expected s3://BUCKET/KEY, or a bucket_name beside the key, and not " + std::string(url));
}

Value S3Hook::call(std::string_view method, Object arguments) const {
  if (!options_.region_name.empty()) arguments.set("region_name", options_.region_name);
  if (!options_.verify.is_null()) arguments.set("verify", options_.verify);
  return internal::call_hook(context_, "S3Hook", "s3", method, conn_id_, std::move(arguments));
}

// ---- buckets ----------------------------------------------------------------------------------------------------------------

bool S3Hook::check_for_bucket(std::string_view bucket_name) const {
  return call("check_for_bucket", {{"bucket", bucket_name}}).get_bool("found");
}

void S3Hook::create_bucket(std::string_view bucket_name) const {
  (void)call("create_bucket", {{"bucket", bucket_name}});
}

void S3Hook::delete_bucket(std::string_view bucket_name, bool force_delete) const {
  (void)call("delete_bucket", {{"bucket", bucket_name}, {"force_delete", force_delete}});
}

// ---- listings ---------------------------------------------------------------------------------------------------------------

std::vector<std::string> S3Hook::list_keys(std::string_view bucket_name, const S3ListOptions& options) const {
  Object query{{"bucket", bucket_name}};
  internal::add_text(
      query, "prefix",
      options.apply_wildcard ? options.prefix.substr(0, options.prefix.find_first_of(wildcards)) : options.prefix);
  internal::add_text(query, "delimiter", options.delimiter);
  internal::add_text(query, "start_after", options.start_after_key);
  const auto is_wanted = [&options](const S3Object& object) {
    if (options.from_datetime && object.last_modified < *options.from_datetime) return false;
    if (options.to_datetime && object.last_modified >= *options.to_datetime) return false;
    return !options.apply_wildcard || matches_key(options.prefix, object.key);
  };
  std::vector<std::string> keys;
  const auto most = static_cast<std::size_t>(std::max<std::int64_t>(options.max_items, 0));
  for_each_s3_page([this](const Object& page) { return call("list", page); }, std::move(query),
                   [&](const Value& page) {
                     for (const Value& item : page.at("objects").as_array()) {
                       S3Object object = s3_object_in(item);
                       if (is_wanted(object)) keys.push_back(std::move(object.key));
                       if (most != 0 && keys.size() == most) return false;
                     }
                     return true;
                   });
  return keys;
}

std::vector<std::string> S3Hook::list_prefixes(std::string_view bucket_name, std::string_view prefix,
                                               std::string_view delimiter, std::int64_t max_items) const {
  Object query{{"bucket", bucket_name}, {"prefix", prefix}, {"delimiter", delimiter}};
  std::vector<std::string> prefixes;
  const auto most = static_cast<std::size_t>(std::max<std::int64_t>(max_items, 0));
  for_each_s3_page([this](const Object& page) { return call("list", page); }, std::move(query),
                   [&](const Value& page) {
                     for (const Value& item : page.at("prefixes").as_array()) {
                       prefixes.push_back(item.as_string());
                       if (most != 0 && prefixes.size() == most) return false;
                     }
                     return true;
                   });
  return prefixes;
}

std::vector<S3Object> S3Hook::get_file_metadata(std::string_view prefix, std::string_view bucket_name,
                                                std::int64_t max_items) const {
  const S3Address place = address_of(prefix, bucket_name);
  Object query{{"bucket", place.bucket}, {"prefix", place.key}};
  std::vector<S3Object> objects;
  const auto most = static_cast<std::size_t>(std::max<std::int64_t>(max_items, 0));
  for_each_s3_page([this](const Object& page) { return call("list", page); }, std::move(query),
                   [&](const Value& page) {
                     for (const Value& item : page.at("objects").as_array()) {
                       objects.push_back(s3_object_in(item));
                       if (most != 0 && objects.size() == most) return false;
                     }
                     return true;
                   });
  return objects;
}

bool S3Hook::check_for_prefix(std::string_view bucket_name, std::string_view prefix, std::string_view delimiter) const {
  std::string below(prefix);
  if (!below.ends_with(delimiter)) below += delimiter;
  const Value page = call("list", {{"bucket", bucket_name}, {"prefix", below}, {"most", 1}});
  return !page.at("objects").as_array().empty();
}

std::optional<S3ObjectHead> S3Hook::head_object(std::string_view key, std::string_view bucket_name) const {
  const Value found = call("head_object", s3_arguments(key, bucket_name));
  if (!found.get_bool("found")) return std::nullopt;
  S3ObjectHead head{.size = found.get_int("size"),
                    .etag = found.get_string("etag"),
                    .content_type = found.get_string("content_type"),
                    .last_modified = parse_time(found.get_string("last_modified")),
                    .metadata = {}};
  if (const Value* metadata = found.get("metadata")) head.metadata = metadata->as_object();
  return head;
}

bool S3Hook::check_for_key(std::string_view key, std::string_view bucket_name) const {
  return head_object(key, bucket_name).has_value();
}

bool S3Hook::check_for_wildcard_key(std::string_view wildcard_key, std::string_view bucket_name) const {
  return get_wildcard_key(wildcard_key, bucket_name).has_value();
}

std::optional<S3Object> S3Hook::get_wildcard_key(std::string_view wildcard_key, std::string_view bucket_name) const {
  const S3Address place = address_of(wildcard_key, bucket_name);
  std::optional<S3Object> found;
  Object query{{"bucket", place.bucket}, {"prefix", place.key.substr(0, place.key.find_first_of(wildcards))}};
  for_each_s3_page([this](const Object& page) { return call("list", page); }, std::move(query),
                   [&](const Value& page) {
                     for (const Value& item : page.at("objects").as_array()) {
                       if (!matches_key(place.key, item.get_string("key"))) continue;
                       found = s3_object_in(item);
                       return false;
                     }
                     return true;
                   });
  return found;
}

// ---- bytes ------------------------------------------------------------------------------------------------------------------

std::string S3Hook::read_key(std::string_view key, std::string_view bucket_name) const {
  const internal::PassedFile file(context_);
  Object arguments = s3_arguments(key, bucket_name);
  arguments.add("path", file.path());
  const Value answer = call("read_key", std::move(arguments));
  return answer.get_bool("in_file") ? file.read() : answer.get_string("data");
}

std::string S3Hook::download_file(std::string_view key, std::string_view bucket_name, std::string_view local_path) const {
  std::string_view name = local_path.empty() ? key.substr(key.rfind('/') + 1) : local_path;
  if (name.empty()) throw std::invalid_argument("download_file: the key ends with a slash: give a local_path");
  Object arguments = s3_arguments(key, bucket_name);
  arguments.add("path", internal::path_in_run(context_, name));
  return call("download_file", std::move(arguments)).get_string("path");
}

void S3Hook::load_string(std::string_view data, std::string_view key, std::string_view bucket_name,
                         const S3LoadOptions& options) const {
  if (data.size() > internal::most_inline_data) {
    const internal::PassedFile file(context_);
    file.write(data);
    return load_file(file.path(), key, bucket_name, options);
  }
  Object arguments = with_load_options(s3_arguments(key, bucket_name), options);
  arguments.add("data", data);
  (void)call("load_string", std::move(arguments));
}

void S3Hook::load_file(std::string_view filename, std::string_view key, std::string_view bucket_name,
                       const S3LoadOptions& options) const {
  Object arguments = with_load_options(s3_arguments(key, bucket_name), options);
  arguments.add("path", internal::path_in_run(context_, filename));
  (void)call("load_file", std::move(arguments));
}

void S3Hook::copy_object(std::string_view source_bucket_key, std::string_view dest_bucket_key,
                         const S3CopyOptions& options) const {
  Object arguments{{"source_key", source_bucket_key}, {"key", dest_bucket_key}};
  internal::add_text(arguments, "source_bucket", options.source_bucket_name);
  internal::add_text(arguments, "bucket", options.dest_bucket_name);
  internal::add_text(arguments, "source_version_id", options.source_version_id);
  internal::add_text(arguments, "acl_policy", options.acl_policy);
  internal::add_text(arguments, "meta_data_directive", options.meta_data_directive);
  (void)call("copy_object", std::move(arguments));
}

void S3Hook::delete_objects(std::string_view bucket, const std::vector<std::string>& keys) const {
  constexpr std::size_t most = 10'000;  // of a message
  for (std::size_t begin = 0; begin < keys.size(); begin += most) {
    const auto first = keys.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = keys.begin() + static_cast<std::ptrdiff_t>(std::min(keys.size(), begin + most));
    (void)call("delete_objects", {{"bucket", bucket}, {"keys", Array(first, last)}});
  }
}

std::string S3Hook::generate_presigned_url(std::string_view client_method, std::string_view key, std::string_view bucket_name,
                                           const S3PresignedUrlOptions& options) const {
  Object arguments = s3_arguments(key, bucket_name);
  arguments.add("client_method", client_method);
  arguments.add("expires_in", options.expires_in);
  internal::add_text(arguments, "http_method", options.http_method);
  return call("generate_presigned_url", std::move(arguments)).get_string("url");
}

}  // namespace venturi::inline sdk
