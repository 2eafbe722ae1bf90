#include "providers/postgres/pg_export.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "operators/outcome.h"
#include "providers/postgres/csv_fields.h"
#include "providers/postgres/sql_split.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::TaskFailedForGood;

constexpr std::size_t export_page_bytes = 512UL << 10U;
constexpr Oid json_oid = 114, jsonb_oid = 3802;
constexpr const char* rows_name = "venturi_rows";

bool is_among(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

void check_columns(const std::vector<PgField>& fields, const ExportQuery& query) {
  if (fields.empty()) throw TaskFailedForGood("the sql returns no columns: it must be a query, like SELECT");
  std::string names;
  for (const PgField& field : fields) names += (names.empty() ? "" : ", ") + field.name;
  for (const auto* wanted : {&query.exclude_columns, &query.partition_columns}) {
    for (const std::string& name : *wanted) {
      if (std::ranges::find(fields, name, &PgField::name) == fields.end())
        throw TaskFailedForGood(fmt::format("the query has no column {} (it has: {})", name, names));
    }
  }
  const bool by_name = query.format == ExportFormat::json || !query.exclude_columns.empty() || !query.partition_columns.empty();
  for (const PgField& field : fields) {
    if (by_name && std::ranges::count(fields, field.name, &PgField::name) > 1)
      throw TaskFailedForGood(fmt::format("the query has two columns named {}: give one another name (AS ...)", field.name));
  }
}

// COPY's text format escapes what JSON has raw: the backslashes of JSON's own escapes, and line breaks between the parts of a
// value of type json, where a blank says the same.
std::size_t unescape_json(char* text, std::size_t size) {
  const auto* first = static_cast<char*>(std::memchr(text, '\\', size));
  if (first == nullptr) return size;
  char* to = text + (first - text);
  const char* const end = text + size;
  for (const char* from = to; from != end; ++from) {
    if (*from != '\\' || from + 1 == end) {
      *to++ = *from;
      continue;
    }
    ++from;
    *to++ = *from == '\\' ? '\\' : ' ';
  }
  return static_cast<std::size_t>(to - text);
}

}  // namespace

std::string PgExport::copy_statement(const std::vector<PgField>& given) const {
  const auto name_of = [&](const std::string& name) { return session_->quoted_name(name); };
  std::string prefix, columns;
  for (const std::string& name : query_.partition_columns) prefix += name_of(name) + "::text, ";
  bool as_it_stands = query_.partition_columns.empty() && query_.exclude_columns.empty();
  for (const PgField& field : given) {
    if (is_among(query_.exclude_columns, field.name)) continue;
    const bool as_text = query_.stringify_dict && (field.type == json_oid || field.type == jsonb_oid);
    as_it_stands = as_it_stands && !(as_text && query_.format == ExportFormat::json);
    columns += (columns.empty() ? "" : ", ") + name_of(field.name);
    if (as_text && query_.format == ExportFormat::json) columns += "::text AS " + name_of(field.name);
  }
  // The line feed ends a comment that the query may end with.
  if (query_.format == ExportFormat::csv) {
    const std::string options =
        fmt::format("FORMAT csv, HEADER true, DELIMITER {}, NULL {}", session_->literal(std::string(1, query_.delimiter)),
                    session_->literal(query_.null_text));
    if (as_it_stands) return fmt::format("COPY ({}\n) TO STDOUT ({})", query_.sql, options);
    return fmt::format("COPY (SELECT {}{} FROM ({}\n) AS {}) TO STDOUT ({})", prefix, columns, query_.sql, rows_name, options);
  }
  if (as_it_stands) return fmt::format("COPY (SELECT row_to_json({0}) FROM ({1}\n) AS {0}) TO STDOUT", rows_name, query_.sql);
  return fmt::format(
      "COPY (SELECT {0}(SELECT row_to_json(venturi_row) FROM (SELECT {1}) AS venturi_row) FROM ({2}\n) AS {3}) TO STDOUT",
      prefix, columns, query_.sql, rows_name);
}

asio::awaitable<std::shared_ptr<PgExport>> PgExport::begin(std::shared_ptr<PgSession> session, ExportQuery query) {
  query.sql = without_last_semicolon(query.sql);
  // What makes texts of values the same everywhere, until the end of the transaction.
  co_await session->execute(
      "BEGIN; SET LOCAL timezone TO 'UTC'; SET LOCAL datestyle TO 'ISO'; SET LOCAL bytea_output TO 'hex'; SET LOCAL "
      "extra_float_digits TO 1; SET LOCAL intervalstyle TO 'postgres'");
  auto exported = std::make_shared<PgExport>(std::move(session), std::move(query));
  const std::vector<PgField> given = co_await exported->session_->describe(exported->query_.sql);
  check_columns(given, exported->query_);
  for (const PgField& field : given) {
    if (!is_among(exported->query_.exclude_columns, field.name)) exported->fields_.push_back(field);
  }
  if (exported->fields_.empty()) throw TaskFailedForGood("exclude_columns leaves no column");
  co_await exported->session_->begin_pages(exported->copy_statement(given), {});
  co_return exported;
}

void PgExport::split(ExportPage& page, const std::vector<std::uint32_t>& ends) {
  std::size_t begin = 0;
  page.rows.reserve(ends.size());
  const std::size_t prefixes = query_.partition_columns.size();
  for (const std::uint32_t end : ends) {
    std::size_t size = end - begin, at = 0;
    char* const text = page.bytes.data() + begin;
    const std::string_view whole(text, size);
    const bool is_json = query_.format == ExportFormat::json;
    for (std::size_t i = 0; i < prefixes; ++i) {
      const std::size_t tab = is_json ? std::min(whole.find('\t', at), size) : end_of_csv_field(whole, at, query_.delimiter);
      at = std::min(tab + 1, size);
    }
    const std::string_view partition = whole.substr(0, at);
    if (is_json && at < size) {
      size = at + unescape_json(text + at, size - at - 1);
      text[size++] = '\n';
    }
    const std::string_view line(text + at, size - at);
    begin = end;
    if (!is_json && !std::exchange(has_header_, true))
      header_ = line;
    else
      page.rows.push_back({line, partition});
  }
}

asio::awaitable<std::shared_ptr<const ExportPage>> PgExport::next() {
  PgPage taken = co_await session_->next_page({}, export_page_bytes);
  auto page = std::make_shared<ExportPage>();
  page->bytes = std::move(taken.copy);
  page->is_last = taken.is_last;
  split(*page, taken.copy_ends);
  co_return page;
}

std::vector<std::string> PgExport::partition_values(std::string_view partition) const {
  std::vector<std::string> values;
  const bool is_json = query_.format == ExportFormat::json;
  for (std::size_t at = 0; values.size() < query_.partition_columns.size();) {
    const std::size_t end =
        is_json ? std::min(partition.find('\t', at), partition.size()) : end_of_csv_field(partition, at, query_.delimiter);
    const std::string_view field = partition.substr(at, end - at);
    if (field == (is_json ? std::string_view("\\N") : std::string_view(query_.null_text)))
      values.emplace_back("None");
    else if (is_json && field.find('\\') != std::string_view::npos)
      throw TaskFailedForGood(
          fmt::format("the value {} of a partition column has a backslash or a line break: it is no part of a name", field));
    else
      values.push_back(is_json ? std::string(field) : csv_value(field));
    at = end + 1;
  }
  return values;
}

asio::awaitable<void> PgExport::end() {
  return session_->execute("COMMIT");
}

}  // namespace venturi::providers
