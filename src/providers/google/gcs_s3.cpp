// Objects of S3 to Cloud Storage and back, one after the other over a file of the worker's machine, which is gone afterwards:
// in constant memory, each object there as a whole or not at all.
#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/amazon/s3_client.h"
#include "providers/amazon/s3_download.h"
#include "providers/amazon/s3_upload.h"
#include "providers/google/gcs.h"
#include "providers/google/gcs_arguments.h"
#include "providers/google/gcs_client.h"
#include "providers/google/gcs_download.h"
#include "providers/google/gcs_upload.h"
#include "providers/http/gzipped_file.h"
#include "providers/http/passing_file.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailedForGood;

// Of gs://bucket/folder/ or s3://bucket/folder.
struct Destination {
  std::string bucket, prefix;
};
Destination destination_of(const Arguments& arguments, std::string_view name, std::string_view scheme) {
  const std::string url = arguments.string(name);
  const std::size_t begin = scheme.size(), slash = std::min(url.find('/', begin), url.size());
  if (!url.starts_with(scheme) || slash == begin)
    throw TaskFailedForGood(fmt::format("the argument {} must be {}bucket/folder/, not '{}'", name, scheme, url));
  return {.bucket = url.substr(begin, slash - begin), .prefix = url.substr(std::min(slash + 1, url.size()))};
}

// An argument under another name, as clients read it; not given where it was not, null where it was null.
void rename(Arguments& arguments, std::string_view from, std::string_view to) {
  if (!arguments.has(from)) return;
  const Value* given = arguments.find(from);
  arguments.set(to, given == nullptr ? Value() : *given);
}

// Without those that stand for folders: "a/" beside "a/b".
std::vector<std::string> without_folders(std::vector<std::string> names) {
  std::ranges::sort(names);
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool is_folder = names[i].ends_with('/') && i + 1 < names.size() && names[i + 1].starts_with(names[i]);
    if (!is_folder) kept.push_back(names[i]);
  }
  return kept;
}

Array as_xcom(const std::vector<std::string>& names) {
  return {names.begin(), names.end()};
}

// Names in S3 as those in Cloud Storage.
class S3ToGcsNames {
 public:
  S3ToGcsNames(std::string source_prefix, std::string prefix, bool replaces_prefix)
      : source_prefix_(std::move(source_prefix)), prefix_(std::move(prefix)), replaces_prefix_(replaces_prefix) {}
  [[nodiscard]] std::string operator()(const std::string& key) const {
    return prefix_ + (replaces_prefix_ ? key.substr(source_prefix_.size()) : key);
  }

 private:
  std::string source_prefix_, prefix_;
  bool replaces_prefix_;
};

}  // namespace

asio::awaitable<Value> run_s3_to_gcs(OperatorTry& t, Arguments arguments) {
  rename(arguments, "google_impersonation_chain", "impersonation_chain");
  const Destination to = destination_of(arguments, "dest_gcs", "gs://");
  if (!to.prefix.empty() && !to.prefix.ends_with('/'))
    throw TaskFailedForGood("The destination Google Cloud Storage path must end with a slash \"/\" or be empty.");
  const bool gzip = arguments.boolean("gzip", false);
  const S3Place bucket = s3_place(arguments.string("bucket"), "", "bucket", "prefix");
  const S3Query query{.prefix = arguments.string("prefix"), .delimiter = arguments.string("delimiter")};
  const S3ToGcsNames name_of(query.prefix, to.prefix, arguments.boolean("apply_gcs_prefix", false));
  const auto s3 = co_await S3Client::make(t, arguments);
  const auto gcs = co_await GcsClient::make(t, arguments);

  const S3Listing listing = co_await s3->list(bucket.bucket, query);
  std::vector<std::string> keys;
  for (const S3Object& object : listing.objects) keys.push_back(object.key);
  keys = without_folders(std::move(keys));
  if (!arguments.boolean("replace", false)) {
    const GcsQuery there{.prefix = to.prefix};
    const std::vector<std::string> names = co_await list_names(*gcs, to.bucket, there);
    const std::set<std::string> known(names.begin(), names.end());
    std::erase_if(keys, [&](const std::string& key) { return known.contains(name_of(key)); });
  }
  const PassingFile file(t);
  std::vector<std::string> uris;
  for (const std::string& key : keys) {
    const S3Place from{bucket.bucket, key};
    const GcsPlace place{to.bucket, name_of(key)};
    (void)co_await download_file(*s3, from, file.path());
    std::optional<GzippedFile> packed;
    if (gzip) packed.emplace(co_await gzip_file(t, file.path()));
    const std::uint64_t size = co_await upload_file(*gcs, packed ? packed->path() : file.path(), place, {});
    t.log.info(fmt::format("{} is {}: {} bytes", from.text(), place.text(), size));
    uris.push_back(place.text());
  }
  t.log.info(keys.empty() ? "In sync, no files needed to be uploaded to Google Cloud Storage"
                          : fmt::format("All done, uploaded {} files to Google Cloud Storage", keys.size()));
  co_return as_xcom(arguments.boolean("return_gcs_uris", false) ? uris : keys);
}

asio::awaitable<Value> run_gcs_to_s3(OperatorTry& t, Arguments arguments) {
  rename(arguments, "google_impersonation_chain", "impersonation_chain");
  rename(arguments, "dest_aws_conn_id", "aws_conn_id");
  rename(arguments, "dest_verify", "verify");
  const std::string bucket = gcs_bucket(arguments.string("gcs_bucket"), "gcs_bucket"), prefix = arguments.string("prefix");
  const bool flatten = arguments.boolean("flatten_structure", false);
  Destination to = destination_of(arguments, "dest_s3_key", "s3://");
  to.prefix = as_folder(to.prefix);
  if (!arguments.boolean("keep_directory_structure", true) && !flatten) to.prefix = as_folder(to.prefix + prefix);
  const auto name_of = [&](const std::string& name) { return to.prefix + (flatten ? name.substr(name.rfind('/') + 1) : name); };
  net::HttpHeaders headers;
  if (const std::string acl = arguments.string("s3_acl_policy"); !acl.empty()) headers.emplace_back("x-amz-acl", acl);
  const auto gcs = co_await GcsClient::make(t, arguments);
  const auto s3 = co_await S3Client::make(t, arguments);

  t.log.info(fmt::format("Getting list of the files. Bucket: {}; Prefix: {}", bucket, prefix));
  const GcsQuery query{.prefix = prefix, .delimiter = {}, .match_glob = arguments.string("match_glob")};
  std::vector<std::string> names = without_folders(co_await list_names(*gcs, bucket, query));
  std::set<std::string> taken;
  if (!arguments.boolean("replace", false)) {
    const S3Query there{.prefix = to.prefix};
    const S3Listing listing = co_await s3->list(to.bucket, there);
    for (const S3Object& object : listing.objects) taken.insert(object.key);
  }
  // Of two that become one, the first.
  std::erase_if(names, [&](const std::string& name) {
    const std::string key = name_of(name);
    return key == to.prefix || !taken.insert(key).second;
  });
  const PassingFile file(t);
  for (const std::string& name : names) {
    const GcsPlace from{bucket, name};
    const S3Place place{to.bucket, name_of(name)};
    (void)co_await download_file(*gcs, from, file.path());
    const std::uint64_t size = co_await upload_file(*s3, file.path(), place, headers);
    t.log.info(fmt::format("{} is {}: {} bytes", from.text(), place.text(), size));
  }
  t.log.info(names.empty() ? "In sync, no files needed to be uploaded to S3"
                           : fmt::format("All done, uploaded {} files to S3", names.size()));
  co_return as_xcom(names);
}

}  // namespace venturi::providers
