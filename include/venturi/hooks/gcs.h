// Airflow's GCSHook for tasks in C++: objects of Google Cloud Storage over a connection of type google_cloud_platform, by the
// worker's operator host.
//
//   #include <venturi/hooks/gcs.h>
//
//   const GCSHook gcs(context);
//   for (const std::string& name : gcs.list("shop", {.prefix = "in/"})) total += count(gcs.download("shop", name));
//   gcs.upload("shop", "out/report.csv", report, {.mime_type = "text/csv"});
//   gcs.download_file("shop", "in/orders.csv", "orders.csv");
//
// What goes wrong is a HookError with Google's reason and the status in its detail(): {"reason": "notFound", "status": 404}.
// What is larger than a megabyte goes through files of the run, which are gone afterwards: the host holds one piece of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "venturi/context.h"
#include "venturi/time.h"
#include "venturi/value.h"

namespace venturi::inline sdk {

// Beside the connection, as the operators' argument of this name.
struct GoogleOptions {
  std::vector<std::string> impersonation_chain{};
};

// Designated in this order.
struct GCSListOptions {
  std::string prefix{}, delimiter{}, match_glob{};
  bool versions = false;         // replaced and deleted ones too, where the bucket keeps them
  std::int64_t max_results = 0;  // 0: all
};

struct GCSUploadOptions {
  std::string mime_type{};  // "application/octet-stream", of text "text/plain"
};

struct GCSBucketOptions {
  std::string project_id{};     // the connection's
  std::string storage_class{};  // "MULTI_REGIONAL"
  std::string location{};       // "US"
  Object labels{};
  Object resource{};  // more of Google's properties of a bucket
};

class GCSHook {
 public:
  explicit GCSHook(const Context& context, std::string gcp_conn_id = "google_cloud_default", GoogleOptions options = {})
      : context_(context), conn_id_(std::move(gcp_conn_id)), options_(std::move(options)) {}

  // ---- buckets
  // False where there is one of that name already.
  bool create_bucket(std::string_view bucket_name, const GCSBucketOptions& options = {}) const;
  // With `force` what is in it goes first. One that is not there counts as deleted.
  void delete_bucket(std::string_view bucket_name, bool force = false, std::string_view user_project = {}) const;

  // ---- what is in them
  // The names; with a delimiter the "folders" below the prefix where there are some, as Airflow's.
  [[nodiscard]] std::vector<std::string> list(std::string_view bucket_name, const GCSListOptions& options = {}) const;
  // Those that were changed from `start` on and before `end`.
  [[nodiscard]] std::vector<std::string> list_by_timespan(std::string_view bucket_name, Time start, Time end,
                                                          const GCSListOptions& options = {}) const;
  [[nodiscard]] bool exists(std::string_view bucket_name, std::string_view object_name) const;
  // All throw HookError where there is no such object.
  [[nodiscard]] std::int64_t get_size(std::string_view bucket_name, std::string_view object_name) const;
  [[nodiscard]] std::string get_crc32c(std::string_view bucket_name, std::string_view object_name) const;   // base64
  [[nodiscard]] std::string get_md5hash(std::string_view bucket_name, std::string_view object_name) const;  // base64
  [[nodiscard]] Object get_metadata(std::string_view bucket_name, std::string_view object_name) const;
  [[nodiscard]] Time get_blob_update_time(std::string_view bucket_name, std::string_view object_name) const;
  // False where there is none.
  [[nodiscard]] bool is_updated_after(std::string_view bucket_name, std::string_view object_name, Time ts) const;
  [[nodiscard]] bool is_updated_before(std::string_view bucket_name, std::string_view object_name, Time ts) const;
  [[nodiscard]] bool is_updated_between(std::string_view bucket_name, std::string_view object_name, Time min_ts,
                                        Time max_ts) const;
  [[nodiscard]] bool is_older_than(std::string_view bucket_name, std::string_view object_name, std::chrono::seconds age) const;

  // ---- their bytes
  [[nodiscard]] std::string download(std::string_view bucket_name, std::string_view object_name) const;
  // An object of any size into a file, there as a whole or not at all. `filename` is absolute, or a name in the run's folder;
  // empty: the last part of the object's name there. Returns the path.
  std::string download_file(std::string_view bucket_name, std::string_view object_name, std::string_view filename = {}) const;
  // Text or bytes, as they are.
  void upload(std::string_view bucket_name, std::string_view object_name, std::string_view data,
              const GCSUploadOptions& options = {}) const;
  // `filename` as above. What is killed meanwhile leaves no object.
  void upload_file(std::string_view bucket_name, std::string_view object_name, std::string_view filename,
                   const GCSUploadOptions& options = {}) const;
  // On the server, of any size: Airflow's copy() and rewrite(). An empty name of the target is the source's.
  void copy(std::string_view source_bucket, std::string_view source_object, std::string_view destination_bucket = {},
            std::string_view destination_object = {}) const;
  void rewrite(std::string_view source_bucket, std::string_view source_object, std::string_view destination_bucket,
               std::string_view destination_object = {}) const {
    copy(source_bucket, source_object, destination_bucket, destination_object);
  }
  // False where there was none.
  bool delete_object(std::string_view bucket_name, std::string_view object_name) const;  // `delete` is C++'s

 private:
  [[nodiscard]] Value call(std::string_view method, Object arguments) const;
  [[nodiscard]] Value object(std::string_view bucket_name, std::string_view object_name) const;
  [[nodiscard]] std::vector<std::string> list(std::string_view bucket_name, const GCSListOptions& options, const Time* start,
                                              const Time* end) const;

  Context context_;
  std::string conn_id_;
  GoogleOptions options_;
};

}  // namespace venturi::inline sdk
