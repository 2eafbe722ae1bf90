// Amazon Web Services: S3, and what speaks its API. docs/providers/amazon.md.
//
//   #include <venturi/amazon.h>
//
//   auto there = dag.add(S3KeySensor{.task_id = "there", .bucket_key = "s3://shop/in/orders-*.csv", .wildcard_match = true,
//                                    .deferrable = true});
//   auto file = dag.add(S3ToLocalFilesystemOperator{.task_id = "fetch", .s3_key = "s3://shop/in/orders.csv"});
//   there >> file;
//
// Connections of type aws: login and password (the access key and its secret); extra has region_name, endpoint_url, role_arn
// and more. Members that all have: aws_conn_id ("aws_default"), region_name (the connection's), verify (true; false, or the
// path of authorities). A key is either "s3://bucket/key", or a key beside a bucket.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "venturi/built_in.h"

namespace venturi::inline sdk {

// One that is there already is fine.
struct S3CreateBucketOperator {
  static constexpr std::string_view task_type = "S3CreateBucketOperator";
  std::string task_id{};
  Field<std::string> bucket_name{};  // required
  Field<std::string> aws_conn_id{}, region_name{};
  Field<Value> verify{};
  using Result = void;

  friend void fields_of(const S3CreateBucketOperator& op, detail::OperatorFields& fields) {
    fields.required("bucket_name", op.bucket_name)
        .field("aws_conn_id", op.aws_conn_id)
        .field("region_name", op.region_name)
        .field("verify", op.verify)
        .templates({"aws_conn_id", "region_name", "verify", "bucket_name"});
  }
};

struct S3DeleteBucketOperator {
  static constexpr std::string_view task_type = "S3DeleteBucketOperator";
  std::string task_id{};
  Field<std::string> bucket_name{};  // required
  Field<bool> force_delete{};        // false; true: what is in it goes too
  Field<std::string> aws_conn_id{}, region_name{};
  Field<Value> verify{};
  using Result = void;

  friend void fields_of(const S3DeleteBucketOperator& op, detail::OperatorFields& fields) {
    fields.required("bucket_name", op.bucket_name)
        .field("force_delete", op.force_delete)
        .field("aws_conn_id", op.aws_conn_id)
        .field("region_name", op.region_name)
        .field("verify", op.verify)
        .templates({"aws_conn_id", "region_name", "verify", "bucket_name"});
  }
};

// The keys below a prefix.
struct S3ListOperator {
  static constexpr std::string_view task_type = "S3ListOperator";
  std::string task_id{};
  Field<std::string> bucket{};     // required
  Field<std::string> prefix{};     // "": all
  Field<std::string> delimiter{};  // ""; "/": not those in folders below
  Field<bool> apply_wildcard{};    // false; true: * ? [] in the prefix are a pattern
  Field<std::string> aws_conn_id{}, region_name{};
  Field<Value> verify{};
  using Result = std::vector<std::string>;

  friend void fields_of(const S3ListOperator& op, detail::OperatorFields& fields) {
    fields.required("bucket", op.bucket)
        .field("prefix", op.prefix)
        .field("delimiter", op.delimiter)
        .field("apply_wildcard", op.apply_wildcard)
        .field("aws_conn_id", op.aws_conn_id)
        .field("region_name", op.region_name)
        .field("verify", op.verify)
        .templates({"aws_conn_id", "region_name", "verify", "bucket", "prefix", "delimiter"});
  }
};

// The folders below a prefix.
struct S3ListPrefixesOperator {
  static constexpr std::string_view task_type = "S3ListPrefixesOperator";
  std::string task_id{};
  Field<std::string> bucket{};     // required
  Field<std::string> prefix{};     // required
  Field<std::string> delimiter{};  // required
  Field<std::string> aws_conn_id{}, region_name{};
  Field<Value> verify{};
  using Result = std::vector<std::string>;

  friend void fields_of(const S3ListPrefixesOperator& op, detail::OperatorFields& fields) {
    fields.required("bucket", op.bucket)
        .required("prefix", op.prefix)
        .required("delimiter", op.delimiter)
        .field("aws_conn_id", op.aws_conn_id)
        .field("region_name", op.region_name)
        .field("verify", op.verify)
        .templates({"aws_conn_id", "region_name", "verify", "bucket", "prefix", "delimiter"});
  }
};

// A text becomes an object.
struct S3CreateObjectOperator {
  static constexpr std::string_view task_type = "S3CreateObjectOperator";
  std::string task_id{};
  Field<std::string> s3_key{};                  // required
  Field<std::string> s3_bucket{};               // where the key is none with a bucket
  Field<std::string> data{};                    // required
  Field<bool> replace{};                        // false: one that is there already is a failure
  Field<bool> encrypt{};                        // false; true: by S3, with AES-256
  Field<std::string> acl_policy{}, encoding{};  // "utf-8"
  Field<std::string> aws_conn_id{}, region_name{};
  Field<Value> verify{};
  using Result = void;

  friend void fields_of(const S3CreateObjectOperator& op, detail::OperatorFields& fields) {
    fields.required("s3_key", op.s3_key)
        .field("s3_bucket", op.s3_bucket)
        .required("data", op.data)
        .field("replace", op.replace)
        .field("encrypt", op.encrypt)
        .field("acl_policy", op.acl_policy)
        .field("encoding", op.encoding)
        .field("aws_conn_id", op.aws_conn_id)
        .field("region_name", op.region_name)
        .field("verify", op.verify)
        .templates({"aws_conn_id", "region_name", "verify", "s3_bucket", "s3_key", "data"});
  }
};

// On the server, up to 5 GB.
struct S3CopyObjectOperator {
  static constexpr std::string_view task_type = "S3CopyObjectOperator";
  std::string task_id{};
  Field<std::string> source_bucket_key{}, dest_bucket_key{};    // required
  Field<std::string> source_bucket_name{}, dest_bucket_name{};  // where the keys are none with a bucket
  Field<std::string> source_version_id{};
  Field<std::string> acl_policy{};
  Field<std::string> meta_data_directive{};  // "COPY"; "REPLACE"
  Field<std::string> aws_conn_id{}, region_name{};
  Field<Value> verify{};
  using Result = void;

  friend void fields_of(const S3CopyObjectOperator& op, detail::OperatorFields& fields) {
    fields.required("source_bucket_key", op.source_bucket_key)
        .required("dest_bucket_key", op.dest_bucket_key)
        .field("source_bucket_name", op.source_bucket_name)
        .field("dest_bucket_name", op.dest_bucket_name)
        .field("source_version_id", op.source_version_id)
        .field("acl_policy", op.acl_policy)
        .field("meta_data_directive", op.meta_data_directive)
        .field("aws_conn_id", op.aws_conn_id)
        .field("region_name", op.region_name)
        .field("verify", op.verify)
        .templates({"aws_conn_id", "region_name", "verify", "source_bucket_key", "dest_bucket_key", "source_bucket_name",
                    "dest_bucket_name"});
  }
};

// Either these keys, or what is below a prefix and was changed between two times. Keys that are not there are fine.
struct S3DeleteObjectsOperator {
  static constexpr std::string_view task_type = "S3DeleteObjectsOperator";
  std::string task_id{};
  Field<std::string> bucket{};  // required
  Field<std::vector<std::string>> keys{};
  Field<std::string> prefix{};
  Field<std::string> from_datetime{}, to_datetime{};  // "2026-01-01T00:00:00Z"
  Field<std::string> aws_conn_id{}, region_name{};
  Field<Value> verify{};
  using Result = void;

  friend void fields_of(const S3DeleteObjectsOperator& op, detail::OperatorFields& fields) {
    fields.required("bucket", op.bucket)
        .field("keys", op.keys)
        .field("prefix", op.prefix)
        .field("from_datetime", op.from_datetime)
        .field("to_datetime", op.to_datetime)
        .field("aws_conn_id", op.aws_conn_id)
        .field("region_name", op.region_name)
        .field("verify", op.verify)
        .templates({"aws_conn_id", "region_name", "verify", "bucket", "keys", "prefix", "from_datetime", "to_datetime"});
  }
};

// A file of the worker's machine, of any size, in constant memory. The object is there as a whole or not at all.
struct LocalFilesystemToS3Operator {
  static constexpr std::string_view task_type = "LocalFilesystemToS3Operator";
  std::string task_id{};
  Field<std::string> filename{};     // required: absolute
  Field<std::string> dest_key{};     // required
  Field<std::string> dest_bucket{};  // where the key is none with a bucket
  Field<bool> replace{};             // false: one that is there already is a failure
  Field<bool> encrypt{};             // false
  Field<std::string> acl_policy{};
  Field<std::string> aws_conn_id{};
  Field<Value> verify{};
  using Result = void;

  friend void fields_of(const LocalFilesystemToS3Operator& op, detail::OperatorFields& fields) {
    fields.required("filename", op.filename)
        .required("dest_key", op.dest_key)
        .field("dest_bucket", op.dest_bucket)
        .field("replace", op.replace)
        .field("encrypt", op.encrypt)
        .field("acl_policy", op.acl_policy)
        .field("aws_conn_id", op.aws_conn_id)
        .field("verify", op.verify)
        .templates({"filename", "dest_key", "dest_bucket"});
  }
};

// An object of any size into a file, which is there as a whole or not at all. A broken download goes on where it was.
struct S3ToLocalFilesystemOperator {
  static constexpr std::string_view task_type = "S3ToLocalFilesystemOperator";
  std::string task_id{};
  Field<std::string> s3_key{};     // required
  Field<std::string> s3_bucket{};  // where the key is none with a bucket
  Field<std::string> path{};       // absolute, on the worker's machine; without one a file of the run,
  Field<std::string> file_name{};  // of this name: the task_id
  Field<std::string> aws_conn_id{}, region_name{};
  Field<Value> verify{};
  using Result = std::string;  // the path

  friend void fields_of(const S3ToLocalFilesystemOperator& op, detail::OperatorFields& fields) {
    fields.required("s3_key", op.s3_key)
        .field("s3_bucket", op.s3_bucket)
        .field("path", op.path)
        .field("file_name", op.file_name)
        .field("aws_conn_id", op.aws_conn_id)
        .field("region_name", op.region_name)
        .field("verify", op.verify)
        .templates({"aws_conn_id", "region_name", "verify", "s3_bucket", "s3_key", "path", "file_name"});
  }
};

// Waits until all keys are there.
struct S3KeySensor {
  static constexpr std::string_view task_type = "S3KeySensor";
  std::string task_id{};
  Field<std::vector<std::string>> bucket_key{};  // required: one or many
  Field<std::string> bucket_name{};              // where the keys are none with a bucket
  Field<bool> wildcard_match{};                  // false; true: * ? [] in the keys are patterns
  Field<std::string> aws_conn_id{}, region_name{};
  Field<Value> verify{};
  Option<bool> deferrable{};  // false
  Option<Duration> poke_interval{}, timeout{}, max_wait{};
  Option<SensorMode> mode{};
  Option<bool> soft_fail{}, never_fail{}, silent_fail{}, exponential_backoff{};
  using Result = void;

  friend void fields_of(const S3KeySensor& op, detail::OperatorFields& fields) {
    fields.required("bucket_key", op.bucket_key)
        .field("bucket_name", op.bucket_name)
        .field("wildcard_match", op.wildcard_match)
        .field("aws_conn_id", op.aws_conn_id)
        .field("region_name", op.region_name)
        .field("verify", op.verify)
        .templates({"aws_conn_id", "region_name", "verify", "bucket_key", "bucket_name"})
        .sensor(op);
  }
};

}  // namespace venturi::inline sdk
