// Rows and bytes between databases, web servers and the stores of objects, without a file in between.
// docs/providers/amazon.md, google.md, bigquery.md.
//
//   #include <venturi/transfers.h>
//
//   dag.add(SqlToS3Operator{.task_id = "export", .query = "SELECT * FROM orders WHERE day = '{{ ds }}'",
//                           .s3_key = "s3://shop/orders/{{ ds }}.csv", .sql_conn_id = "postgres_default",
//                           .pd_kwargs = Object{{"index", false}}});
//
// An object is there as a whole or not at all, and rows that go into a table do so in one transaction.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "venturi/built_in.h"

namespace venturi::inline sdk {

// The rows of a query as an object with CSV or JSON, or as several.
struct SqlToS3Operator {
  static constexpr std::string_view task_type = "SqlToS3Operator";
  std::string task_id{};
  Field<std::string> query{};               // required
  Field<std::string> s3_key{};              // required
  Field<std::string> s3_bucket{};           // where the key is none with a bucket
  Field<std::string> sql_conn_id{};         // required
  Field<Value> sql_hook_params{};           // {"options": "-c statement_timeout=60s"}
  Field<Value> parameters{};                // a list for $1, $2, ... or %s, an object for %(name)s
  Field<bool> replace{};                    // false: one that is there already is a failure
  Field<std::string> file_format{};         // "csv"; "json"
  Field<std::int64_t> max_rows_per_file{};  // 0: all in one; otherwise key, key_1, key_2, ...
  Field<Value> pd_kwargs{};                 // index (true), index_label, header, sep, na_rep, compression; of JSON
                                            // {"orient": "records", "lines": true}
  Field<std::string> aws_conn_id{};         // "aws_default"
  Field<Value> verify{};
  using Result = void;

  friend void fields_of(const SqlToS3Operator& op, detail::OperatorFields& fields) {
    fields.required("query", op.query)
        .required("s3_key", op.s3_key)
        .field("s3_bucket", op.s3_bucket)
        .required("sql_conn_id", op.sql_conn_id)
        .field("sql_hook_params", op.sql_hook_params)
        .field("parameters", op.parameters)
        .field("replace", op.replace)
        .field("file_format", op.file_format)
        .field("max_rows_per_file", op.max_rows_per_file)
        .field("pd_kwargs", op.pd_kwargs)
        .field("aws_conn_id", op.aws_conn_id)
        .field("verify", op.verify)
        .templates({"s3_bucket", "s3_key", "query", "sql_conn_id"}, {".sql"});
  }
};

// An object with CSV into a table, by COPY.
struct S3ToSqlOperator {
  static constexpr std::string_view task_type = "S3ToSqlOperator";
  std::string task_id{};
  Field<std::string> s3_key{};                    // required
  Field<std::string> s3_bucket{};                 // where the key is none with a bucket
  Field<std::string> table{};                     // required
  Field<std::string> schema{};                    // as written in SQL
  Field<std::vector<std::string>> column_list{};  // those of the rows; otherwise what the header names
  Field<std::string> sql_conn_id{};               // "sql_default"
  Field<Value> sql_hook_params{};
  Field<std::string> file_format{};  // "csv"
  Field<std::string> delimiter{};    // ","
  Field<bool> header{};              // true: the first line has the names
  Field<std::string> null_text{};    // what stands for NULL: nothing
  Field<std::string> aws_conn_id{};  // "aws_default"
  using Result = void;

  friend void fields_of(const S3ToSqlOperator& op, detail::OperatorFields& fields) {
    fields.required("s3_key", op.s3_key)
        .field("s3_bucket", op.s3_bucket)
        .required("table", op.table)
        .field("schema", op.schema)
        .field("column_list", op.column_list)
        .field("sql_conn_id", op.sql_conn_id)
        .field("sql_hook_params", op.sql_hook_params)
        .field("file_format", op.file_format)
        .field("delimiter", op.delimiter)
        .field("header", op.header)
        .field("null_text", op.null_text)
        .field("aws_conn_id", op.aws_conn_id)
        .templates({"s3_bucket", "s3_key", "schema", "table", "column_list", "sql_conn_id"});
  }
};

// The body of an answer as an object.
struct HttpToS3Operator {
  static constexpr std::string_view task_type = "HttpToS3Operator";
  std::string task_id{};
  Field<std::string> endpoint{};
  Field<std::string> method{};  // "GET"
  Field<Value> data{};          // a body; of a GET the query
  Field<Texts> headers{};
  Field<Value> extra_options{}, request_kwargs{}, retry_args{};
  Field<std::string> http_conn_id{};  // "http_default"
  Field<std::string> s3_key{};        // required
  Field<std::string> s3_bucket{};     // where the key is none with a bucket
  Field<bool> replace{};              // false: one that is there already is a failure
  Field<bool> encrypt{};              // false; true: by S3, with AES-256
  Field<std::string> acl_policy{};
  Field<std::string> aws_conn_id{};  // "aws_default"
  Field<Value> verify{};
  using Result = void;

  friend void fields_of(const HttpToS3Operator& op, detail::OperatorFields& fields) {
    fields.field("endpoint", op.endpoint)
        .field("method", op.method)
        .field("data", op.data)
        .field("headers", op.headers)
        .field("extra_options", op.extra_options)
        .field("request_kwargs", op.request_kwargs)
        .field("retry_args", op.retry_args)
        .field("http_conn_id", op.http_conn_id)
        .required("s3_key", op.s3_key)
        .field("s3_bucket", op.s3_bucket)
        .field("replace", op.replace)
        .field("encrypt", op.encrypt)
        .field("acl_policy", op.acl_policy)
        .field("aws_conn_id", op.aws_conn_id)
        .field("verify", op.verify)
        .templates({"http_conn_id", "endpoint", "data", "headers", "s3_bucket", "s3_key", "aws_conn_id"});
  }
};

// The rows of a query as objects with JSON or CSV, and their columns as a schema for BigQuery.
struct PostgresToGCSOperator {
  static constexpr std::string_view task_type = "PostgresToGCSOperator";
  std::string task_id{};
  Field<std::string> sql{}, bucket{};                // required
  Field<std::string> filename{};                     // required: "orders/part-{}.json"
  Field<std::string> schema_filename{};              // an object with the schema
  Field<std::int64_t> approx_max_file_size_bytes{};  // 1900000000
  Field<std::string> export_format{};                // "json"; "csv"
  Field<bool> stringify_dict{};                      // false; true: values of json columns as texts
  Field<std::string> field_delimiter{}, null_marker{};
  Field<bool> gzip{};     // false
  Field<Value> schema{};  // instead of the query's
  Field<Value> parameters{};
  Field<bool> upload_metadata{};                        // false; true: row_count as metadata of each object
  Field<std::vector<std::string>> exclude_columns{};    // are left out
  Field<std::vector<std::string>> partition_columns{};  // whose values make folders; the sql sorts by them
  Field<bool> write_on_empty{};                         // false
  Field<std::string> postgres_conn_id{};                // "postgres_default"
  Field<std::string> gcp_conn_id{};
  Field<Value> impersonation_chain{};
  using Result = Value;  // {"bucket", "total_row_count", "total_files", "files"}

  friend void fields_of(const PostgresToGCSOperator& op, detail::OperatorFields& fields) {
    fields.required("sql", op.sql)
        .required("bucket", op.bucket)
        .required("filename", op.filename)
        .field("schema_filename", op.schema_filename)
        .field("approx_max_file_size_bytes", op.approx_max_file_size_bytes)
        .field("export_format", op.export_format)
        .field("stringify_dict", op.stringify_dict)
        .field("field_delimiter", op.field_delimiter)
        .field("null_marker", op.null_marker)
        .field("gzip", op.gzip)
        .field("schema", op.schema)
        .field("parameters", op.parameters)
        .field("upload_metadata", op.upload_metadata)
        .field("exclude_columns", op.exclude_columns)
        .field("partition_columns", op.partition_columns)
        .field("write_on_empty", op.write_on_empty)
        .field("postgres_conn_id", op.postgres_conn_id)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"sql", "bucket", "filename", "schema_filename", "schema", "parameters", "impersonation_chain",
                    "partition_columns", "gcp_conn_id"},
                   {".sql"});
  }
};

// The body of an answer as an object.
struct HttpToGCSOperator {
  static constexpr std::string_view task_type = "HttpToGCSOperator";
  std::string task_id{};
  Field<std::string> endpoint{};
  Field<std::string> method{};  // "GET"
  Field<Value> data{};          // a body; of a GET the query
  Field<Texts> headers{};
  Field<Value> extra_options{}, request_kwargs{}, retry_args{};
  Field<std::string> http_conn_id{};                // "http_default"
  Field<std::string> bucket_name{}, object_name{};  // required
  Field<std::string> mime_type{};                   // "application/octet-stream"
  Field<std::int64_t> chunk_size{};                 // 8 MiB
  Field<Value> metadata{};
  Field<std::string> cache_control{};
  Field<std::string> gcp_conn_id{};
  Field<Value> impersonation_chain{};
  using Result = void;

  friend void fields_of(const HttpToGCSOperator& op, detail::OperatorFields& fields) {
    fields.field("endpoint", op.endpoint)
        .field("method", op.method)
        .field("data", op.data)
        .field("headers", op.headers)
        .field("extra_options", op.extra_options)
        .field("request_kwargs", op.request_kwargs)
        .field("retry_args", op.retry_args)
        .field("http_conn_id", op.http_conn_id)
        .required("bucket_name", op.bucket_name)
        .required("object_name", op.object_name)
        .field("mime_type", op.mime_type)
        .field("chunk_size", op.chunk_size)
        .field("metadata", op.metadata)
        .field("cache_control", op.cache_control)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"http_conn_id", "endpoint", "data", "headers", "gcp_conn_id", "bucket_name", "object_name"});
  }
};

// The rows of a table of BigQuery's into one of PostgreSQL's, by COPY.
struct BigQueryToPostgresOperator {
  static constexpr std::string_view task_type = "BigQueryToPostgresOperator";
  std::string task_id{};
  Field<std::string> target_table_name{};             // required
  Field<std::string> dataset_table{};                 // "dataset.table"
  Field<std::string> dataset_id{}, table_id{};        // ... or the two
  Field<std::string> postgres_conn_id{};              // "postgres_default"
  Field<std::string> database{};                      // the connection's
  Field<std::vector<std::string>> selected_fields{};  // all
  Field<bool> replace{};                              // false; true: rows with the same key are updated
  Field<std::vector<std::string>> replace_index{};    // the key, with `replace`
  Field<std::int64_t> batch_size{};                   // of a page: 10000
  Field<std::string> location{};
  Field<std::string> gcp_conn_id{};
  Field<Value> impersonation_chain{};
  using Result = void;

  friend void fields_of(const BigQueryToPostgresOperator& op, detail::OperatorFields& fields) {
    fields.required("target_table_name", op.target_table_name)
        .field("dataset_table", op.dataset_table)
        .field("dataset_id", op.dataset_id)
        .field("table_id", op.table_id)
        .field("postgres_conn_id", op.postgres_conn_id)
        .field("database", op.database)
        .field("selected_fields", op.selected_fields)
        .field("replace", op.replace)
        .field("replace_index", op.replace_index)
        .field("batch_size", op.batch_size)
        .field("location", op.location)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"target_table_name", "impersonation_chain", "dataset_id", "table_id", "gcp_conn_id"});
  }
};

}  // namespace venturi::inline sdk
