#include "venturi/hooks/gcs.h"

#include <algorithm>
#include <stdexcept>

#include "sdk/hook_access.h"
#include "sdk/hook_data.h"

namespace venturi::inline sdk {
namespace {

Object gcs_place(std::string_view bucket, std::string_view object) {
  return {{"bucket", bucket}, {"object", object}};
}

bool lies_between(const Value& item, const Time* start, const Time* end) {
  if (start == nullptr) return true;
  const auto updated = parse_time(item.get_string("updated"));
  return updated && *updated >= *start && *updated < *end;
}

}  // namespace

Value GCSHook::call(std::string_view method, Object arguments) const {
  const std::vector<std::string>& chain = options_.impersonation_chain;
  if (!chain.empty()) arguments.set("impersonation_chain", Array(chain.begin(), chain.end()));
  return internal::call_hook(context_, "GCSHook", "gcs", method, conn_id_, std::move(arguments));
}

// ---- buckets ----------------------------------------------------------------------------------------------------------------

bool GCSHook::create_bucket(std::string_view bucket_name, const GCSBucketOptions& options) const {
  Object resource = options.resource;
  resource.set("storageClass", options.storage_class.empty() ? "MULTI_REGIONAL" : options.storage_class);
  resource.set("location", options.location.empty() ? "US" : options.location);
  if (!options.labels.empty()) resource.set("labels", options.labels);
  Object arguments{{"bucket", bucket_name}, {"resource", std::move(resource)}};
  internal::add_text(arguments, "project_id", options.project_id);
  return call("create_bucket", std::move(arguments)).get_bool("created");
}

void GCSHook::delete_bucket(std::string_view bucket_name, bool force, std::string_view user_project) const {
  (void)call("delete_bucket", {{"bucket", bucket_name}, {"force", force}, {"user_project", user_project}});
}

// ---- what is in them --------------------------------------------------------------------------------------------------------

std::vector<std::string> GCSHook::list(std::string_view bucket_name, const GCSListOptions& options, const Time* start,
                                       const Time* end) const {
  Object query{{"bucket", bucket_name}};
  internal::add_text(query, "prefix", options.prefix);
  internal::add_text(query, "delimiter", options.delimiter);
  internal::add_text(query, "match_glob", options.match_glob);
  if (options.versions) query.add("versions", true);
  const auto most = static_cast<std::size_t>(std::max<std::int64_t>(options.max_results, 0));
  std::vector<std::string> names;
  for (;;) {
    const Value page = call("list", query);
    // As Airflow: of a page that has prefixes these alone.
    const Array& prefixes = page.at("prefixes").as_array();
    for (const Value& prefix : prefixes) names.push_back(prefix.as_string());
    for (const Value& item : page.at("objects").as_array()) {
      if (prefixes.empty() && lies_between(item, start, end)) names.push_back(item.get_string("name"));
    }
    const std::string next = page.get_string("next");
    if (most != 0 && names.size() >= most) names.resize(most);
    if (next.empty() || (most != 0 && names.size() == most)) return names;
    query.set("token", next);
  }
}

std::vector<std::string> GCSHook::list(std::string_view bucket_name, const GCSListOptions& options) const {
  return list(bucket_name, options, nullptr, nullptr);
}

std::vector<std::string> GCSHook::list_by_timespan(std::string_view bucket_name, Time start, Time end,
                                                   const GCSListOptions& options) const {
  return list(bucket_name, options, &start, &end);
}

bool GCSHook::exists(std::string_view bucket_name, std::string_view object_name) const {
  return object(bucket_name, object_name).get_bool("found");
}

Value GCSHook::object(std::string_view bucket_name, std::string_view object_name) const {
  return call("get_object", gcs_place(bucket_name, object_name));
}

namespace {

// Of an object that is expected to be there.
Value expected_object(Value found, std::string_view bucket, std::string_view object) {
  if (found.get_bool("found")) return found;
  throw HookError("GCS: there is no gs://" + std::string(bucket) + "/" + std::string(object),
                  Object{{"reason", "notFound"}, {"status", 404}});
}

}  // namespace

std::int64_t GCSHook::get_size(std::string_view bucket_name, std::string_view object_name) const {
  return expected_object(object(bucket_name, object_name), bucket_name, object_name).get_int("size");
}
std::string GCSHook::get_crc32c(std::string_view bucket_name, std::string_view object_name) const {
  return expected_object(object(bucket_name, object_name), bucket_name, object_name).get_string("crc32c");
}
std::string GCSHook::get_md5hash(std::string_view bucket_name, std::string_view object_name) const {
  return expected_object(object(bucket_name, object_name), bucket_name, object_name).get_string("md5");
}
Object GCSHook::get_metadata(std::string_view bucket_name, std::string_view object_name) const {
  const Value metadata = expected_object(object(bucket_name, object_name), bucket_name, object_name).get_value("metadata");
  return metadata.is_object() ? metadata.as_object() : Object();
}
Time GCSHook::get_blob_update_time(std::string_view bucket_name, std::string_view object_name) const {
  return parse_time(expected_object(object(bucket_name, object_name), bucket_name, object_name).get_string("updated"))
      .value_or(Time());
}

bool GCSHook::is_updated_after(std::string_view bucket_name, std::string_view object_name, Time ts) const {
  const auto updated = parse_time(object(bucket_name, object_name).get_string("updated"));
  return updated && *updated > ts;
}
bool GCSHook::is_updated_before(std::string_view bucket_name, std::string_view object_name, Time ts) const {
  const auto updated = parse_time(object(bucket_name, object_name).get_string("updated"));
  return updated && *updated < ts;
}
bool GCSHook::is_updated_between(std::string_view bucket_name, std::string_view object_name, Time min_ts, Time max_ts) const {
  const auto updated = parse_time(object(bucket_name, object_name).get_string("updated"));
  return updated && *updated >= min_ts && *updated < max_ts;
}
bool GCSHook::is_older_than(std::string_view bucket_name, std::string_view object_name, std::chrono::seconds age) const {
  return is_updated_before(bucket_name, object_name, std::chrono::floor<Duration>(std::chrono::system_clock::now()) - age);
}

// ---- bytes ------------------------------------------------------------------------------------------------------------------

std::string GCSHook::download(std::string_view bucket_name, std::string_view object_name) const {
  const internal::PassedFile file(context_);
  Object arguments = gcs_place(bucket_name, object_name);
  arguments.add("path", file.path());
  const Value answer = call("download", std::move(arguments));
  return answer.get_bool("in_file") ? file.read() : answer.get_string("data");
}

std::string GCSHook::download_file(std::string_view bucket_name, std::string_view object_name,
                                   std::string_view filename) const {
  const std::string_view name = filename.empty() ? object_name.substr(object_name.rfind('/') + 1) : filename;
  if (name.empty()) throw std::invalid_argument("download_file: the object's name ends with a slash: give a filename");
  Object arguments = gcs_place(bucket_name, object_name);
  arguments.add("path", internal::path_in_run(context_, name));
  return call("download_file", std::move(arguments)).get_string("path");
}

void GCSHook::upload(std::string_view bucket_name, std::string_view object_name, std::string_view data,
                     const GCSUploadOptions& options) const {
  // A resumable upload reads a file whatever its size: Google answers the last piece with the object's checksum.
  const internal::PassedFile file(context_);
  file.write(data);
  upload_file(bucket_name, object_name, file.path(),
              {.mime_type = options.mime_type.empty() ? "text/plain" : options.mime_type});
}

void GCSHook::upload_file(std::string_view bucket_name, std::string_view object_name, std::string_view filename,
                          const GCSUploadOptions& options) const {
  Object arguments = gcs_place(bucket_name, object_name);
  arguments.add("path", internal::path_in_run(context_, filename));
  internal::add_text(arguments, "mime_type", options.mime_type);
  (void)call("upload_file", std::move(arguments));
}

void GCSHook::copy(std::string_view source_bucket, std::string_view source_object, std::string_view destination_bucket,
                   std::string_view destination_object) const {
  const std::string_view bucket = destination_bucket.empty() ? source_bucket : destination_bucket;
  const std::string_view object = destination_object.empty() ? source_object : destination_object;
  if (bucket == source_bucket && object == source_object)
    throw std::invalid_argument("copy: source and destination are the same object");
  Object arguments = gcs_place(bucket, object);
  arguments.add("source_bucket", source_bucket);
  arguments.add("source_object", source_object);
  (void)call("copy", std::move(arguments));
}

bool GCSHook::delete_object(std::string_view bucket_name, std::string_view object_name) const {
  return call("delete", gcs_place(bucket_name, object_name)).get_bool("deleted");
}

}  // namespace venturi::inline sdk
