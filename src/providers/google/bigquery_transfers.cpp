// Between BigQuery and Google Cloud Storage: BigQuery itself reads and writes the objects, in jobs.
#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/percent.h"
#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/google/bigquery.h"
#include "providers/google/bigquery_client.h"
#include "providers/google/bigquery_job.h"
#include "providers/google/bigquery_rows.h"
#include "providers/google/gcs_json.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return text;
}

// Sets it where the argument was given.
void pass_on(Object& target, const Arguments& arguments, std::string_view argument, const char* name) {
  if (const Value* given = arguments.find(argument)) target.set(name, *given);
}

// What files of this format are read by, as Airflow names the arguments for it; src_fmt_configs comes first.
Object csv_options(const Arguments& arguments) {
  Object options{{"skipLeadingRows", arguments.integer("skip_leading_rows", 0)},
                 {"fieldDelimiter", arguments.string("field_delimiter", ",")},
                 {"allowQuotedNewlines", arguments.boolean("allow_quoted_newlines", false)},
                 {"allowJaggedRows", arguments.boolean("allow_jagged_rows", false)},
                 {"encoding", arguments.string("encoding", "UTF-8")}};
  pass_on(options, arguments, "quote_character", "quote");
  return options;
}
void add_format_options(Object& target, const Arguments& arguments, const std::string& format) {
  Object options = format == "CSV" ? csv_options(arguments) : Object();
  if (const Value* given = arguments.find("src_fmt_configs")) {
    for (const auto& [key, value] : given->as_object()) options.set(key, value);
  }
  for (const auto& [key, value] : options) target.set(key, value);
}

std::vector<std::string> source_uris(const Arguments& arguments) {
  std::vector<std::string> uris;
  const std::string bucket = arguments.string("bucket");
  const Value& objects = *arguments.find("source_objects");
  // A name may have commas in it.
  if (objects.is_string()) return {fmt::format("gs://{}/{}", bucket, objects.as_string())};
  for (const Value& object : objects.as_array()) {
    if (!object.is_string())
      throw TaskFailedForGood("the argument source_objects must be the name of an object, or a list of names");
    uris.push_back(fmt::format("gs://{}/{}", bucket, object.as_string()));
  }
  if (uris.empty()) throw TaskFailedForGood("the argument source_objects is empty: name at least one object");
  return uris;
}

// A list of fields, or what the object has; null: BigQuery finds it out, or knows the table already.
asio::awaitable<Value> schema_of(OperatorTry& t, const Arguments& arguments, const std::string& format) {
  if (const Value* fields = arguments.find("schema_fields")) co_return *fields;
  const std::string object = arguments.string("schema_object");
  const bool does_not_detect = arguments.find("autodetect") != nullptr && !arguments.boolean("autodetect", true);
  if (object.empty() && does_not_detect)
    throw TaskFailedForGood("where is the schema? Give schema_fields or schema_object, or leave autodetect away");
  if (object.empty() || format == "DATASTORE_BACKUP") co_return Value();
  const std::string url =
      fmt::format("gs://{}/{}", arguments.string("schema_object_bucket", arguments.string("bucket")), object);
  co_return co_await json_of_gcs(t, arguments, url, {});
}

// As Airflow: autodetect null means the schema of the table that is there.
void add_autodetect(Object& target, const Arguments& arguments) {
  if (!arguments.has("autodetect"))
    target.set("autodetect", true);
  else
    pass_on(target, arguments, "autodetect", "autodetect");
}

Object load_of(const Arguments& arguments, const BigQueryTable& table, const std::string& format, Value schema) {
  const std::vector<std::string> uris = source_uris(arguments);
  Object load{{"sourceUris", Array(uris.begin(), uris.end())},
              {"destinationTable", table.reference()},
              {"sourceFormat", format},
              {"createDisposition", arguments.string("create_disposition", "CREATE_IF_NEEDED")},
              {"writeDisposition", arguments.string("write_disposition", "WRITE_EMPTY")},
              {"ignoreUnknownValues", arguments.boolean("ignore_unknown_values", false)}};
  add_autodetect(load, arguments);
  if (!schema.is_null()) load.set("schema", Object{{"fields", std::move(schema)}});
  if (const std::int64_t bad = arguments.integer("max_bad_records", 0); bad != 0) load.set("maxBadRecords", bad);
  pass_on(load, arguments, "time_partitioning", "timePartitioning");
  pass_on(load, arguments, "range_partitioning", "rangePartitioning");
  if (const Value* columns = arguments.find("cluster_fields")) load.set("clustering", Object{{"fields", *columns}});
  pass_on(load, arguments, "encryption_configuration", "destinationEncryptionConfiguration");
  if (const Value* description = arguments.find("description"))
    load.set("destinationTableProperties", Object{{"description", *description}});
  const std::vector<std::string> updates = arguments.string_list("schema_update_options");
  for (const std::string& update : updates) {
    if (update != "ALLOW_FIELD_ADDITION" && update != "ALLOW_FIELD_RELAXATION")
      throw TaskFailedForGood(
          fmt::format("schema_update_options may have ALLOW_FIELD_ADDITION and ALLOW_FIELD_RELAXATION, not '{}'", update));
  }
  if (!updates.empty()) load.set("schemaUpdateOptions", Array(updates.begin(), updates.end()));
  add_format_options(load, arguments, format);
  if (const Value* extra = arguments.find("extra_config")) {
    for (const auto& [key, value] : extra->as_object()) load.set(key, value);
  }
  return load;
}

// A table whose rows stay in the objects.
Object external_table(const Arguments& arguments, const BigQueryTable& table, const std::string& format, Value schema) {
  const std::vector<std::string> uris = source_uris(arguments);
  Object external{{"sourceUris", Array(uris.begin(), uris.end())},
                  {"sourceFormat", format},
                  {"compression", upper(arguments.string("compression", "NONE"))},
                  {"ignoreUnknownValues", arguments.boolean("ignore_unknown_values", false)}};
  add_autodetect(external, arguments);
  if (!schema.is_null()) external.set("schema", Object{{"fields", std::move(schema)}});
  if (const std::int64_t bad = arguments.integer("max_bad_records", 0); bad != 0) external.set("maxBadRecords", bad);
  constexpr std::array<std::pair<std::string_view, const char*>, 3> places{
      {{"CSV", "csvOptions"}, {"GOOGLE_SHEETS", "googleSheetsOptions"}, {"PARQUET", "parquetOptions"}}};
  for (const auto& [name, member] : places) {
    if (name != format) continue;
    Object options;
    add_format_options(options, arguments, format);
    external.set(member, std::move(options));
  }
  if (const Value* extra = arguments.find("extra_config")) {
    for (const auto& [key, value] : extra->as_object()) external.set(key, value);
  }
  Object resource{{"tableReference", table.reference()}, {"externalDataConfiguration", std::move(external)}};
  pass_on(resource, arguments, "labels", "labels");
  pass_on(resource, arguments, "description", "description");
  pass_on(resource, arguments, "encryption_configuration", "encryptionConfiguration");
  return resource;
}

// The largest value of the column max_id_key as a text; null where nobody wants it.
asio::awaitable<Value> largest_id(OperatorTry& t, std::shared_ptr<BigQuery> bigquery, const Arguments& arguments,
                                  BigQueryTable table) {
  const std::string column = arguments.string("max_id_key");
  if (column.empty()) co_return Value();
  std::string sql = fmt::format("SELECT CAST(MAX({}) AS STRING) AS max_value FROM `{}`.`{}`.`{}`", column, table.project,
                                table.dataset, table.table);
  t.log.info(fmt::format("Selecting the MAX value from BigQuery column '{}'", column));
  const BigQueryRows rows = co_await rows_of_query(*bigquery, std::move(sql), {});
  if (rows.rows.empty()) throw TaskFailed(fmt::format("BigQuery: MAX({}) of {} has no row", column, table.text()));
  Array row = bigquery_row(rows.fields, rows.rows.front());
  if (row.empty() || row.front().is_null()) co_return Value("0");
  co_return std::move(row.front());
}

}  // namespace

asio::awaitable<Value> run_gcs_to_bigquery(OperatorTry& t, Arguments arguments) {
  const std::string format = upper(arguments.string("source_format", "CSV"));
  BigQueryJobChoice choice = bigquery_job_choice(arguments);
  const auto bigquery = co_await BigQuery::make(t, arguments);
  const BigQueryTable table = bigquery_table(arguments.string("destination_project_dataset_table"), bigquery->project,
                                             "destination_project_dataset_table");
  Value schema = co_await schema_of(t, arguments, format);
  if (arguments.boolean("external_table", false)) {
    Object resource = external_table(arguments, table, format, std::move(schema));
    t.log.info("Creating external table: " + table.text());
    const auto created = co_await bigquery->create(path_of_dataset(table.project, table.dataset) + "/tables",
                                                   Value(std::move(resource)), table.text());
    t.log.info(fmt::format("External table {} {}", table.text(), created ? "created successfully" : "was there already"));
    co_return co_await largest_id(t, bigquery, arguments, table);
  }
  if (arguments.boolean("force_delete", false)) {
    t.log.info("Deleting table " + table.text());
    (void)co_await bigquery->remove(path_of_table(table), {}, table.text());
  }
  Object configuration{{"load", load_of(arguments, table, format, std::move(schema))}};
  pass_on(configuration, arguments, "labels", "labels");
  t.log.info(fmt::format("Loading {} into {}", fmt::join(source_uris(arguments), ", "), table.text()));
  const FinishedBigQueryJob done = co_await run_bigquery_job(t, bigquery, std::move(configuration), std::move(choice));
  if (const Value* statistics = done.resource.get("statistics"); statistics != nullptr && statistics->get("load") != nullptr)
    t.log.info(fmt::format("Loaded {} rows into {}", statistics->at("load").get_string("outputRows", "?"), table.text()));
  co_return co_await largest_id(t, bigquery, arguments, table);
}

asio::awaitable<Value> run_bigquery_to_gcs(OperatorTry& t, Arguments arguments) {
  BigQueryJobChoice choice = bigquery_job_choice(arguments);
  const auto bigquery = co_await BigQuery::make(t, arguments);
  const BigQueryTable table =
      bigquery_table(arguments.string("source_project_dataset_table"), bigquery->project, "source_project_dataset_table");
  const std::vector<std::string> uris = arguments.string_list("destination_cloud_storage_uris");
  if (uris.empty()) throw TaskFailedForGood("the argument destination_cloud_storage_uris is empty: gs://bucket/name-*.csv");
  for (const std::string& uri : uris) {
    if (!uri.starts_with("gs://"))
      throw TaskFailedForGood(fmt::format("destination_cloud_storage_uris: gs://bucket/object, not '{}'", uri));
  }
  const std::string format = upper(arguments.string("export_format", "CSV"));
  Object extract{{"sourceTable", table.reference()},
                 {"destinationUris", Array(uris.begin(), uris.end())},
                 {"destinationFormat", format},
                 {"compression", upper(arguments.string("compression", "NONE"))}};
  if (format == "CSV") {
    extract.set("fieldDelimiter", arguments.string("field_delimiter", ","));
    extract.set("printHeader", arguments.boolean("print_header", true));
  }
  Object configuration{{"extract", std::move(extract)}};
  pass_on(configuration, arguments, "labels", "labels");
  t.log.info(fmt::format("Executing extract of {} into: {}", table.text(), fmt::join(uris, ", ")));
  (void)co_await run_bigquery_job(t, bigquery, std::move(configuration), std::move(choice));
  co_return Value();
}

}  // namespace venturi::providers
