#include "providers/rows/row_sink.h"

#include <fmt/format.h>

#include "operators/cells.h"
#include "operators/mover_try.h"
#include "operators/outcome.h"
#include "providers/parquet/parquet_rows.h"
#include "providers/rows/csv_style.h"
#include "providers/rows/new_file.h"
#include "providers/rows/typed_value.h"

namespace venturi::providers {
namespace {

using operators::Arguments;
using operators::MoverTry;

// What both text formats have in common.
class TextSink : public RowSink {
 public:
  TextSink(const MoverTry& t, const Arguments& arguments, std::vector<Column> columns)
      : columns_(std::move(columns)),
        file_(absolute_file("output_path", arguments.string("output_path")), t.facts.ti_id),
        out_(file_, arguments.string("encoding", "utf-8"),
             compression_of(arguments, "compression", arguments.string("output_path"))) {
    name_ = arguments.string("output_path");
  }
  Value finish() override {
    out_.finish();
    file_.finish();
    return name_;
  }
  [[nodiscard]] std::size_t bytes() const override { return file_.size(); }

 protected:
  std::vector<Column> columns_;
  NewFile file_;
  EncodedFile out_;
};

class CsvSink final : public TextSink {
 public:
  CsvSink(const MoverTry& t, const Arguments& arguments, std::vector<Column> columns)
      : TextSink(t, arguments, std::move(columns)), style_(arguments) {
    if (!arguments.boolean("header", true)) return;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      begin(c);
      style_.append(line_, columns_[c].name);
    }
    end_line();
  }
  std::int64_t put(const std::vector<Value>& row) override {
    for (std::size_t c = 0; c < row.size(); ++c) {
      begin(c);
      if (row[c].is_null())
        line_ += style_.null_text();
      else
        style_.append(line_, plain_text(row[c]));
    }
    end_line();
    return 0;
  }

 private:
  void begin(std::size_t column) {
    if (column > 0) line_ += style_.delimiter();
  }
  void end_line() {
    line_ += '\n';
    out_.put(line_);
    line_.clear();
  }

  CsvStyle style_;
  std::string line_;
};

class JsonLinesSink final : public TextSink {
 public:
  using TextSink::TextSink;
  std::int64_t put(const std::vector<Value>& row) override {
    Object object;
    object.reserve(row.size());
    for (std::size_t c = 0; c < row.size(); ++c) object.add(columns_[c].name, row[c]);
    out_.put(to_json(Value(std::move(object))) + "\n");
    return 0;
  }
};

class RunFileSink final : public RowSink {
 public:
  RunFileSink(const MoverTry& t, const Arguments& arguments, const std::vector<Column>& columns)
      : writer_(t.run_dir, operators::file_name(arguments, t), columns), texts_(columns.size()), cells_(columns.size()) {}
  std::int64_t put(const std::vector<Value>& row) override {
    for (std::size_t c = 0; c < row.size(); ++c) {
      texts_[c] = row[c].is_null() ? std::string() : plain_text(row[c]);
      cells_[c] = {texts_[c], row[c].is_null()};
    }
    return writer_.text_row(cells_.data(), cells_.size());
  }
  Value finish() override {
    const RunFile written = writer_.finish();
    name_ = written.path;
    bytes_ = static_cast<std::size_t>(written.bytes);
    return written.to_value();
  }
  [[nodiscard]] std::size_t bytes() const override { return bytes_; }

 private:
  RunFileWriter writer_;
  std::vector<std::string> texts_;
  std::vector<TextCell> cells_;
  std::size_t bytes_ = 0;
};

}  // namespace

std::unique_ptr<RowSink> open_sink(RowFormat format, MoverTry& t, const Arguments& arguments, std::vector<Column> columns) {
  if (format == RowFormat::csv) return std::make_unique<CsvSink>(t, arguments, std::move(columns));
  if (format == RowFormat::json_lines) return std::make_unique<JsonLinesSink>(t, arguments, std::move(columns));
  if (format == RowFormat::parquet) return open_parquet_sink(t, arguments, std::move(columns));
  return std::make_unique<RunFileSink>(t, arguments, columns);
}

}  // namespace venturi::providers
