#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "operators/cells.h"
#include "operators/mover_try.h"
#include "operators/outcome.h"
#include "providers/parquet/parquet_reader.h"
#include "providers/parquet/parquet_rows.h"
#include "providers/rows/csv_style.h"
#include "providers/rows/new_file.h"

namespace venturi::providers {
namespace {

using operators::Arguments;
using operators::MoverTry;
using operators::TaskFailed;

// Whether all that the column may have is of that type.
bool is_of(const ArrowColumn& column, ColumnType type) {
  if (column.values().kind == ArrowColumn::Kind::null) return true;
  const bool is_date = column.values().kind == ArrowColumn::Kind::date;
  return column_type(column) == type || (type == ColumnType::timestamp && is_date);
}

bool is_number_or_time(const ArrowColumn& column) {
  const ArrowColumn::Kind kind = column.values().kind;
  return kind >= ArrowColumn::Kind::boolean && kind <= ArrowColumn::Kind::timestamp && kind != ArrowColumn::Kind::text &&
         kind != ArrowColumn::Kind::bytes;
}

// The columns that are wanted, by their number. Throws TaskFailed with all that is wrong.
std::vector<int> chosen(const ParquetReader& reader, const std::string& path, const std::optional<std::vector<Column>>& wanted,
                        bool checks) {
  std::vector<int> numbers;
  std::vector<std::string> names, problems;
  for (const ArrowColumn& column : reader.columns()) names.push_back(column.name);
  if (!wanted) {
    for (std::size_t c = 0; c < names.size(); ++c) {
      (void)reader.find(names[c]);
      numbers.push_back(static_cast<int>(c));
    }
    return numbers;
  }
  for (const Column& column : *wanted) {
    const int number = reader.find(column.name);
    if (number < 0) {
      problems.push_back(fmt::format("there is no column {} (there are: {})", column.name, fmt::join(names, ", ")));
      continue;
    }
    const ArrowColumn& there = reader.columns()[static_cast<std::size_t>(number)];
    if (checks && !is_of(there, column.type))
      problems.push_back(
          fmt::format("the column {} is {}, not {}", column.name, there.values().type_name, to_string(column.type)));
    numbers.push_back(number);
  }
  if (!problems.empty()) throw TaskFailed(fmt::format("{}: {}", path, fmt::join(problems, "; ")));
  return numbers;
}

class ParquetRowSource final : public RowSource {
 public:
  ParquetRowSource(const MoverTry& t, const Arguments& arguments, bool checks)
      : reader_(absolute_file("path", arguments.string("path")), t.stop) {
    name_ = arguments.string("path");
    auto columns = operators::columns_of(arguments);
    const std::vector<int> numbers = chosen(reader_, name_, columns, checks);
    if (columns) {
      columns_ = *std::move(columns);
    } else {
      for (const ArrowColumn& column : reader_.columns()) columns_.push_back({column.name, column_type(column)});
    }
    reader_.read(numbers);
    values_.resize(columns_.size());
  }
  bool next() override {
    if (++row_ >= reader_rows_) {
      if (!reader_.next()) return false;
      row_ = 0;
      reader_rows_ = reader_.batch_rows();
    }
    for (std::size_t c = 0; c < values_.size(); ++c) values_[c] = json_value(reader_.column(c), reader_.array(c), row_);
    return true;
  }
  [[nodiscard]] const std::vector<Value>& values() const override { return values_; }
  [[nodiscard]] std::string place() const override {
    return fmt::format("{}, row {}", name_, reader_.rows_before() + row_ + 1);
  }

 private:
  ParquetReader reader_;
  std::int64_t row_ = -1, reader_rows_ = 0;
  std::vector<Value> values_;
};

}  // namespace

std::unique_ptr<RowSource> open_parquet(MoverTry& t, const Arguments& arguments, bool checks) {
  return std::make_unique<ParquetRowSource>(t, arguments, checks);
}

bool may_go_by_columns(const Arguments& arguments) {
  if (arguments.find("json_schema") != nullptr) return false;
  const auto columns = operators::columns_of(arguments);
  // What is to become of another type goes value by value; as text it is what it is.
  return !columns || std::ranges::all_of(*columns, [](const Column& column) { return column.type == ColumnType::string; });
}

Value move_parquet_to_csv(MoverTry& t, const Arguments& arguments) {
  const std::string path = absolute_file("path", arguments.string("path"));
  ParquetReader reader(path, t.stop);
  const auto wanted = operators::columns_of(arguments);
  const std::vector<int> numbers = chosen(reader, path, wanted, false);
  const CsvStyle style(arguments);
  NewFile file(absolute_file("output_path", arguments.string("output_path")), t.facts.ti_id);
  EncodedFile out(file, arguments.string("encoding", "utf-8"),
                  compression_of(arguments, "compression", arguments.string("output_path")));
  reader.read(numbers);
  std::string lines;
  if (arguments.boolean("header", true)) {
    for (std::size_t c = 0; c < numbers.size(); ++c) {
      if (c > 0) lines += style.delimiter();
      style.append(lines, reader.columns()[static_cast<std::size_t>(numbers[c])].name);
    }
    lines += '\n';
  }
  std::int64_t rows = 0;
  std::string cell;
  // Of each column, whether its texts never need quotes.
  std::vector<bool> is_plain;
  for (std::size_t c = 0; c < reader.width(); ++c)
    is_plain.push_back(style.numbers_are_plain() && is_number_or_time(reader.column(c)));
  while (reader.next()) {
    for (std::int64_t row = 0; row < reader.batch_rows(); ++row) {
      for (std::size_t c = 0; c < reader.width(); ++c) {
        if (c > 0) lines += style.delimiter();
        const ArrowColumn& column = reader.column(c);
        const ArrowArray& array = reader.array(c);
        if (is_null(column, array, row)) {
          lines += style.null_text();
        } else if (column.kind == ArrowColumn::Kind::text && !column.dictionary) {
          style.append(lines, text_view(column, array, row));
        } else if (is_plain[c]) {
          append_text(lines, column, array, row);
        } else {
          cell.clear();
          append_text(cell, column, array, row);
          style.append(lines, cell);
        }
      }
      lines += '\n';
    }
    rows += reader.batch_rows();
    out.put(lines);
    lines.clear();
  }
  out.put(lines);
  out.finish();
  file.finish();
  t.log.info(
      fmt::format("read {} and wrote {} rows, {} bytes, to {}", path, rows, file.size(), arguments.string("output_path")));
  return arguments.string("output_path");
}

}  // namespace venturi::providers
