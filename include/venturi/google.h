// Google Cloud: Google Cloud Storage, and what speaks its JSON API. docs/providers/google.md.
//
//   #include <venturi/google.h>
//
//   auto there = dag.add(GCSObjectExistenceSensor{.task_id = "there", .bucket = "shop", .object = "in/orders.csv",
//                                                 .deferrable = true});
//   auto file = dag.add(GCSToLocalFilesystemOperator{.task_id = "fetch", .bucket = "shop", .object_name = "in/orders.csv"});
//   there >> file;
//
// Connections of type google_cloud_platform: all is in extra (keyfile_dict, key_path, credential_config_file, project, ...).
// Members that all have: gcp_conn_id, of sensors google_cloud_conn_id ("google_cloud_default"), and impersonation_chain: a
// service account that is acted as, or those that lead to it (the connection's). Names of buckets are without gs://.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "venturi/built_in.h"

namespace venturi::inline sdk {

// One that is there already is fine.
struct GCSCreateBucketOperator {
  static constexpr std::string_view task_type = "GCSCreateBucketOperator";
  std::string task_id{};
  Field<std::string> bucket_name{};    // required
  Field<std::string> storage_class{};  // "MULTI_REGIONAL"
  Field<std::string> location{};       // "US"
  Field<std::string> project_id{};     // the connection's
  Field<Value> resource{};             // further properties of the bucket, as Google calls them: an object
  Field<Value> labels{};               // an object of texts
  Field<std::string> gcp_conn_id{};
  Field<std::vector<std::string>> impersonation_chain{};
  using Result = void;

  friend void fields_of(const GCSCreateBucketOperator& op, detail::OperatorFields& fields) {
    fields.required("bucket_name", op.bucket_name)
        .field("storage_class", op.storage_class)
        .field("location", op.location)
        .field("project_id", op.project_id)
        .field("resource", op.resource)
        .field("labels", op.labels)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"bucket_name", "storage_class", "location", "project_id", "gcp_conn_id", "impersonation_chain"});
  }
};

// One that is not there is fine.
struct GCSDeleteBucketOperator {
  static constexpr std::string_view task_type = "GCSDeleteBucketOperator";
  std::string task_id{};
  Field<std::string> bucket_name{};   // required
  Field<bool> force{};                // true: what is in it goes too; false: a bucket that is not empty is a failure
  Field<std::string> user_project{};  // that pays, where the requester does
  Field<std::string> gcp_conn_id{};
  Field<std::vector<std::string>> impersonation_chain{};
  using Result = void;

  friend void fields_of(const GCSDeleteBucketOperator& op, detail::OperatorFields& fields) {
    fields.required("bucket_name", op.bucket_name)
        .field("force", op.force)
        .field("user_project", op.user_project)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"bucket_name", "user_project", "gcp_conn_id", "impersonation_chain"});
  }
};

// The names of objects.
struct GCSListObjectsOperator {
  static constexpr std::string_view task_type = "GCSListObjectsOperator";
  std::string task_id{};
  Field<std::string> bucket{};               // required
  Field<std::vector<std::string>> prefix{};  // all; one or many
  Field<std::string> delimiter{};            // "/": what is in folders below counts as the folder
  Field<std::string> match_glob{};           // "**/*.csv"
  Field<std::string> gcp_conn_id{};
  Field<std::vector<std::string>> impersonation_chain{};
  using Result = std::vector<std::string>;

  friend void fields_of(const GCSListObjectsOperator& op, detail::OperatorFields& fields) {
    fields.required("bucket", op.bucket)
        .field("prefix", op.prefix)
        .field("delimiter", op.delimiter)
        .field("match_glob", op.match_glob)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"bucket", "prefix", "delimiter", "match_glob", "gcp_conn_id", "impersonation_chain"});
  }
};

// Either these objects, or what is below prefixes.
struct GCSDeleteObjectsOperator {
  static constexpr std::string_view task_type = "GCSDeleteObjectsOperator";
  std::string task_id{};
  Field<std::string> bucket_name{};  // required
  Field<std::vector<std::string>> objects{};
  Field<std::vector<std::string>> prefix{};
  Field<bool> ignore_error{};  // false; true: one that is not there is fine
  Field<std::string> gcp_conn_id{};
  Field<std::vector<std::string>> impersonation_chain{};
  using Result = void;

  friend void fields_of(const GCSDeleteObjectsOperator& op, detail::OperatorFields& fields) {
    fields.required("bucket_name", op.bucket_name)
        .field("objects", op.objects)
        .field("prefix", op.prefix)
        .field("ignore_error", op.ignore_error)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"bucket_name", "objects", "prefix", "gcp_conn_id", "impersonation_chain"});
  }
};

// What is below one place comes below another, on the server.
struct GCSSynchronizeBucketsOperator {
  static constexpr std::string_view task_type = "GCSSynchronizeBucketsOperator";
  std::string task_id{};
  Field<std::string> source_bucket{}, destination_bucket{};  // required
  Field<std::string> source_object{}, destination_object{};  // folders; the whole buckets
  Field<bool> recursive{};                                   // true
  Field<bool> delete_extra_files{};                          // false; true: what is at the destination alone goes
  Field<bool> allow_overwrite{};                             // false; true: what differs is replaced
  Field<std::string> gcp_conn_id{};
  Field<std::vector<std::string>> impersonation_chain{};
  using Result = void;

  friend void fields_of(const GCSSynchronizeBucketsOperator& op, detail::OperatorFields& fields) {
    fields.required("source_bucket", op.source_bucket)
        .required("destination_bucket", op.destination_bucket)
        .field("source_object", op.source_object)
        .field("destination_object", op.destination_object)
        .field("recursive", op.recursive)
        .field("delete_extra_files", op.delete_extra_files)
        .field("allow_overwrite", op.allow_overwrite)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"source_bucket", "destination_bucket", "source_object", "destination_object", "recursive",
                    "delete_extra_files", "allow_overwrite", "gcp_conn_id", "impersonation_chain"});
  }
};

// On the server, of any size. A source is an object, a prefix, or a pattern with one *.
struct GCSToGCSOperator {
  static constexpr std::string_view task_type = "GCSToGCSOperator";
  std::string task_id{};
  Field<std::string> source_bucket{};  // required
  Field<std::string> source_object{};  // one of the two is required
  Field<std::vector<std::string>> source_objects{};
  Field<std::string> destination_bucket{};       // source_bucket
  Field<std::string> destination_object{};       // the same names; of many: what they have in common becomes this
  Field<std::string> delimiter{}, match_glob{};  // of what is below a prefix
  Field<bool> move_object{};                     // false; true: the source goes when it is copied
  Field<bool> replace{};                         // true; false: what is there stays
  Field<std::string> last_modified_time{}, maximum_modified_time{};  // "2026-01-01T00:00:00Z": changed after, before
  Option<Duration> is_older_than{};                                  // changed longer ago
  Field<bool> source_object_required{};                              // false; true: a source that is not there is a failure
  Field<bool> exact_match{};                                         // false; true: a source is no prefix
  Field<std::string> gcp_conn_id{};
  Field<std::vector<std::string>> impersonation_chain{};
  using Result = std::vector<std::string>;  // "gs://bucket/object" of each that was made

  friend void fields_of(const GCSToGCSOperator& op, detail::OperatorFields& fields) {
    fields.required("source_bucket", op.source_bucket)
        .field("source_object", op.source_object)
        .field("source_objects", op.source_objects)
        .field("destination_bucket", op.destination_bucket)
        .field("destination_object", op.destination_object)
        .field("delimiter", op.delimiter)
        .field("match_glob", op.match_glob)
        .field("move_object", op.move_object)
        .field("replace", op.replace)
        .field("last_modified_time", op.last_modified_time)
        .field("maximum_modified_time", op.maximum_modified_time)
        .duration("is_older_than", op.is_older_than)
        .field("source_object_required", op.source_object_required)
        .field("exact_match", op.exact_match)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"source_bucket", "source_object", "source_objects", "destination_bucket", "destination_object", "delimiter",
                    "match_glob", "gcp_conn_id", "impersonation_chain"});
  }
};

// Files of the worker's machine, of any size, in constant memory. An object is there as a whole or not at all.
struct LocalFilesystemToGCSOperator {
  static constexpr std::string_view task_type = "LocalFilesystemToGCSOperator";
  std::string task_id{};
  Field<std::vector<std::string>> src{};  // required: absolute; one alone may be a pattern
  Field<std::string> dst{};               // required: the object; with a slash at its end a folder
  Field<std::string> bucket{};            // required
  Field<std::string> mime_type{};         // "application/octet-stream"
  Field<std::int64_t> chunk_size{};       // 8 MiB; a multiple of 256 KiB
  Field<std::string> gcp_conn_id{};
  Field<std::vector<std::string>> impersonation_chain{};
  using Result = std::vector<std::string>;  // "gs://bucket/object" of each file

  friend void fields_of(const LocalFilesystemToGCSOperator& op, detail::OperatorFields& fields) {
    fields.required("src", op.src)
        .required("dst", op.dst)
        .required("bucket", op.bucket)
        .field("mime_type", op.mime_type)
        .field("chunk_size", op.chunk_size)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"src", "dst", "bucket", "gcp_conn_id", "impersonation_chain"});
  }
};

// An object of any size into a file, which is there as a whole or not at all. A broken download goes on where it was.
struct GCSToLocalFilesystemOperator {
  static constexpr std::string_view task_type = "GCSToLocalFilesystemOperator";
  std::string task_id{};
  Field<std::string> bucket{}, object_name{};  // required
  Field<std::string> filename{};  // absolute, on the worker's machine; without one a file of the run with the object's name
  Field<std::string> store_to_xcom_key{};  // no file: the object becomes an XCom, up to 48 KiB
  Field<std::string> file_encoding{};      // "utf-8": of the object, for that XCom
  Field<std::string> gcp_conn_id{};
  Field<std::vector<std::string>> impersonation_chain{};
  using Result = std::string;  // the path

  friend void fields_of(const GCSToLocalFilesystemOperator& op, detail::OperatorFields& fields) {
    fields.required("bucket", op.bucket)
        .required("object_name", op.object_name)
        .field("filename", op.filename)
        .field("store_to_xcom_key", op.store_to_xcom_key)
        .field("file_encoding", op.file_encoding)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates(
            {"bucket", "object_name", "filename", "store_to_xcom_key", "file_encoding", "gcp_conn_id", "impersonation_chain"});
  }
};

// An object becomes a file, a program makes another file of it, and that becomes an object.
struct GCSFileTransformOperator {
  static constexpr std::string_view task_type = "GCSFileTransformOperator";
  std::string task_id{};
  Field<std::string> source_bucket{}, source_object{};            // required
  Field<std::string> destination_bucket{}, destination_object{};  // the source's: it is replaced
  Field<std::vector<std::string>>
      transform_script{};  // required: a program and its arguments; the two files' paths come behind them
  Field<std::string> gcp_conn_id{};
  Field<Value> impersonation_chain{};
  using Result = void;

  friend void fields_of(const GCSFileTransformOperator& op, detail::OperatorFields& fields) {
    fields.required("source_bucket", op.source_bucket)
        .required("source_object", op.source_object)
        .field("destination_bucket", op.destination_bucket)
        .field("destination_object", op.destination_object)
        .required("transform_script", op.transform_script)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"source_bucket", "source_object", "destination_bucket", "destination_object", "transform_script",
                    "gcp_conn_id", "impersonation_chain"});
  }
};

// Waits for an object.
struct GCSObjectExistenceSensor {
  static constexpr std::string_view task_type = "GCSObjectExistenceSensor";
  std::string task_id{};
  Field<std::string> bucket{}, object{};  // required
  Field<bool> use_glob{};                 // false; true: the object is a pattern: "in/**/*.csv"
  Field<std::string> google_cloud_conn_id{};
  Field<std::vector<std::string>> impersonation_chain{};
  Option<bool> deferrable{};  // false
  Option<Duration> poke_interval{}, timeout{}, max_wait{};
  Option<SensorMode> mode{};
  Option<bool> soft_fail{}, never_fail{}, silent_fail{}, exponential_backoff{};
  using Result = bool;

  friend void fields_of(const GCSObjectExistenceSensor& op, detail::OperatorFields& fields) {
    fields.required("bucket", op.bucket)
        .required("object", op.object)
        .field("use_glob", op.use_glob)
        .field("google_cloud_conn_id", op.google_cloud_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"bucket", "object", "google_cloud_conn_id", "impersonation_chain"})
        .sensor(op);
  }
};

// Waits for objects below a prefix, and gives their names.
struct GCSObjectsWithPrefixExistenceSensor {
  static constexpr std::string_view task_type = "GCSObjectsWithPrefixExistenceSensor";
  std::string task_id{};
  Field<std::string> bucket{}, prefix{};  // required
  Field<std::string> google_cloud_conn_id{};
  Field<std::vector<std::string>> impersonation_chain{};
  Option<bool> deferrable{};  // false
  Option<Duration> poke_interval{}, timeout{}, max_wait{};
  Option<SensorMode> mode{};
  Option<bool> soft_fail{}, never_fail{}, silent_fail{}, exponential_backoff{};
  using Result = std::vector<std::string>;

  friend void fields_of(const GCSObjectsWithPrefixExistenceSensor& op, detail::OperatorFields& fields) {
    fields.required("bucket", op.bucket)
        .required("prefix", op.prefix)
        .field("google_cloud_conn_id", op.google_cloud_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"bucket", "prefix", "google_cloud_conn_id", "impersonation_chain"})
        .sensor(op);
  }
};

// Waits until an object was changed after the end of the run's data interval.
struct GCSObjectUpdateSensor {
  static constexpr std::string_view task_type = "GCSObjectUpdateSensor";
  std::string task_id{};
  Field<std::string> bucket{}, object{};  // required
  Field<std::string> google_cloud_conn_id{};
  Field<std::vector<std::string>> impersonation_chain{};
  Option<bool> deferrable{};  // false
  Option<Duration> poke_interval{}, timeout{}, max_wait{};
  Option<SensorMode> mode{};
  Option<bool> soft_fail{}, never_fail{}, silent_fail{}, exponential_backoff{};
  using Result = void;

  friend void fields_of(const GCSObjectUpdateSensor& op, detail::OperatorFields& fields) {
    fields.required("bucket", op.bucket)
        .required("object", op.object)
        .field("google_cloud_conn_id", op.google_cloud_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"bucket", "object", "google_cloud_conn_id", "impersonation_chain"})
        .sensor(op);
  }
};

// Objects of S3 to Cloud Storage, each over a file of the worker's machine. Its value is the list of their keys.
struct S3ToGCSOperator {
  static constexpr std::string_view task_type = "S3ToGCSOperator";
  std::string task_id{};
  Field<std::string> bucket{};    // required: S3's
  Field<std::string> prefix{};    // ""
  Field<std::string> dest_gcs{};  // required: gs://bucket/folder/
  Field<std::string> delimiter{};
  Field<bool> apply_gcs_prefix{};  // false: the prefix stays behind the folder; true: the folder takes its place
  Field<bool> replace{};           // false: what is there already is left out
  Field<bool> return_gcs_uris{};   // false; true: the value is the list of gs://bucket/object
  Field<std::string> aws_conn_id{}, region_name{}, gcp_conn_id{};
  Field<Value> verify{};
  Field<std::vector<std::string>> google_impersonation_chain{};
  using Result = std::vector<std::string>;

  friend void fields_of(const S3ToGCSOperator& op, detail::OperatorFields& fields) {
    fields.required("bucket", op.bucket)
        .field("prefix", op.prefix)
        .required("dest_gcs", op.dest_gcs)
        .field("delimiter", op.delimiter)
        .field("apply_gcs_prefix", op.apply_gcs_prefix)
        .field("replace", op.replace)
        .field("return_gcs_uris", op.return_gcs_uris)
        .field("aws_conn_id", op.aws_conn_id)
        .field("region_name", op.region_name)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("verify", op.verify)
        .field("google_impersonation_chain", op.google_impersonation_chain)
        .templates({"bucket", "prefix", "delimiter", "dest_gcs", "google_impersonation_chain", "gcp_conn_id", "aws_conn_id"});
  }
};

// Objects of Cloud Storage to S3, each over a file of the worker's machine. Its value is the list of their names.
struct GCSToS3Operator {
  static constexpr std::string_view task_type = "GCSToS3Operator";
  std::string task_id{};
  Field<std::string> gcs_bucket{};   // required
  Field<std::string> dest_s3_key{};  // required: s3://bucket/folder
  Field<std::string> prefix{}, match_glob{};
  Field<bool> replace{};                   // false: what is there already is left out
  Field<bool> keep_directory_structure{};  // true; false: the prefix comes between folder and name
  Field<bool> flatten_structure{};         // false; true: names without their folders
  Field<std::string> s3_acl_policy{};
  Field<std::string> gcp_conn_id{}, dest_aws_conn_id{};
  Field<Value> dest_verify{};
  Field<std::vector<std::string>> google_impersonation_chain{};
  using Result = std::vector<std::string>;

  friend void fields_of(const GCSToS3Operator& op, detail::OperatorFields& fields) {
    fields.required("gcs_bucket", op.gcs_bucket)
        .required("dest_s3_key", op.dest_s3_key)
        .field("prefix", op.prefix)
        .field("match_glob", op.match_glob)
        .field("replace", op.replace)
        .field("keep_directory_structure", op.keep_directory_structure)
        .field("flatten_structure", op.flatten_structure)
        .field("s3_acl_policy", op.s3_acl_policy)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("dest_aws_conn_id", op.dest_aws_conn_id)
        .field("dest_verify", op.dest_verify)
        .field("google_impersonation_chain", op.google_impersonation_chain)
        .templates({"gcs_bucket", "prefix", "dest_s3_key", "google_impersonation_chain", "match_glob", "gcp_conn_id",
                    "dest_aws_conn_id"});
  }
};

// Files of an SFTP server to Cloud Storage, each over a file of the worker's machine.
struct SFTPToGCSOperator {
  static constexpr std::string_view task_type = "SFTPToGCSOperator";
  std::string task_id{};
  Field<std::string> source_path{};         // required: a file; with one * those that fit, in folders below too
  Field<std::string> destination_bucket{};  // required
  Field<std::string> destination_path{};    // the object; with * the folder
  Field<std::string> sftp_conn_id{};        // "ssh_default"
  Field<std::string> mime_type{};           // "application/octet-stream"
  Field<bool> move_object{};                // false; true: the file is deleted then
  Field<bool> fail_on_file_not_exist{};     // true; false: it is passed over
  Field<std::string> gcp_conn_id{};
  Field<std::vector<std::string>> impersonation_chain{};
  using Result = void;

  friend void fields_of(const SFTPToGCSOperator& op, detail::OperatorFields& fields) {
    fields.required("source_path", op.source_path)
        .required("destination_bucket", op.destination_bucket)
        .field("destination_path", op.destination_path)
        .field("sftp_conn_id", op.sftp_conn_id)
        .field("mime_type", op.mime_type)
        .field("move_object", op.move_object)
        .field("fail_on_file_not_exist", op.fail_on_file_not_exist)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates(
            {"source_path", "destination_path", "destination_bucket", "impersonation_chain", "gcp_conn_id", "sftp_conn_id"});
  }
};

// Objects of Cloud Storage to an SFTP server, each over a file of the worker's machine.
struct GCSToSFTPOperator {
  static constexpr std::string_view task_type = "GCSToSFTPOperator";
  std::string task_id{};
  Field<std::string> source_bucket{};      // required
  Field<std::string> source_object{};      // required: an object; with one * those that fit
  Field<std::string> destination_path{};   // required: a folder
  Field<std::string> sftp_conn_id{};       // "ssh_default"
  Field<bool> keep_directory_structure{};  // true; false: names without the folders of source_object
  Field<bool> create_intermediate_dirs{};  // true
  Field<bool> move_object{};               // false; true: the object is deleted then
  Field<std::string> gcp_conn_id{};
  Field<std::vector<std::string>> impersonation_chain{};
  using Result = void;

  friend void fields_of(const GCSToSFTPOperator& op, detail::OperatorFields& fields) {
    fields.required("source_bucket", op.source_bucket)
        .required("source_object", op.source_object)
        .required("destination_path", op.destination_path)
        .field("sftp_conn_id", op.sftp_conn_id)
        .field("keep_directory_structure", op.keep_directory_structure)
        .field("create_intermediate_dirs", op.create_intermediate_dirs)
        .field("move_object", op.move_object)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates(
            {"source_bucket", "source_object", "destination_path", "impersonation_chain", "gcp_conn_id", "sftp_conn_id"});
  }
};

// Waits until nothing came below a prefix for some time.
struct GCSUploadSessionCompleteSensor {
  static constexpr std::string_view task_type = "GCSUploadSessionCompleteSensor";
  std::string task_id{};
  Field<std::string> bucket{}, prefix{};               // required
  Option<Duration> inactivity_period{};                // an hour
  Field<std::int64_t> min_objects{};                   // 1
  Field<std::vector<std::string>> previous_objects{};  // that were there before
  Field<bool> allow_delete{};                          // true; false: one that goes is a failure
  Field<std::string> google_cloud_conn_id{};
  Field<std::vector<std::string>> impersonation_chain{};
  Option<bool> deferrable{};  // false
  Option<Duration> poke_interval{}, timeout{}, max_wait{};
  Option<SensorMode> mode{};
  Option<bool> soft_fail{}, never_fail{}, silent_fail{}, exponential_backoff{};
  using Result = void;

  friend void fields_of(const GCSUploadSessionCompleteSensor& op, detail::OperatorFields& fields) {
    fields.required("bucket", op.bucket)
        .required("prefix", op.prefix)
        .duration("inactivity_period", op.inactivity_period)
        .field("min_objects", op.min_objects)
        .field("previous_objects", op.previous_objects)
        .field("allow_delete", op.allow_delete)
        .field("google_cloud_conn_id", op.google_cloud_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"bucket", "prefix", "google_cloud_conn_id", "impersonation_chain"})
        .sensor(op);
  }
};

}  // namespace venturi::inline sdk
