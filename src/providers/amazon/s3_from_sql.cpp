// SqlToS3Operator: the rows of a query become objects of S3, as PostgreSQL's COPY writes them (pg_export.h).
//
// What Airflow hands on to pandas is taken as far as COPY can do the same:
//   CSV    index (true, as in pandas), index_label, header, sep, na_rep, compression ("gzip")
//   JSON   orient "records" with lines true, compression: pandas's own form holds the whole table at once
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/amazon/s3.h"
#include "providers/amazon/s3_arguments.h"
#include "providers/amazon/s3_client.h"
#include "providers/amazon/s3_sink.h"
#include "providers/postgres/export_objects.h"
#include "providers/postgres/pg_export.h"
#include "providers/sql/sql_try.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailedForGood;

void refuse(const Arguments& arguments, std::string_view name, std::string_view why) {
  const Value* given = arguments.find(name);
  const bool is_empty = given == nullptr || (given->is_object() && given->as_object().empty());
  if (!is_empty) throw TaskFailedForGood(fmt::format("{} is not there: {}", name, why));
}

std::string text_of(const std::string& name, const Value& value) {
  if (!value.is_string()) throw TaskFailedForGood(fmt::format("pd_kwargs: {} must be a text", name));
  return value.as_string();
}
bool boolean_of(const std::string& name, const Value& value) {
  if (!value.is_bool()) throw TaskFailedForGood(fmt::format("pd_kwargs: {} must be true or false", name));
  return value.as_bool();
}

bool is_gzip(const Value& value) {
  if (value.is_null()) return false;
  const std::string name = text_of("compression", value);
  if (name != "gzip") throw TaskFailedForGood(fmt::format("pd_kwargs: compression can be \"gzip\", not \"{}\"", name));
  return true;
}

struct Form {
  ExportQuery query;
  ExportHow how;
};

void take_csv(Form& form, const Object& pd_kwargs) {
  form.how.index_label = "";
  for (const auto& [name, value] : pd_kwargs) {
    if (name == "index") {
      if (!boolean_of(name, value)) form.how.index_label.reset();
    } else if (name == "index_label") {
      if (form.how.index_label) form.how.index_label = text_of(name, value);
    } else if (name == "header") {
      form.how.header = boolean_of(name, value);
    } else if (name == "sep") {
      const std::string sep = text_of(name, value);
      if (sep.size() != 1 || sep.find_first_of("\"\r\n\\.") == 0)
        throw TaskFailedForGood("pd_kwargs: sep must be one ASCII character, and no quote, backslash or line break");
      form.query.delimiter = form.how.delimiter = sep.front();
    } else if (name == "na_rep") {
      form.query.null_text = text_of(name, value);
    } else if (name == "compression") {
      form.how.gzip = is_gzip(value);
    } else {
      throw TaskFailedForGood(
          fmt::format("pd_kwargs: {} is not there: index, index_label, header, sep, na_rep and compression are", name));
    }
  }
  if (pd_kwargs.find("index") != nullptr && !pd_kwargs.find("index")->as_bool()) form.how.index_label.reset();
}

void take_json(Form& form, const Object& pd_kwargs) {
  form.query.format = ExportFormat::json;
  form.how.header = false;
  for (const auto& [name, value] : pd_kwargs) {
    if (name == "compression")
      form.how.gzip = is_gzip(value);
    else if (name != "orient" && name != "lines" && !(name == "index" && value.is_bool() && !value.as_bool()))
      throw TaskFailedForGood(fmt::format("pd_kwargs: {} is not there for JSON: orient, lines and compression are", name));
  }
  const Value* orient = pd_kwargs.find("orient");
  const Value* lines = pd_kwargs.find("lines");
  if (orient == nullptr || !(*orient == Value("records")) || lines == nullptr || !(*lines == Value(true))) {
    throw TaskFailedForGood(
        R"(JSON is written an object a line: say so by pd_kwargs {"orient": "records", "lines": true}. pandas's other forms hold the whole table)");
  }
}

Form form_of(const Arguments& arguments) {
  Form form;
  std::string format = arguments.string("file_format", "csv");
  std::ranges::transform(format, format.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  static const Object none;
  const Value* given = arguments.find("pd_kwargs");
  const Object& pd_kwargs = given == nullptr ? none : given->as_object();
  if (pd_kwargs.find("path_or_buf") != nullptr)
    throw TaskFailedForGood("The argument path_or_buf is not allowed, please remove it");
  if (format == "csv")
    take_csv(form, pd_kwargs);
  else if (format == "json")
    take_json(form, pd_kwargs);
  else
    throw TaskFailedForGood(fmt::format("file_format can be csv or json here, not {}", format));
  if (form.query.null_text.find_first_of("\r\n\"") != std::string::npos ||
      form.query.null_text.find(form.query.delimiter) != std::string::npos)
    throw TaskFailedForGood("pd_kwargs: na_rep must have no quote, no line break and no sep in it");
  const std::int64_t most = arguments.integer("max_rows_per_file", 0);
  if (most < 0) throw TaskFailedForGood("the argument max_rows_per_file must be a number of rows, or 0");
  if (most > 0) form.how.limits.rows = most;
  form.how.writes_on_empty = most == 0;  // as pandas: there are no groups
  return form;
}

// Opens the objects: the key, then key_1, key_2, ... as Airflow names them.
class S3Objects {
 public:
  S3Objects(std::shared_ptr<S3Client> s3, S3Place place, net::HttpHeaders headers, bool replace)
      : s3_(std::move(s3)), place_(std::move(place)), headers_(std::move(headers)), replace_(replace) {}

  asio::awaitable<ObjectSinkPtr> operator()(std::size_t number, const std::vector<std::string>& /*partition*/) const {
    return open(s3_, number == 0 ? place_ : S3Place{place_.bucket, fmt::format("{}_{}", place_.key, number)}, headers_,
                replace_);
  }

 private:
  static asio::awaitable<ObjectSinkPtr> open(std::shared_ptr<S3Client> s3, S3Place place, net::HttpHeaders headers,
                                             bool replace) {
    co_await check_is_free(*s3, place, replace);
    co_return std::make_shared<S3Sink>(s3, std::move(place), std::move(headers));
  }

  std::shared_ptr<S3Client> s3_;
  S3Place place_;
  net::HttpHeaders headers_;
  bool replace_;
};

}  // namespace

asio::awaitable<Value> run_sql_to_s3(OperatorTry& t, Arguments arguments) {
  const S3Place place = s3_place(arguments, "s3_bucket", "s3_key");
  Form form = form_of(arguments);
  refuse(arguments, "groupby_kwargs", "ORDER BY and max_rows_per_file, or a query for each group, do it");
  refuse(arguments, "read_pd_kwargs", "the query can cast its columns");
  const std::string sql = arguments.string("query");
  arguments.set("conn_id", arguments.string("sql_conn_id"));
  const SessionPtr session = co_await open_session(t, arguments, "sql_hook_params");
  form.query.sql = statement_of(*session, sql, arguments);
  const auto s3 = co_await S3Client::make(t, arguments);
  const net::HttpHeaders type{{"Content-Type", form.how.gzip                            ? "application/gzip"
                                               : form.query.format == ExportFormat::csv ? "text/csv"
                                                                                        : "application/x-ndjson"}};
  const auto rows = co_await PgExport::begin(session, std::move(form.query));
  t.log.info("Data from SQL obtained");
  const S3Objects opening(s3, place, type, arguments.boolean("replace", false));
  ExportObjects objects(rows, std::move(form.how), opening);
  const std::vector<ExportedObject> made = co_await objects.run();
  for (const ExportedObject& object : made)
    t.log.info(fmt::format("{}: {} rows, {} bytes", object.name, object.rows, object.bytes));
  co_return Value();
}

}  // namespace venturi::providers
