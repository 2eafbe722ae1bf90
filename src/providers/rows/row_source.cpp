#include "providers/rows/row_source.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/time.h"
#include "operators/cells.h"
#include "operators/mover_try.h"
#include "operators/outcome.h"
#include "providers/parquet/parquet_rows.h"
#include "providers/rows/csv_input.h"
#include "providers/rows/json_lines.h"

namespace venturi::providers {
namespace {

using operators::Arguments;
using operators::MoverTry;
using operators::TaskFailed;

class CsvRowSource final : public RowSource {
 public:
  CsvRowSource(const MoverTry& t, const Arguments& arguments, std::optional<std::vector<Column>> columns)
      : input_(arguments, columns, t.stop) {
    name_ = arguments.string("path");
    if (columns) {
      columns_ = *std::move(columns);
    } else {
      for (const std::string& column : input_.reader->header()) columns_.push_back({column, ColumnType::string});
    }
    for (const Column& column : columns_) places_.push_back(input_.reader->place_of(column.name));
    values_.resize(columns_.size());
  }
  bool next() override {
    if (!input_.reader->next()) return false;
    const auto fields = input_.reader->fields();
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const bool has = places_[c] < fields.size() && !fields[places_[c]].is_null(columns_[c].type);
      values_[c] = has ? Value(fields[places_[c]].text) : Value();
    }
    return true;
  }
  [[nodiscard]] const std::vector<Value>& values() const override { return values_; }
  [[nodiscard]] std::string place() const override { return fmt::format("{}, line {}", name_, input_.reader->line()); }

 private:
  CsvInput input_;
  std::vector<std::size_t> places_;
  std::vector<Value> values_;
};

class JsonRowSource final : public RowSource {
 public:
  JsonRowSource(const MoverTry& t, const Arguments& arguments, std::optional<std::vector<Column>> columns, bool any_members)
      : reader_(arguments.string("path"), text_source(arguments, t.stop, file_)),
        is_open_(any_members && !columns),
        has_own_columns_(!columns) {
    name_ = arguments.string("path");
    if (columns) columns_ = *std::move(columns);
    if (columns_.empty() && !is_open_) {
      has_first_ = reader_.next();
      if (has_first_) {
        for (const auto& [member, value] : reader_.object().as_object()) columns_.push_back({member, ColumnType::string});
      }
    }
    values_.resize(columns_.size());
  }
  bool next() override {
    if (!std::exchange(has_first_, false) && !reader_.next()) return false;
    const Object& object = reader_.object().as_object();
    std::size_t known = 0;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const Value* member = object.find(columns_[c].name);
      values_[c] = member == nullptr ? Value() : *member;
      known += member == nullptr ? 0 : 1;
    }
    if (has_own_columns_ && !is_open_ && known < object.size()) refuse_members(object);
    return true;
  }
  [[nodiscard]] const std::vector<Value>& values() const override { return values_; }
  [[nodiscard]] Value object() const override { return reader_.object(); }
  [[nodiscard]] std::string place() const override { return fmt::format("{}, line {}", name_, reader_.line()); }

 private:
  // Nothing is left out silently.
  [[noreturn]] void refuse_members(const Object& object) const {
    for (const auto& [member, value] : object) {
      if (std::ranges::find(columns_, member, &Column::name) == columns_.end())
        throw TaskFailed(fmt::format("{}: the member {} is not on the first line: name the columns", place(), member));
    }
    throw TaskFailed(place() + ": a member is there twice");
  }

  Fd file_;
  JsonLinesReader reader_;
  bool is_open_, has_own_columns_, has_first_ = false;
  std::vector<Value> values_;
};

class RunFileSource final : public RowSource {
 public:
  RunFileSource(const MoverTry& t, const Arguments& arguments, const std::optional<std::vector<Column>>& columns)
      : file_(RunFile::from_value(*arguments.find("file"), t.run_dir)), reader_(file_.absolute_path()), stop_(t.stop) {
    name_ = file_.path;
    for (const Column& column : reader_.columns()) {
      if (!columns) places_.push_back(columns_.size());
      columns_.push_back(column);
    }
    if (columns) {
      columns_.clear();
      for (const Column& column : *columns) {
        places_.push_back(reader_.column(column.name));
        columns_.push_back(reader_.columns()[places_.back()]);
      }
    }
    values_.resize(columns_.size());
  }
  bool next() override {
    if (reader_.rows_read() % 1024 == 0) stop_.check();
    if (!reader_.next()) return false;
    for (std::size_t c = 0; c < columns_.size(); ++c) values_[c] = value_of(reader_.cell(places_[c]));
    return true;
  }
  [[nodiscard]] const std::vector<Value>& values() const override { return values_; }
  [[nodiscard]] std::string place() const override { return fmt::format("{}, row {}", name_, reader_.rows_read()); }

 private:
  static Value value_of(const Cell& cell) {
    if (cell.state == Cell::State::null) return {};
    if (cell.state == Cell::State::unreadable) return cell.text;
    switch (cell.type) {
      case ColumnType::boolean:
        return cell.integer != 0;
      case ColumnType::int64:
        return static_cast<long long>(cell.integer);
      case ColumnType::float64:
        return cell.real;
      case ColumnType::timestamp:
        return format_time(Time(Duration(cell.integer)));
      case ColumnType::string:
        break;
    }
    return cell.text;
  }

  RunFile file_;
  RunFileReader reader_;
  const operators::StopSignal& stop_;
  std::vector<std::size_t> places_;
  std::vector<Value> values_;
};

}  // namespace

Value RowSource::object() const {
  Object object;
  for (std::size_t c = 0; c < columns_.size(); ++c) object.add(columns_[c].name, values()[c]);
  return object;
}

std::unique_ptr<RowSource> open_rows(RowFormat format, MoverTry& t, const Arguments& arguments, bool checks) {
  if (format == RowFormat::parquet) return open_parquet(t, arguments, checks);
  auto columns = operators::columns_of(arguments);
  switch (format) {
    case RowFormat::csv:
      return std::make_unique<CsvRowSource>(t, arguments, std::move(columns));
    case RowFormat::json_lines:
      return std::make_unique<JsonRowSource>(t, arguments, std::move(columns), checks);
    case RowFormat::parquet:
    case RowFormat::run_file:
      break;
  }
  return std::make_unique<RunFileSource>(t, arguments, columns);
}

}  // namespace venturi::providers
