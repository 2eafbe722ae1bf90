#include "providers/google/bigquery_rows.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/json.h"
#include "base/percent.h"
#include "base/time.h"
#include "operators/memory_budget.h"
#include "operators/outcome.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::TaskFailed;

constexpr std::int64_t rows_of_a_page = 10'000;
// With it timestamps are microseconds, without a rounding of theirs.
constexpr std::pair<const char*, const char*> exact_timestamps{"formatOptions.useInt64Timestamp", "true"};

template <class T>
std::optional<T> number_in(const std::string& text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Value decimal(const std::string& text) {
  const std::size_t dot = text.find('.');
  const bool is_whole = dot == std::string::npos || text.find_first_not_of('0', dot + 1) == std::string::npos;
  if (is_whole) {
    if (const auto whole = number_in<std::int64_t>(text.substr(0, dot))) return *whole;
    return text;  // over 64 bits
  }
  if (const auto number = number_in<double>(text)) return *number;
  return text;
}

Value timestamp(const std::string& text) {
  if (const auto microseconds = number_in<std::int64_t>(text)) return format_time(Time(Duration(*microseconds)));
  if (const auto seconds = number_in<double>(text)) return format_time(Time(from_seconds(*seconds)));
  return text;
}

Value scalar(const std::string& type, const std::string& text) {
  if (type == "INTEGER" || type == "INT64") {
    if (const auto number = number_in<std::int64_t>(text)) return *number;
  } else if (type == "FLOAT" || type == "FLOAT64") {
    if (const auto number = number_in<double>(text); number && std::isfinite(*number)) return *number;
  } else if (type == "BOOLEAN" || type == "BOOL") {
    return text == "true" || text == "TRUE";
  } else if (type == "NUMERIC" || type == "BIGNUMERIC") {
    return decimal(text);
  } else if (type == "TIMESTAMP") {
    return timestamp(text);
  } else if (type == "JSON") {
    if (auto json = parse_json(text)) return *std::move(json);
  }
  return text;
}

Value value_of(const Value& field, const Value& cell);

Value one_value(const Value& field, const Value& value) {
  if (value.is_null()) return {};
  const std::string type = field.get_string("type");
  if (type == "RECORD" || type == "STRUCT") return bigquery_object(field.at("fields"), value);
  return value.is_string() ? scalar(type, value.as_string()) : value;
}

Value value_of(const Value& field, const Value& cell) {
  const Value* value = cell.get("v");
  if (value == nullptr) return {};
  if (field.get_string("mode") != "REPEATED") return one_value(field, *value);
  Array list;
  if (!value->is_array()) return list;
  for (const Value& item : value->as_array()) {
    const Value* inner = item.get("v");
    list.push_back(inner == nullptr ? Value() : one_value(field, *inner));
  }
  return list;
}

// Throws where the answer is none: its shape is the server's, not ours.
const Array& cells_of(const Value& row) {
  const Value* cells = row.get("f");
  if (cells == nullptr || !cells->is_array()) throw TaskFailed("BigQuery: a row of the answer has no fields");
  return cells->as_array();
}

Value fields_of_schema(const Value& answer) {
  const Value* schema = answer.get("schema");
  const Value* fields = schema == nullptr ? nullptr : schema->get("fields");
  return fields == nullptr ? Value(Array{}) : *fields;
}

Array rows_in(Value& page) {
  Value* rows = page.is_object() ? page.as_object().find("rows") : nullptr;
  return rows != nullptr && rows->is_array() ? std::move(rows->as_array()) : Array();
}

// Takes the rows of a page over; the token of the next one, empty at the end.
std::string take_page(BigQuery& bigquery, BigQueryPage page, BigQueryRows& all, std::int64_t most) {
  if (all.fields.is_null()) all.fields = std::move(page.fields);
  for (Value& row : page.rows) {
    bigquery.context().memory.take(operators::bytes_of(row), "the rows");
    if (static_cast<std::int64_t>(all.rows.size()) < most) all.rows.push_back(std::move(row));
  }
  if (static_cast<std::int64_t>(all.rows.size()) >= most) return {};
  return std::move(page.next);
}

net::QueryItems page_query(std::int64_t left, const std::string& token) {
  net::QueryItems query{exact_timestamps, {"maxResults", std::to_string(std::clamp<std::int64_t>(left, 0, rows_of_a_page))}};
  if (!token.empty()) query.emplace_back("pageToken", token);
  return query;
}

// Of a schema those with these names (all without any), in the schema's order: in that rows come.
Value chosen(const Value& fields, std::vector<std::string> names) {
  if (names.empty()) return fields;
  Array list;
  for (const Value& field : fields.as_array()) {
    if (std::erase(names, field.get_string("name")) > 0) list.push_back(field);
  }
  if (!names.empty())
    throw operators::TaskFailedForGood(fmt::format("the argument selected_fields: the table has no column {}", names.front()));
  return list;
}

std::string names_of(const Value& fields) {
  std::string names;
  for (const Value& field : fields.as_array()) names += (names.empty() ? "" : ",") + field.get_string("name");
  return names;
}

}  // namespace

std::optional<std::string> bigquery_text(const Value& field, const Value& cell) {
  const Value* value = cell.get("v");
  if (value == nullptr || value->is_null()) return std::nullopt;
  const std::string type = field.get_string("type");
  if (value->is_string() && field.get_string("mode") != "REPEATED" && type != "TIMESTAMP") return value->as_string();
  Value read = value_of(field, cell);
  return read.is_string() ? read.as_string() : to_json(read);
}

Array bigquery_row(const Value& fields, const Value& row) {
  const Array& cells = cells_of(row);
  const Array& columns = fields.as_array();
  Array values;
  values.reserve(cells.size());
  for (std::size_t i = 0; i < std::min(cells.size(), columns.size()); ++i) values.push_back(value_of(columns[i], cells[i]));
  return values;
}

Object bigquery_object(const Value& fields, const Value& row) {
  Array values = bigquery_row(fields, row);
  Object object;
  for (std::size_t i = 0; i < values.size(); ++i) object.set(fields.as_array()[i].get_string("name"), std::move(values[i]));
  return object;
}

Value fields_of_table(const Value& resource, std::vector<std::string> columns) {
  return chosen(fields_of_schema(resource), std::move(columns));
}

asio::awaitable<BigQueryPage> page_of_table(BigQuery& bigquery, BigQueryTable table, Value fields, std::int64_t most,
                                            std::string token) {
  net::QueryItems query = page_query(most, token);
  query.emplace_back("selectedFields", names_of(fields));
  Value page = co_await bigquery.get(path_of_table(table) + "/data", query, "rows of " + table.text());
  co_return BigQueryPage{.fields = std::move(fields), .rows = rows_in(page), .next = page.get_string("pageToken")};
}

asio::awaitable<BigQueryPage> page_of_job(BigQuery& bigquery, BigQueryJob job, std::int64_t most, std::string token) {
  net::QueryItems query = page_query(most, token);
  if (!job.location.empty()) query.emplace_back("location", job.location);
  const std::string path = fmt::format("{}/queries/{}", percent_encoded(job.project), percent_encoded(job.id));
  for (;;) {
    Value page = co_await bigquery.get(path, query, "rows of job " + job.text());
    if (!page.get_bool("jobComplete", true)) continue;  // the server waits some seconds itself
    co_return BigQueryPage{.fields = fields_of_schema(page), .rows = rows_in(page), .next = page.get_string("pageToken")};
  }
}

asio::awaitable<BigQueryRows> rows_of_table(BigQuery& bigquery, BigQueryTable table, std::int64_t most,
                                            std::vector<std::string> columns) {
  const Value resource = co_await bigquery.get(path_of_table(table), {}, table.text());
  BigQueryRows all{.fields = fields_of_table(resource, std::move(columns)), .rows = {}};
  std::string token;
  do {
    const std::int64_t left = most - static_cast<std::int64_t>(all.rows.size());
    BigQueryPage page = co_await page_of_table(bigquery, table, all.fields, left, std::move(token));
    token = take_page(bigquery, std::move(page), all, most);
  } while (!token.empty());
  co_return all;
}

asio::awaitable<std::shared_ptr<BigQueryPages>> BigQueryPages::open(std::shared_ptr<BigQuery> bigquery, BigQueryTable table,
                                                                    std::vector<std::string> columns,
                                                                    std::int64_t rows_at_once) {
  const Value resource = co_await bigquery->get(path_of_table(table), {}, table.text());
  Value fields = fields_of_table(resource, std::move(columns));
  co_return std::make_shared<BigQueryPages>(std::move(bigquery), std::move(table), std::move(fields), rows_at_once);
}

BigQueryPages::BigQueryPages(std::shared_ptr<BigQuery> bigquery, BigQueryTable table, Value fields, std::int64_t rows_at_once)
    : bigquery_(std::move(bigquery)), table_(std::move(table)), fields_(std::move(fields)), rows_at_once_(rows_at_once) {}

BigQueryPages::~BigQueryPages() {
  bigquery_->context().memory.release(held_);
}

asio::awaitable<Array> BigQueryPages::next() {
  bigquery_->context().memory.release(std::exchange(held_, 0));
  Array rows;
  // A page may be empty and not the last one.
  while (rows.empty() && !is_over_) {
    BigQueryPage page = co_await page_of_table(*bigquery_, table_, fields_, rows_at_once_, std::move(token_));
    token_ = std::move(page.next);
    is_over_ = token_.empty();
    std::size_t bytes = 0;
    for (const Value& row : page.rows) bytes += operators::bytes_of(row);
    bigquery_->context().memory.take(bytes, "a page of rows");
    held_ = bytes;
    rows = std::move(page.rows);
  }
  co_return rows;
}

asio::awaitable<BigQueryRows> rows_of_job(BigQuery& bigquery, BigQueryJob job, std::int64_t most) {
  BigQueryRows all;
  std::string token;
  do {
    const std::int64_t left = most - static_cast<std::int64_t>(all.rows.size());
    BigQueryPage page = co_await page_of_job(bigquery, job, left, std::move(token));
    token = take_page(bigquery, std::move(page), all, most);
  } while (!token.empty());
  co_return all;
}

asio::awaitable<BigQueryRows> rows_of_query(BigQuery& bigquery, std::string sql, Object parameters) {
  Array given;
  for (const auto& [name, value] : parameters) {
    given.push_back(
        Object{{"name", name}, {"parameterType", Object{{"type", "STRING"}}}, {"parameterValue", Object{{"value", value}}}});
  }
  constexpr int patience_ms = 10'000;
  Object body{{"query", std::move(sql)},  {"useLegacySql", false},
              {"parameterMode", "NAMED"}, {"queryParameters", std::move(given)},
              {"timeoutMs", patience_ms}, {"formatOptions", Object{{"useInt64Timestamp", true}}}};
  if (!bigquery.location.empty()) body.set("location", bigquery.location);
  Value answer =
      co_await bigquery.call("POST", percent_encoded(bigquery.project) + "/queries", {}, Value(std::move(body)), "query");
  if (answer.get_bool("jobComplete", true)) {
    BigQueryPage page{.fields = fields_of_schema(answer), .rows = rows_in(answer), .next = {}};
    BigQueryRows all;
    (void)take_page(bigquery, std::move(page), all, rows_of_a_page);
    co_return all;
  }
  const Value& reference = answer.at("jobReference");
  BigQueryJob job{.project = reference.get_string("projectId"),
                  .id = reference.get_string("jobId"),
                  .location = reference.get_string("location")};
  co_return co_await rows_of_job(bigquery, std::move(job), rows_of_a_page);
}

asio::awaitable<bool> has_partition(BigQuery& bigquery, BigQueryTable table, std::string partition) {
  // Not by tables.get of "table$partition": that is there for each name.
  if (const auto found = co_await bigquery.find(path_of_table(table), {}, table.text()); !found) co_return false;
  std::string sql = fmt::format(
      "SELECT 1 FROM `{}`.`{}`.INFORMATION_SCHEMA.PARTITIONS WHERE table_name = @table_name AND partition_id = @partition_id "
      "LIMIT 1",
      table.project, table.dataset);
  Object parameters{{"table_name", table.table}, {"partition_id", std::move(partition)}};
  const BigQueryRows rows = co_await rows_of_query(bigquery, std::move(sql), std::move(parameters));
  co_return !rows.rows.empty();
}

}  // namespace venturi::providers
