// The rows of a query as lines of CSV or JSON files, which the server itself makes: COPY. Memory does not grow with them.
//
//   CSV    RFC 4180 with line feeds; NULL is `null_text` without quotes, a text that looks like it has quotes; the first line
//   has
//          the names
//   JSON   an object a line, without raw line breaks
//
//   boolean          t, f                              true, false
//   numeric          all of its digits                 a number with all of them; NaN and the infinities as text
//   timestamptz      2026-01-31 10:20:30.25+00         "2026-01-31T10:20:30.25+00:00": in UTC, whatever the zone of the
//   database timestamp, date  as they stand, without a zone arrays, json     {1,2}; its text                   a list; the
//   value, or with stringify_dict its text bytea            \x00ff
//
// The query runs in a transaction that is committed by end() alone: one that writes (DELETE ... RETURNING) leaves no trace
// where the objects did not get there.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "providers/postgres/pg_session.h"

namespace venturi::providers {

enum class ExportFormat : std::uint8_t { csv, json };

struct ExportQuery {
  std::string sql;  // one statement that returns rows, parameters in it
  ExportFormat format = ExportFormat::csv;
  char delimiter = ',';
  std::string null_text = {};
  bool stringify_dict = false;
  std::vector<std::string> exclude_columns = {};
  std::vector<std::string> partition_columns = {};
};

struct ExportRow {
  std::string_view line;       // with its line feed
  std::string_view partition;  // the texts of the partition columns, as they stand in COPY's format; good for comparing
};

struct ExportPage {
  std::string bytes;  // what the rows stand in
  std::vector<ExportRow> rows;
  bool is_last = false;
};

class PgExport {
 public:
  // Begins it. Throws TaskFailed for what the server says, TaskFailedForGood for what cannot be exported so.
  [[nodiscard]] static boost::asio::awaitable<std::shared_ptr<PgExport>> begin(std::shared_ptr<PgSession> session,
                                                                               ExportQuery query);
  PgExport(std::shared_ptr<PgSession> session, ExportQuery query) : session_(std::move(session)), query_(std::move(query)) {}

  // Of CSV: the line of names.
  [[nodiscard]] const std::string& header() const { return header_; }
  // Those that are exported, with their types.
  [[nodiscard]] const std::vector<PgField>& fields() const { return fields_; }
  [[nodiscard]] boost::asio::awaitable<std::shared_ptr<const ExportPage>> next();
  // The values behind ExportRow::partition; NULL is "None", as Python writes it.
  [[nodiscard]] std::vector<std::string> partition_values(std::string_view partition) const;
  // After the last page: everything that was made of the rows is there.
  [[nodiscard]] boost::asio::awaitable<void> end();

 private:
  [[nodiscard]] std::string copy_statement(const std::vector<PgField>& given) const;
  void split(ExportPage& page, const std::vector<std::uint32_t>& ends);

  std::shared_ptr<PgSession> session_;
  ExportQuery query_;
  std::vector<PgField> fields_;
  std::string header_;
  bool has_header_ = false;
};

}  // namespace venturi::providers
