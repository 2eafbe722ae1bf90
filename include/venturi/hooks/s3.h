// Airflow's S3Hook for tasks in C++: objects over a connection of type aws, by the worker's operator host.
//
//   #include <venturi/hooks/s3.h>
//
//   const S3Hook s3(context, "lake");
//   for (const std::string& key : s3.list_keys("shop", {.prefix = "in/"})) total += count(s3.read_key(key, "shop"));
//   s3.load_string(report, "s3://shop/out/report.csv", {}, {.replace = true});
//   s3.download_file("in/orders.csv", "shop", "orders.csv");
//
// A key is one of `bucket_name`, or "s3://BUCKET/KEY" without it. What goes wrong is a HookError with S3's code and the status
// in its detail(): {"code": "NoSuchKey", "status": 404}. What is larger than a megabyte goes through files of the run, which
// are gone afterwards: the host holds one part of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "venturi/context.h"
#include "venturi/time.h"
#include "venturi/value.h"

namespace venturi::inline sdk {

// Beside the connection, as the operators' arguments of these names.
struct AwsOptions {
  std::string region_name{};
  Value verify{};
};

struct S3Object {
  std::string key;
  std::int64_t size = 0;
  Time last_modified;
  std::string etag;
};

// What a look at one object says.
struct S3ObjectHead {
  std::int64_t size = 0;
  std::string etag, content_type;
  std::optional<Time> last_modified;
  Object metadata;  // its x-amz-meta-..., names without that
};

// Designated in this order.
struct S3ListOptions {
  std::string prefix{};
  std::string delimiter{};  // keys that have it behind the prefix are left out
  std::string start_after_key{};
  std::optional<Time> from_datetime{}, to_datetime{};  // of the last change: from the first, before the second
  std::int64_t max_items = 0;                          // 0: all
  bool apply_wildcard = false;                         // the prefix is a pattern: "in/*.csv"
};

struct S3LoadOptions {
  bool replace = false;  // an object that is there already is an error without it
  bool encrypt = false;  // by the server, AES256
  std::string acl_policy{};
  std::string content_type{};
};

struct S3CopyOptions {
  std::string source_bucket_name{}, dest_bucket_name{};  // empty: the keys are s3://BUCKET/KEY
  std::string source_version_id{}, acl_policy{};
  std::string meta_data_directive{};  // COPY or REPLACE
};

struct S3PresignedUrlOptions {
  std::int64_t expires_in = 3600;  // seconds
  std::string http_method{};       // that of the client's method
};

class S3Hook {
 public:
  explicit S3Hook(const Context& context, std::string aws_conn_id = "aws_default", AwsOptions options = {})
      : context_(context), conn_id_(std::move(aws_conn_id)), options_(std::move(options)) {}

  // ---- buckets
  [[nodiscard]] bool check_for_bucket(std::string_view bucket_name) const;
  // One that is there already stays as it is.
  void create_bucket(std::string_view bucket_name) const;
  // With force_delete what is in it goes first.
  void delete_bucket(std::string_view bucket_name, bool force_delete = false) const;

  // ---- what is in them
  [[nodiscard]] std::vector<std::string> list_keys(std::string_view bucket_name, const S3ListOptions& options = {}) const;
  // The "folders": what stands behind `prefix` until the delimiter, each once.
  [[nodiscard]] std::vector<std::string> list_prefixes(std::string_view bucket_name, std::string_view prefix = {},
                                                       std::string_view delimiter = "/", std::int64_t max_items = 0) const;
  // The objects below the prefix, with size, time and tag.
  [[nodiscard]] std::vector<S3Object> get_file_metadata(std::string_view prefix, std::string_view bucket_name = {},
                                                        std::int64_t max_items = 0) const;
  // Whether something stands below the prefix, which ends with the delimiter or gets it.
  [[nodiscard]] bool check_for_prefix(std::string_view bucket_name, std::string_view prefix,
                                      std::string_view delimiter = "/") const;
  // Nothing where there is no such object.
  [[nodiscard]] std::optional<S3ObjectHead> head_object(std::string_view key, std::string_view bucket_name = {}) const;
  [[nodiscard]] bool check_for_key(std::string_view key, std::string_view bucket_name = {}) const;
  // By a pattern: "s3://shop/in/2026-*.csv"; * ? and [...] match slashes, too.
  [[nodiscard]] bool check_for_wildcard_key(std::string_view wildcard_key, std::string_view bucket_name = {}) const;
  [[nodiscard]] std::optional<S3Object> get_wildcard_key(std::string_view wildcard_key,
                                                         std::string_view bucket_name = {}) const;

  // ---- their bytes
  [[nodiscard]] std::string read_key(std::string_view key, std::string_view bucket_name = {}) const;
  // An object of any size into a file, there as a whole or not at all. `local_path` is absolute, or a name in the run's folder;
  // empty: the last part of the key there. Returns the path.
  std::string download_file(std::string_view key, std::string_view bucket_name = {}, std::string_view local_path = {}) const;
  // Text or bytes, as they are: Airflow's load_string() and load_bytes().
  void load_string(std::string_view data, std::string_view key, std::string_view bucket_name = {},
                   const S3LoadOptions& options = {}) const;
  // `filename` as `local_path` above. What is killed meanwhile leaves neither object nor parts.
  void load_file(std::string_view filename, std::string_view key, std::string_view bucket_name = {},
                 const S3LoadOptions& options = {}) const;
  void copy_object(std::string_view source_bucket_key, std::string_view dest_bucket_key,
                   const S3CopyOptions& options = {}) const;
  // Any number; those that are not there count as deleted.
  void delete_objects(std::string_view bucket, const std::vector<std::string>& keys) const;

  // A URL with which whoever has it may do that for so long: a secret. `client_method` is "get_object", "put_object",
  // "head_object" or "delete_object".
  [[nodiscard]] std::string generate_presigned_url(std::string_view client_method, std::string_view key,
                                                   std::string_view bucket_name = {},
                                                   const S3PresignedUrlOptions& options = {}) const;

 private:
  [[nodiscard]] Value call(std::string_view method, Object arguments) const;

  Context context_;
  std::string conn_id_;
  AwsOptions options_;
};

// The bucket and the key of "s3://BUCKET/KEY" (s3a and s3n too). Throws std::invalid_argument for anything else.
[[nodiscard]] std::pair<std::string, std::string> parse_s3_url(std::string_view url);

}  // namespace venturi::inline sdk
