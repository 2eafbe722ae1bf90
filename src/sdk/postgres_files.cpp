// COPY between PostgreSQL and files: of the run, and CSV. The file is the task's, the connection the host's.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/errno_error.h"
#include "base/fd.h"
#include "sdk/postgres_calls.h"
#include "sdk/whole_file.h"

namespace venturi::inline sdk {
namespace {

constexpr std::size_t piece = 512UL << 10U;

// COPY ... FROM STDIN, in pieces. What goes wrong on the way ends it in vain.
class CopyIn {
 public:
  CopyIn(const detail::PgTarget& target, const std::string& sql)
      : target_(target), number_(internal::call_postgres(target, "copy_in", {{"sql", sql}}).get_int("copy")) {}
  ~CopyIn() {
    if (number_ == 0) return;
    try {
      (void)internal::call_postgres(target_, "end", {{"copy", number_}, {"error", "the task gave up"}});
    } catch (const std::exception&) {
      return;
    }
  }
  CopyIn(const CopyIn&) = delete;
  CopyIn& operator=(const CopyIn&) = delete;

  void put(std::string& data) {
    (void)internal::call_postgres(target_, "put", {{"copy", number_}, {"data", std::move(data)}});
    data.clear();
  }
  std::int64_t finish() {
    const std::int64_t number = std::exchange(number_, 0);
    return internal::call_postgres(target_, "end", {{"copy", number}}).get_int("affected");
  }

 private:
  const detail::PgTarget& target_;
  std::int64_t number_;
};

// COPY's text format (postgresql.org/docs/15/sql-copy.html).
void append_text(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += c;
    }
  }
}

void append_cell(std::string& out, const Cell& cell) {
  switch (cell.type) {
    case ColumnType::boolean:
      out += cell.integer != 0 ? 't' : 'f';
      break;
    case ColumnType::int64:
      out += std::to_string(cell.integer);
      break;
    case ColumnType::float64:
      out += to_json(Value(cell.real));
      break;
    case ColumnType::string:
      append_text(out, cell.text);
      break;
    case ColumnType::timestamp:
      out += format_time(Time(Duration(cell.integer)));
      break;
  }
}

std::string csv_format(const CsvCopyOptions& o) {
  std::string quoted;
  for (const char c : o.null_text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  std::string delimiter = o.delimiter == '\'' ? std::string("''") : std::string(1, o.delimiter);
  return " WITH (FORMAT csv, HEADER " + std::string(o.header ? "true" : "false") + ", DELIMITER '" + delimiter + "', NULL '" +
         quoted + "')";
}

}  // namespace

std::int64_t PostgresStatements::load_file(std::string_view table, const RunFile& file) const {
  RunFileReader reader(file.absolute_path());
  std::vector<std::string> names;
  for (const Column& column : reader.columns()) names.push_back(column.name);
  CopyIn copy(target_, "COPY " + internal::quoted_table(table) + " " + internal::name_list(names) + " FROM STDIN");
  std::string rows;
  while (reader.next()) {
    for (std::size_t c = 0; c < names.size(); ++c) {
      const Cell& cell = reader.cell(c);
      if (c > 0) rows += '\t';
      if (cell.state == Cell::State::unreadable) {
        throw RunFileError(file.path + ", row " + std::to_string(reader.rows_read()) + ", column " + names[c] + ": '" +
                           std::string(cell.text) + "' is no value of type " +
                           std::string(to_string(reader.columns()[c].type)));
      }
      if (cell.state == Cell::State::null)
        rows += "\\N";
      else
        append_cell(rows, cell);
    }
    rows += '\n';
    if (rows.size() >= piece) copy.put(rows);
  }
  if (!rows.empty()) copy.put(rows);
  return copy.finish();
}

std::int64_t PostgresStatements::load_csv(std::string_view table, const std::string& path,
                                          const CsvCopyOptions& options) const {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) throw errno_error("read " + path);
  const std::string names = internal::name_list(options.target_fields);
  CopyIn copy(target_, "COPY " + internal::quoted_table(table) + (names.empty() ? "" : " ") + names + " FROM STDIN" +
                           csv_format(options));
  for (std::string bytes;;) {
    bytes.resize(piece);
    const ssize_t n = ::read(file.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw errno_error("read " + path);
    if (n == 0) break;
    bytes.resize(static_cast<std::size_t>(n));
    copy.put(bytes);
  }
  return copy.finish();
}

std::int64_t PostgresStatements::to_csv(std::string_view sql, const std::string& path, const CsvCopyOptions& options) const {
  std::string query(sql);
  while (!query.empty() && (query.back() == ';' || query.back() == ' ' || query.back() == '\n')) query.pop_back();
  internal::WholeFile file(path);
  internal::PgPages pages(target_, "copy_out", {{"sql", "COPY (" + query + "\n) TO STDOUT" + csv_format(options)}});
  do {
    file.write(pages.page.get_string("data"));
  } while (pages.next());
  file.finish();
  return pages.page.get_int("affected", -1);
}

RunFile PostgresStatements::write_file(std::string_view sql, Value parameters, std::string name) const {
  internal::PgPages pages(target_, "run", {{"sql", sql}, {"parameters", std::move(parameters)}, {"as", Object{{"*", "text"}}}});
  const Value& page = pages.page;
  if (!page.get_bool("has_rows")) throw ConversionError("the statement returns no rows: a file cannot be made of it");
  std::vector<Column> columns;
  for (std::size_t c = 0; c < page.at("columns").as_array().size(); ++c) {
    const auto type = parse_column_type(page.at("types").as_array().at(c).as_string());
    columns.push_back({page.at("columns").as_array()[c].as_string(), type.value_or(ColumnType::string)});
  }
  RunFileWriter writer = target_.context.create_run_file(std::move(name), std::move(columns));
  std::vector<TextCell> cells;
  do {
    for (const Value& row : page.at("rows").as_array()) {
      cells.clear();
      for (const Value& cell : row.as_array())
        cells.push_back(cell.is_null() ? TextCell{{}, true} : TextCell{cell.as_string(), false});
      (void)writer.text_row(cells.data(), cells.size());
    }
  } while (pages.next());
  return writer.finish();
}

}  // namespace venturi::inline sdk
