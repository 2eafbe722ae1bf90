// PostgresToGCSOperator: the rows of a query become objects of Cloud Storage, as PostgreSQL's COPY writes them (pg_export.h),
// and their columns a schema that BigQuery reads.
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/json.h"
#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/google/gcs.h"
#include "providers/google/gcs_arguments.h"
#include "providers/google/gcs_client.h"
#include "providers/google/gcs_sink.h"
#include "providers/postgres/export_objects.h"
#include "providers/postgres/pg_export.h"
#include "providers/sql/sql_try.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailedForGood;

constexpr std::int64_t bytes_of_a_file = 1'900'000'000;  // Airflow's

struct BigQueryType {
  Oid type;
  std::string_view name;
  bool is_repeated = false;
};
// Airflow's, by PostgreSQL's fixed numbers (catalog/pg_type.dat); others are STRING.
constexpr std::array<BigQueryType, 15> bigquery_types{{{16, "BOOL"},
                                                       {20, "INTEGER"},
                                                       {21, "INTEGER"},
                                                       {23, "INTEGER"},
                                                       {700, "FLOAT"},
                                                       {701, "FLOAT"},
                                                       {1700, "FLOAT"},
                                                       {1082, "DATE"},
                                                       {1083, "TIME"},
                                                       {1114, "DATETIME"},
                                                       {1184, "TIMESTAMP"},
                                                       {1005, "INTEGER", true},
                                                       {1007, "INTEGER", true},
                                                       {1016, "INTEGER", true},
                                                       {1009, "STRING", true}}};

Value schema_of_fields(const std::vector<PgField>& fields) {
  Array schema;
  for (const PgField& field : fields) {
    const auto* known = std::ranges::find(bigquery_types, field.type, &BigQueryType::type);
    const bool is_known = known != bigquery_types.end();
    schema.push_back(Object{{"mode", is_known && known->is_repeated ? "REPEATED" : "NULLABLE"},
                            {"name", field.name},
                            {"type", is_known ? std::string(known->name) : "STRING"}});
  }
  return schema;
}

// "part-{}.csv": the number of the file in it.
std::string numbered_name(const std::string& filename, std::size_t number) {
  const std::size_t place = filename.find("{}");
  return place == std::string::npos ? filename
                                    : filename.substr(0, place) + std::to_string(number) + filename.substr(place + 2);
}

// "folder/day=2026-01-01/part-0.csv"
std::string partitioned_name(const std::string& name, const std::vector<std::string>& columns,
                             const std::vector<std::string>& values) {
  const std::size_t slash = name.rfind('/');
  const std::size_t head = slash == std::string::npos ? 0 : slash + 1;
  std::string folders;
  for (std::size_t i = 0; i < std::min(columns.size(), values.size()); ++i) folders += columns[i] + "=" + values[i] + "/";
  return name.substr(0, head) + folders + name.substr(head);
}

struct Export {
  ExportQuery query;
  ExportHow how;
  GcsUpload upload;
  std::string bucket, filename;
};

std::vector<std::string> names_in(const Arguments& arguments, std::string_view name) {
  return text_or_list(arguments, name).value_or(std::vector<std::string>{});
}

Export export_of(const Arguments& arguments) {
  Export wanted;
  wanted.bucket = gcs_bucket(arguments.string("bucket"), "bucket");
  wanted.filename = arguments.string("filename");
  if (wanted.filename.empty()) throw TaskFailedForGood("the argument filename is empty: name an object");
  std::string format = arguments.string("export_format", "json");
  std::ranges::transform(format, format.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (format != "csv" && format != "json")
    throw TaskFailedForGood(fmt::format("export_format can be json or csv here, not {}", format));
  wanted.query.format = format == "csv" ? ExportFormat::csv : ExportFormat::json;
  wanted.upload.mime_type = format == "csv" ? "text/csv" : "application/json";
  const std::string delimiter = arguments.string("field_delimiter", ",");
  if (delimiter.size() != 1 || delimiter.find_first_of("\"\r\n\\.") == 0)
    throw TaskFailedForGood("the argument field_delimiter must be one ASCII character, and no quote, backslash or line break");
  wanted.query.delimiter = delimiter.front();
  wanted.query.null_text = arguments.string("null_marker");
  if (wanted.query.null_text.find_first_of("\r\n\"") != std::string::npos ||
      wanted.query.null_text.find(wanted.query.delimiter) != std::string::npos)
    throw TaskFailedForGood("the argument null_marker must have no quote, no line break and no delimiter in it");
  wanted.query.stringify_dict = arguments.boolean("stringify_dict", false);
  wanted.query.exclude_columns = names_in(arguments, "exclude_columns");
  wanted.query.partition_columns = names_in(arguments, "partition_columns");
  wanted.how.header = wanted.query.format == ExportFormat::csv;
  wanted.how.delimiter = wanted.query.delimiter;
  wanted.how.writes_on_empty = arguments.boolean("write_on_empty", false);
  const std::int64_t bytes = arguments.integer("approx_max_file_size_bytes", bytes_of_a_file);
  if (bytes < 1) throw TaskFailedForGood("the argument approx_max_file_size_bytes must be a number from 1 on");
  wanted.how.limits.bytes = static_cast<std::uint64_t>(bytes);
  wanted.how.gzip = arguments.boolean("gzip", false);
  if (wanted.how.gzip) wanted.upload.content_encoding = "gzip";
  return wanted;
}

// Opens the objects.
class GcsObjects {
 public:
  GcsObjects(std::shared_ptr<GcsClient> gcs, Export wanted) : gcs_(std::move(gcs)), wanted_(std::move(wanted)) {}

  asio::awaitable<ObjectSinkPtr> operator()(std::size_t number, const std::vector<std::string>& partition) const {
    std::string name = partitioned_name(numbered_name(wanted_.filename, number), wanted_.query.partition_columns, partition);
    // It would replace what was made just now.
    if (!names_->insert(name).second) {
      throw TaskFailedForGood(fmt::format(
          "the rows need a second object {}: give filename a {{}} for its number, and sort by partition_columns", name));
    }
    return made({wanted_.bucket, std::move(name)});
  }

 private:
  asio::awaitable<ObjectSinkPtr> made(GcsPlace place) const {
    co_return std::make_shared<GcsSink>(gcs_, std::move(place), wanted_.upload);
  }

  std::shared_ptr<GcsClient> gcs_;
  Export wanted_;
  std::shared_ptr<std::set<std::string>> names_ = std::make_shared<std::set<std::string>>();
};

asio::awaitable<void> write_schema(std::shared_ptr<GcsClient> gcs, GcsPlace place, std::string schema) {
  GcsUpload how;
  how.mime_type = "application/json";
  GcsSink sink(gcs, std::move(place), std::move(how));
  co_await sink.write(std::move(schema));
  co_await sink.finish();
}

std::string schema_text(const Arguments& arguments, const std::vector<PgField>& fields) {
  const Value* given = arguments.find("schema");
  if (given == nullptr || (given->is_string() && given->as_string().empty())) return to_json(schema_of_fields(fields));
  if (!given->is_string()) return to_json(*given);
  if (const auto parsed = parse_json(given->as_string()); !parsed)
    throw TaskFailedForGood("the argument schema is a text, but no JSON: " + parsed.error().text());
  return given->as_string();
}

}  // namespace

asio::awaitable<Value> run_postgres_to_gcs(OperatorTry& t, Arguments arguments) {
  Export wanted = export_of(arguments);
  const bool has_metadata = arguments.boolean("upload_metadata", false);
  arguments.set("conn_id", arguments.string("postgres_conn_id", "postgres_default"));
  const SessionPtr session = co_await open_session(t, arguments);
  wanted.query.sql = statement_of(*session, arguments.string("sql"), arguments);
  const auto gcs = co_await GcsClient::make(t, arguments);
  t.log.info("Executing query");
  const auto rows = co_await PgExport::begin(session, wanted.query);
  if (const std::string name = arguments.string("schema_filename"); !name.empty()) {
    t.log.info("Uploading schema file to GCS.");
    const GcsPlace place{wanted.bucket, name};
    co_await write_schema(gcs, place, schema_text(arguments, rows->fields()));
  }
  const GcsObjects opening(gcs, wanted);
  ExportObjects objects(rows, wanted.how, opening);
  const std::vector<ExportedObject> made = co_await objects.run();
  Array files;
  std::int64_t total = 0;
  for (std::size_t i = 0; i < made.size(); ++i) {
    t.log.info(fmt::format("{}: {} rows, {} bytes", made[i].name, made[i].rows, made[i].bytes));
    // How many rows it has is known when it is there only.
    if (has_metadata) {
      const GcsPlace place{wanted.bucket, made[i].name.substr(made[i].name.find('/', 5) + 1)};
      Object metadata{{"row_count", std::to_string(made[i].rows)}};
      co_await gcs->patch(place, Object{{"metadata", std::move(metadata)}});
    }
    total += made[i].rows;
    files.push_back(Object{{"file_name", numbered_name(wanted.filename, i)},
                           {"file_mime_type", wanted.upload.mime_type},
                           {"file_row_count", made[i].rows}});
  }
  co_return Object{{"bucket", wanted.bucket},
                   {"total_row_count", total},
                   {"total_files", static_cast<std::int64_t>(made.size())},
                   {"files", std::move(files)}};
}

}  // namespace venturi::providers
