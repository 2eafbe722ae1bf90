// Amazon Web Services: S3, and what speaks its API; Redshift. docs/providers/amazon.md.
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
// path of authorities). A key of S3's operators is either "s3://bucket/key", or a key beside a bucket.
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

// The tags of a bucket: a list of {"Key": ..., "Value": ...}.
struct S3GetBucketTaggingOperator {
  static constexpr std::string_view task_type = "S3GetBucketTaggingOperator";
  std::string task_id{};
  Field<std::string> bucket_name{};  // required
  Field<std::string> aws_conn_id{}, region_name{};
  Field<Value> verify{};
  using Result = Value;

  friend void fields_of(const S3GetBucketTaggingOperator& op, detail::OperatorFields& fields) {
    fields.required("bucket_name", op.bucket_name)
        .field("aws_conn_id", op.aws_conn_id)
        .field("region_name", op.region_name)
        .field("verify", op.verify)
        .templates({"aws_conn_id", "region_name", "verify", "bucket_name"});
  }
};

// Tags instead of those that the bucket has.
struct S3PutBucketTaggingOperator {
  static constexpr std::string_view task_type = "S3PutBucketTaggingOperator";
  std::string task_id{};
  Field<std::string> bucket_name{};   // required
  Field<Value> tag_set{};             // {"team": "data"}, or a list as S3GetBucketTaggingOperator gives it
  Field<std::string> key{}, value{};  // or one of them
  Field<std::string> aws_conn_id{}, region_name{};
  Field<Value> verify{};
  using Result = void;

  friend void fields_of(const S3PutBucketTaggingOperator& op, detail::OperatorFields& fields) {
    fields.required("bucket_name", op.bucket_name)
        .field("tag_set", op.tag_set)
        .field("key", op.key)
        .field("value", op.value)
        .field("aws_conn_id", op.aws_conn_id)
        .field("region_name", op.region_name)
        .field("verify", op.verify)
        .templates({"aws_conn_id", "region_name", "verify", "bucket_name"});
  }
};

// All of them.
struct S3DeleteBucketTaggingOperator {
  static constexpr std::string_view task_type = "S3DeleteBucketTaggingOperator";
  std::string task_id{};
  Field<std::string> bucket_name{};  // required
  Field<std::string> aws_conn_id{}, region_name{};
  Field<Value> verify{};
  using Result = void;

  friend void fields_of(const S3DeleteBucketTaggingOperator& op, detail::OperatorFields& fields) {
    fields.required("bucket_name", op.bucket_name)
        .field("aws_conn_id", op.aws_conn_id)
        .field("region_name", op.region_name)
        .field("verify", op.verify)
        .templates({"aws_conn_id", "region_name", "verify", "bucket_name"});
  }
};

// An object becomes a file, a program makes another file of it, and that becomes an object.
struct S3FileTransformOperator {
  static constexpr std::string_view task_type = "S3FileTransformOperator";
  std::string task_id{};
  Field<std::string> source_s3_key{}, dest_s3_key{};            // required: "s3://bucket/key"
  Field<std::string> transform_script{};                        // required: a program, called with the two files' paths
  Field<std::vector<std::string>> script_args{};                // ... and these
  Field<bool> replace{};                                        // false: one that is there already is a failure
  Field<std::string> source_aws_conn_id{}, dest_aws_conn_id{};  // "aws_default"
  Field<Value> source_verify{}, dest_verify{};
  using Result = void;

  friend void fields_of(const S3FileTransformOperator& op, detail::OperatorFields& fields) {
    fields.required("source_s3_key", op.source_s3_key)
        .required("dest_s3_key", op.dest_s3_key)
        .required("transform_script", op.transform_script)
        .field("script_args", op.script_args)
        .field("replace", op.replace)
        .field("source_aws_conn_id", op.source_aws_conn_id)
        .field("dest_aws_conn_id", op.dest_aws_conn_id)
        .field("source_verify", op.source_verify)
        .field("dest_verify", op.dest_verify)
        .templates({"source_s3_key", "dest_s3_key", "script_args"});
  }
};

// On the server, of any size.
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

// Files of an SFTP server to S3, each over a file of the worker's machine.
struct SFTPToS3Operator {
  static constexpr std::string_view task_type = "SFTPToS3Operator";
  std::string task_id{};
  Field<std::string> s3_bucket{};         // required
  Field<std::string> s3_key{};            // required: of one file; of several what keys begin with: "in/"
  Field<std::string> sftp_path{};         // required: of one file; of several their folder
  Field<Value> sftp_filenames{};          // of several: their names, what names begin with, or "*"
  Field<Value> s3_filenames{};            // their names there, or what takes the place of that beginning; the same
  Field<std::string> sftp_conn_id{};      // "ssh_default"
  Field<std::string> aws_conn_id{};       // "aws_default"
  Field<std::string> sftp_remote_host{};  // the connection's
  Field<bool> fail_on_file_not_exist{};   // true; false: it is passed over
  Field<bool> replace{};                  // false: a key that is there already is a failure
  Field<bool> encrypt{};                  // false
  Field<std::string> acl_policy{};
  using Result = void;

  friend void fields_of(const SFTPToS3Operator& op, detail::OperatorFields& fields) {
    fields.required("s3_bucket", op.s3_bucket)
        .required("s3_key", op.s3_key)
        .required("sftp_path", op.sftp_path)
        .field("sftp_filenames", op.sftp_filenames)
        .field("s3_filenames", op.s3_filenames)
        .field("sftp_conn_id", op.sftp_conn_id)
        .field("aws_conn_id", op.aws_conn_id)
        .field("sftp_remote_host", op.sftp_remote_host)
        .field("fail_on_file_not_exist", op.fail_on_file_not_exist)
        .field("replace", op.replace)
        .field("encrypt", op.encrypt)
        .field("acl_policy", op.acl_policy)
        .templates({"s3_key", "sftp_path", "s3_bucket", "sftp_filenames", "s3_filenames", "sftp_conn_id", "aws_conn_id"});
  }
};

// Objects to an SFTP server, each over a file of the worker's machine.
struct S3ToSFTPOperator {
  static constexpr std::string_view task_type = "S3ToSFTPOperator";
  std::string task_id{};
  Field<std::string> s3_bucket{};         // required
  Field<std::string> s3_key{};            // required: of one object; of several what keys begin with: "out/"
  Field<std::string> sftp_path{};         // required: of one file; of several the folder, with a slash at its end
  Field<Value> s3_filenames{};            // of several: their names, what names begin with, or "*"
  Field<Value> sftp_filenames{};          // their names there, or what takes the place of that beginning; the same
  Field<std::string> sftp_conn_id{};      // "ssh_default"
  Field<std::string> aws_conn_id{};       // "aws_default"
  Field<std::string> sftp_remote_host{};  // the connection's
  Field<bool> confirm{};                  // true: sizes are compared after a file was sent
  Field<bool> fail_on_file_not_exist{};   // true; false: it is passed over
  using Result = void;

  friend void fields_of(const S3ToSFTPOperator& op, detail::OperatorFields& fields) {
    fields.required("s3_bucket", op.s3_bucket)
        .required("s3_key", op.s3_key)
        .required("sftp_path", op.sftp_path)
        .field("s3_filenames", op.s3_filenames)
        .field("sftp_filenames", op.sftp_filenames)
        .field("sftp_conn_id", op.sftp_conn_id)
        .field("aws_conn_id", op.aws_conn_id)
        .field("sftp_remote_host", op.sftp_remote_host)
        .field("confirm", op.confirm)
        .field("fail_on_file_not_exist", op.fail_on_file_not_exist)
        .templates({"s3_key", "sftp_path", "s3_bucket", "s3_filenames", "sftp_filenames", "sftp_conn_id", "aws_conn_id"});
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

// Waits until nothing came below a prefix for some time.
struct S3KeysUnchangedSensor {
  static constexpr std::string_view task_type = "S3KeysUnchangedSensor";
  std::string task_id{};
  Field<std::string> bucket_name{}, prefix{};          // required
  Option<Duration> inactivity_period{};                // an hour
  Field<std::int64_t> min_objects{};                   // 1
  Field<std::vector<std::string>> previous_objects{};  // that were there before
  Field<bool> allow_delete{};                          // true; false: one that goes is a failure
  Field<std::string> aws_conn_id{}, region_name{};
  Field<Value> verify{};
  Option<bool> deferrable{};  // false
  Option<Duration> poke_interval{}, timeout{}, max_wait{};
  Option<SensorMode> mode{};
  Option<bool> soft_fail{}, never_fail{}, silent_fail{}, exponential_backoff{};
  using Result = void;

  friend void fields_of(const S3KeysUnchangedSensor& op, detail::OperatorFields& fields) {
    fields.required("bucket_name", op.bucket_name)
        .required("prefix", op.prefix)
        .duration("inactivity_period", op.inactivity_period)
        .field("min_objects", op.min_objects)
        .field("previous_objects", op.previous_objects)
        .field("allow_delete", op.allow_delete)
        .field("aws_conn_id", op.aws_conn_id)
        .field("region_name", op.region_name)
        .field("verify", op.verify)
        .templates({"aws_conn_id", "region_name", "verify", "bucket_name", "prefix"})
        .sensor(op);
  }
};

// ---- Redshift
// ----------------------------------------------------------------------------------------------------------------

// Statements by the Redshift Data API: they run on a cluster, a workgroup or in a session, and no connection is held.
struct RedshiftDataOperator {
  static constexpr std::string_view task_type = "RedshiftDataOperator";
  std::string task_id{};
  Field<Value> sql{};  // required: a statement, or a list of them, which are one transaction
  Field<std::string> database{};
  Field<std::string> cluster_identifier{}, workgroup_name{}, session_id{};  // exactly one of them
  Field<std::string> db_user{}, secret_arn{};                               // who asks, of a cluster
  Field<Value> parameters{};                                                // {Object{{"name", "id"}, {"value", "7"}}} for :id
  Field<std::string> statement_name{};
  Field<bool> with_event{};                          // false; true: EventBridge hears of its end
  Field<std::int64_t> session_keep_alive_seconds{};  // of a session that goes on; its id is the XCom session_id
  Field<bool> wait_for_completion{};                 // true
  Option<Duration> poll_interval{};                  // 10 s at most between two looks
  Field<bool> return_sql_result{};                   // false: the ids of the statements; true: their results
  Field<bool> deferrable{};                          // false
  Field<std::string> aws_conn_id{}, region_name{};
  Field<Value> verify{};
  using Result = Value;

  friend void fields_of(const RedshiftDataOperator& op, detail::OperatorFields& fields) {
    fields.required("sql", op.sql)
        .field("database", op.database)
        .field("cluster_identifier", op.cluster_identifier)
        .field("workgroup_name", op.workgroup_name)
        .field("session_id", op.session_id)
        .field("db_user", op.db_user)
        .field("secret_arn", op.secret_arn)
        .field("parameters", op.parameters)
        .field("statement_name", op.statement_name)
        .field("with_event", op.with_event)
        .field("session_keep_alive_seconds", op.session_keep_alive_seconds)
        .field("wait_for_completion", op.wait_for_completion)
        .duration("poll_interval", op.poll_interval)
        .field("return_sql_result", op.return_sql_result)
        .field("deferrable", op.deferrable)
        .field("aws_conn_id", op.aws_conn_id)
        .field("region_name", op.region_name)
        .field("verify", op.verify)
        .templates({"aws_conn_id", "region_name", "verify", "cluster_identifier", "database", "sql", "db_user", "parameters",
                    "statement_name", "workgroup_name", "session_id"},
                   {".sql"});
  }
};

// COPY: Redshift fetches what lies below a key into a table. With keys that aws_conn_id has, or by its role_arn.
struct S3ToRedshiftOperator {
  static constexpr std::string_view task_type = "S3ToRedshiftOperator";
  std::string task_id{};
  Field<std::string> table{};                // required
  Field<std::string> s3_bucket{}, s3_key{};  // required
  Field<std::string> schema{};
  Field<std::vector<std::string>> column_list{}, copy_options{};  // {"CSV", "IGNOREHEADER 1"}
  Field<std::string> method{};                                    // "APPEND"; "REPLACE", "UPSERT"
  Field<std::vector<std::string>> upsert_keys{};                  // the primary key
  Field<std::string> redshift_conn_id{};                          // "redshift_default": of type redshift
  Field<Value> redshift_data_api_kwargs{};  // by the Data API instead; redshift_conn_id is of type aws then
  Field<bool> autocommit{};                 // false
  Field<std::string> aws_conn_id{};         // "aws_default"
  Field<Value> verify{};
  using Result = void;

  friend void fields_of(const S3ToRedshiftOperator& op, detail::OperatorFields& fields) {
    fields.required("table", op.table)
        .required("s3_bucket", op.s3_bucket)
        .required("s3_key", op.s3_key)
        .field("schema", op.schema)
        .field("column_list", op.column_list)
        .field("copy_options", op.copy_options)
        .field("method", op.method)
        .field("upsert_keys", op.upsert_keys)
        .field("redshift_conn_id", op.redshift_conn_id)
        .field("redshift_data_api_kwargs", op.redshift_data_api_kwargs)
        .field("autocommit", op.autocommit)
        .field("aws_conn_id", op.aws_conn_id)
        .field("verify", op.verify)
        .templates({"s3_bucket", "s3_key", "schema", "table", "column_list", "copy_options", "redshift_conn_id", "method",
                    "redshift_data_api_kwargs", "aws_conn_id"});
  }
};

// UNLOAD: Redshift writes the rows of a query, or of a table, below a key.
struct RedshiftToS3Operator {
  static constexpr std::string_view task_type = "RedshiftToS3Operator";
  std::string task_id{};
  Field<std::string> s3_bucket{}, s3_key{};          // required
  Field<std::string> schema{}, table{};              // either a table
  Field<std::string> select_query{};                 // or a query
  Field<std::vector<std::string>> unload_options{};  // {"CSV", "PARALLEL OFF"}
  Field<bool> include_header{};                      // false
  Field<bool> table_as_file_name{};                  // true: the key is s3_key/TABLE_
  Field<Value> parameters{};                         // of the query
  Field<std::string> redshift_conn_id{};             // "redshift_default": of type redshift
  Field<Value> redshift_data_api_kwargs{};           // by the Data API instead; redshift_conn_id is of type aws then
  Field<bool> autocommit{};                          // false
  Field<std::string> aws_conn_id{};                  // "aws_default"
  Field<Value> verify{};
  using Result = void;

  friend void fields_of(const RedshiftToS3Operator& op, detail::OperatorFields& fields) {
    fields.required("s3_bucket", op.s3_bucket)
        .required("s3_key", op.s3_key)
        .field("schema", op.schema)
        .field("table", op.table)
        .field("select_query", op.select_query)
        .field("unload_options", op.unload_options)
        .field("include_header", op.include_header)
        .field("table_as_file_name", op.table_as_file_name)
        .field("parameters", op.parameters)
        .field("redshift_conn_id", op.redshift_conn_id)
        .field("redshift_data_api_kwargs", op.redshift_data_api_kwargs)
        .field("autocommit", op.autocommit)
        .field("aws_conn_id", op.aws_conn_id)
        .field("verify", op.verify)
        .templates({"s3_bucket", "s3_key", "schema", "table", "unload_options", "select_query", "redshift_conn_id",
                    "redshift_data_api_kwargs"},
                   {".sql"});
  }
};

// One of that name that an earlier start or try of this task made is fine.
struct RedshiftCreateClusterOperator {
  static constexpr std::string_view task_type = "RedshiftCreateClusterOperator";
  std::string task_id{};
  Field<std::string> cluster_identifier{}, node_type{}, master_username{}, master_user_password{};  // required
  Field<std::string> cluster_type{};      // "multi-node"; "single-node"
  Field<std::string> db_name{};           // "dev"
  Field<std::int64_t> number_of_nodes{};  // 1
  Field<std::vector<std::string>> cluster_security_groups{}, vpc_security_group_ids{}, iam_roles{};
  Field<std::string> cluster_subnet_group_name{}, availability_zone{}, preferred_maintenance_window{},
      cluster_parameter_group_name{};
  Field<std::int64_t> automated_snapshot_retention_period{}, manual_snapshot_retention_period{};  // days: 1; the cluster's
  Field<std::int64_t> port{};                                                                     // 5439
  Field<std::string> cluster_version{};                                                           // "1.0"
  Field<bool> allow_version_upgrade{}, publicly_accessible{};                                     // true
  Field<bool> encrypted{}, enhanced_vpc_routing{}, availability_zone_relocation{};                // false
  Field<std::string> hsm_client_certificate_identifier{}, hsm_configuration_identifier{}, elastic_ip{}, kms_key_id{},
      additional_info{};
  Field<std::string> maintenance_track_name{}, snapshot_schedule_identifier{}, aqua_configuration_status{},
      default_iam_role_arn{};
  Field<Value> tags{};                // {Object{{"Key", "team"}, {"Value", "etl"}}}
  Field<bool> wait_for_completion{};  // false
  Field<std::int64_t> max_attempt{};  // 5 looks,
  Option<Duration> poll_interval{};   // 60 s apart
  Field<bool> deferrable{};           // false
  Field<std::string> aws_conn_id{}, region_name{};
  Field<Value> verify{};
  using Result = void;

  friend void fields_of(const RedshiftCreateClusterOperator& op, detail::OperatorFields& fields) {
    fields.required("cluster_identifier", op.cluster_identifier)
        .required("node_type", op.node_type)
        .required("master_username", op.master_username)
        .required("master_user_password", op.master_user_password)
        .field("cluster_type", op.cluster_type)
        .field("db_name", op.db_name)
        .field("number_of_nodes", op.number_of_nodes)
        .field("cluster_security_groups", op.cluster_security_groups)
        .field("vpc_security_group_ids", op.vpc_security_group_ids)
        .field("iam_roles", op.iam_roles)
        .field("cluster_subnet_group_name", op.cluster_subnet_group_name)
        .field("availability_zone", op.availability_zone)
        .field("preferred_maintenance_window", op.preferred_maintenance_window)
        .field("cluster_parameter_group_name", op.cluster_parameter_group_name)
        .field("automated_snapshot_retention_period", op.automated_snapshot_retention_period)
        .field("manual_snapshot_retention_period", op.manual_snapshot_retention_period)
        .field("port", op.port)
        .field("cluster_version", op.cluster_version)
        .field("allow_version_upgrade", op.allow_version_upgrade)
        .field("publicly_accessible", op.publicly_accessible)
        .field("encrypted", op.encrypted)
        .field("enhanced_vpc_routing", op.enhanced_vpc_routing)
        .field("availability_zone_relocation", op.availability_zone_relocation)
        .field("hsm_client_certificate_identifier", op.hsm_client_certificate_identifier)
        .field("hsm_configuration_identifier", op.hsm_configuration_identifier)
        .field("elastic_ip", op.elastic_ip)
        .field("kms_key_id", op.kms_key_id)
        .field("additional_info", op.additional_info)
        .field("maintenance_track_name", op.maintenance_track_name)
        .field("snapshot_schedule_identifier", op.snapshot_schedule_identifier)
        .field("aqua_configuration_status", op.aqua_configuration_status)
        .field("default_iam_role_arn", op.default_iam_role_arn)
        .field("tags", op.tags)
        .field("wait_for_completion", op.wait_for_completion)
        .field("max_attempt", op.max_attempt)
        .duration("poll_interval", op.poll_interval)
        .field("deferrable", op.deferrable)
        .field("aws_conn_id", op.aws_conn_id)
        .field("region_name", op.region_name)
        .field("verify", op.verify)
        .templates({"aws_conn_id",
                    "region_name",
                    "verify",
                    "cluster_identifier",
                    "cluster_type",
                    "node_type",
                    "master_username",
                    "master_user_password",
                    "db_name",
                    "number_of_nodes",
                    "cluster_security_groups",
                    "vpc_security_group_ids",
                    "cluster_subnet_group_name",
                    "availability_zone",
                    "preferred_maintenance_window",
                    "cluster_parameter_group_name",
                    "automated_snapshot_retention_period",
                    "manual_snapshot_retention_period",
                    "port",
                    "cluster_version",
                    "allow_version_upgrade",
                    "publicly_accessible",
                    "encrypted",
                    "hsm_client_certificate_identifier",
                    "hsm_configuration_identifier",
                    "elastic_ip",
                    "tags",
                    "kms_key_id",
                    "enhanced_vpc_routing",
                    "additional_info",
                    "iam_roles",
                    "maintenance_track_name",
                    "snapshot_schedule_identifier",
                    "availability_zone_relocation",
                    "aqua_configuration_status",
                    "default_iam_role_arn"});
  }
};

// One that is not there any more is fine.
struct RedshiftDeleteClusterOperator {
  static constexpr std::string_view task_type = "RedshiftDeleteClusterOperator";
  std::string task_id{};
  Field<std::string> cluster_identifier{};                 // required
  Field<bool> skip_final_cluster_snapshot{};               // true
  Field<std::string> final_cluster_snapshot_identifier{};  // where it is false
  Field<bool> wait_for_completion{};                       // true
  Field<std::int64_t> max_attempts{};                      // 30 looks,
  Option<Duration> poll_interval{};                        // 30 s apart
  Field<bool> deferrable{};                                // false
  Field<std::string> aws_conn_id{}, region_name{};
  Field<Value> verify{};
  using Result = void;

  friend void fields_of(const RedshiftDeleteClusterOperator& op, detail::OperatorFields& fields) {
    fields.required("cluster_identifier", op.cluster_identifier)
        .field("skip_final_cluster_snapshot", op.skip_final_cluster_snapshot)
        .field("final_cluster_snapshot_identifier", op.final_cluster_snapshot_identifier)
        .field("wait_for_completion", op.wait_for_completion)
        .field("max_attempts", op.max_attempts)
        .duration("poll_interval", op.poll_interval)
        .field("deferrable", op.deferrable)
        .field("aws_conn_id", op.aws_conn_id)
        .field("region_name", op.region_name)
        .field("verify", op.verify)
        .templates({"aws_conn_id", "region_name", "verify", "cluster_identifier"});
  }
};

// One that is paused, or about to be, is fine.
struct RedshiftPauseClusterOperator {
  static constexpr std::string_view task_type = "RedshiftPauseClusterOperator";
  std::string task_id{};
  Field<std::string> cluster_identifier{};  // required
  Field<bool> wait_for_completion{};        // false
  Field<std::int64_t> max_attempts{};       // 30 looks,
  Option<Duration> poll_interval{};         // 30 s apart
  Field<bool> deferrable{};                 // false; true: of a wait for its completion
  Field<std::string> aws_conn_id{}, region_name{};
  Field<Value> verify{};
  using Result = void;

  friend void fields_of(const RedshiftPauseClusterOperator& op, detail::OperatorFields& fields) {
    fields.required("cluster_identifier", op.cluster_identifier)
        .field("wait_for_completion", op.wait_for_completion)
        .field("max_attempts", op.max_attempts)
        .duration("poll_interval", op.poll_interval)
        .field("deferrable", op.deferrable)
        .field("aws_conn_id", op.aws_conn_id)
        .field("region_name", op.region_name)
        .field("verify", op.verify)
        .templates({"aws_conn_id", "region_name", "verify", "cluster_identifier"});
  }
};

// One that runs, or is about to, is fine.
struct RedshiftResumeClusterOperator {
  static constexpr std::string_view task_type = "RedshiftResumeClusterOperator";
  std::string task_id{};
  Field<std::string> cluster_identifier{};  // required
  Field<bool> wait_for_completion{};        // false
  Field<std::int64_t> max_attempts{};       // 30 looks,
  Option<Duration> poll_interval{};         // 30 s apart
  Field<bool> deferrable{};                 // false; true: of a wait for its completion
  Field<std::string> aws_conn_id{}, region_name{};
  Field<Value> verify{};
  using Result = void;

  friend void fields_of(const RedshiftResumeClusterOperator& op, detail::OperatorFields& fields) {
    fields.required("cluster_identifier", op.cluster_identifier)
        .field("wait_for_completion", op.wait_for_completion)
        .field("max_attempts", op.max_attempts)
        .duration("poll_interval", op.poll_interval)
        .field("deferrable", op.deferrable)
        .field("aws_conn_id", op.aws_conn_id)
        .field("region_name", op.region_name)
        .field("verify", op.verify)
        .templates({"aws_conn_id", "region_name", "verify", "cluster_identifier"});
  }
};

// Of a cluster that is available.
struct RedshiftCreateClusterSnapshotOperator {
  static constexpr std::string_view task_type = "RedshiftCreateClusterSnapshotOperator";
  std::string task_id{};
  Field<std::string> snapshot_identifier{}, cluster_identifier{};  // required
  Field<std::int64_t> retention_period{};                          // days; -1: for ever
  Field<Value> tags{};
  Field<bool> wait_for_completion{};  // false
  Field<std::int64_t> max_attempt{};  // 20 looks,
  Option<Duration> poll_interval{};   // 15 s apart
  Field<bool> deferrable{};           // false
  Field<std::string> aws_conn_id{}, region_name{};
  Field<Value> verify{};
  using Result = void;

  friend void fields_of(const RedshiftCreateClusterSnapshotOperator& op, detail::OperatorFields& fields) {
    fields.required("snapshot_identifier", op.snapshot_identifier)
        .required("cluster_identifier", op.cluster_identifier)
        .field("retention_period", op.retention_period)
        .field("tags", op.tags)
        .field("wait_for_completion", op.wait_for_completion)
        .field("max_attempt", op.max_attempt)
        .duration("poll_interval", op.poll_interval)
        .field("deferrable", op.deferrable)
        .field("aws_conn_id", op.aws_conn_id)
        .field("region_name", op.region_name)
        .field("verify", op.verify)
        .templates({"aws_conn_id", "region_name", "verify", "snapshot_identifier", "cluster_identifier"});
  }
};

// One that is not there any more is fine.
struct RedshiftDeleteClusterSnapshotOperator {
  static constexpr std::string_view task_type = "RedshiftDeleteClusterSnapshotOperator";
  std::string task_id{};
  Field<std::string> snapshot_identifier{}, cluster_identifier{};  // required
  Field<bool> wait_for_completion{};                               // true
  Option<Duration> poll_interval{};                                // 10 s
  Field<std::string> aws_conn_id{}, region_name{};
  Field<Value> verify{};
  using Result = void;

  friend void fields_of(const RedshiftDeleteClusterSnapshotOperator& op, detail::OperatorFields& fields) {
    fields.required("snapshot_identifier", op.snapshot_identifier)
        .required("cluster_identifier", op.cluster_identifier)
        .field("wait_for_completion", op.wait_for_completion)
        .duration("poll_interval", op.poll_interval)
        .field("aws_conn_id", op.aws_conn_id)
        .field("region_name", op.region_name)
        .field("verify", op.verify)
        .templates({"aws_conn_id", "region_name", "verify", "snapshot_identifier", "cluster_identifier"});
  }
};

// A workgroup of Redshift Serverless, on a namespace that is there or is made with it. One that an earlier start or try of the
// task made is waited for. The result is {"workgroup_name", "address", "port"}. Venturi's own: Airflow has none.
struct RedshiftCreateServerlessWorkgroupOperator {
  static constexpr std::string_view task_type = "RedshiftCreateServerlessWorkgroupOperator";
  std::string task_id{};
  Field<std::string> workgroup_name{}, namespace_name{};  // required
  Field<Value> create_namespace{};  // {"adminUsername", "adminUserPassword", "dbName", ...}; without: it is there
  Field<std::int64_t> base_capacity{}, max_capacity{};  // RPUs
  Field<std::vector<std::string>> subnet_ids{}, security_group_ids{};
  Field<bool> publicly_accessible{}, enhanced_vpc_routing{};
  Field<std::int64_t> port{};
  Field<Value> tags{};                 // [{"Key": ..., "Value": ...}]
  Field<bool> wait_for_completion{};   // true
  Field<std::int64_t> max_attempts{};  // 60 looks,
  Option<Duration> poll_interval{};    // 30 s apart
  Field<std::string> aws_conn_id{}, region_name{};
  Field<Value> verify{};
  using Result = Value;

  friend void fields_of(const RedshiftCreateServerlessWorkgroupOperator& op, detail::OperatorFields& fields) {
    fields.required("workgroup_name", op.workgroup_name)
        .required("namespace_name", op.namespace_name)
        .field("create_namespace", op.create_namespace)
        .field("base_capacity", op.base_capacity)
        .field("max_capacity", op.max_capacity)
        .field("subnet_ids", op.subnet_ids)
        .field("security_group_ids", op.security_group_ids)
        .field("publicly_accessible", op.publicly_accessible)
        .field("enhanced_vpc_routing", op.enhanced_vpc_routing)
        .field("port", op.port)
        .field("tags", op.tags)
        .field("wait_for_completion", op.wait_for_completion)
        .field("max_attempts", op.max_attempts)
        .duration("poll_interval", op.poll_interval)
        .field("aws_conn_id", op.aws_conn_id)
        .field("region_name", op.region_name)
        .field("verify", op.verify)
        .templates({"aws_conn_id", "region_name", "verify", "workgroup_name", "namespace_name", "create_namespace",
                    "base_capacity", "max_capacity", "subnet_ids", "security_group_ids", "publicly_accessible",
                    "enhanced_vpc_routing", "port", "tags"});
  }
};

// One that is not there any more is fine. With namespace_name that goes too, and its data with it. Venturi's own.
struct RedshiftDeleteServerlessWorkgroupOperator {
  static constexpr std::string_view task_type = "RedshiftDeleteServerlessWorkgroupOperator";
  std::string task_id{};
  Field<std::string> workgroup_name{};  // required
  Field<std::string> namespace_name{}, final_snapshot_name{};
  Field<bool> wait_for_completion{};   // true
  Field<std::int64_t> max_attempts{};  // 60 looks,
  Option<Duration> poll_interval{};    // 30 s apart
  Field<std::string> aws_conn_id{}, region_name{};
  Field<Value> verify{};
  using Result = void;

  friend void fields_of(const RedshiftDeleteServerlessWorkgroupOperator& op, detail::OperatorFields& fields) {
    fields.required("workgroup_name", op.workgroup_name)
        .field("namespace_name", op.namespace_name)
        .field("final_snapshot_name", op.final_snapshot_name)
        .field("wait_for_completion", op.wait_for_completion)
        .field("max_attempts", op.max_attempts)
        .duration("poll_interval", op.poll_interval)
        .field("aws_conn_id", op.aws_conn_id)
        .field("region_name", op.region_name)
        .field("verify", op.verify)
        .templates({"aws_conn_id", "region_name", "verify", "workgroup_name", "namespace_name", "final_snapshot_name"});
  }
};

// Waits until a cluster has a status.
struct RedshiftClusterSensor {
  static constexpr std::string_view task_type = "RedshiftClusterSensor";
  std::string task_id{};
  Field<std::string> cluster_identifier{};  // required
  Field<std::string> target_status{};       // "available"; "paused", "cluster_not_found"
  Field<std::string> aws_conn_id{}, region_name{};
  Field<Value> verify{};
  Option<bool> deferrable{};  // false
  Option<Duration> poke_interval{}, timeout{}, max_wait{};
  Option<SensorMode> mode{};
  Option<bool> soft_fail{}, never_fail{}, silent_fail{}, exponential_backoff{};
  using Result = void;

  friend void fields_of(const RedshiftClusterSensor& op, detail::OperatorFields& fields) {
    fields.required("cluster_identifier", op.cluster_identifier)
        .field("target_status", op.target_status)
        .field("aws_conn_id", op.aws_conn_id)
        .field("region_name", op.region_name)
        .field("verify", op.verify)
        .templates({"aws_conn_id", "region_name", "verify", "cluster_identifier", "target_status"})
        .sensor(op);
  }
};

}  // namespace venturi::inline sdk
