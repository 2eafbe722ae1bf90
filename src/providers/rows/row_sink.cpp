#include "providers/rows/row_sink.h"

#include <fmt/format.h>

#include "operators/cells.h"
#include "operators/mover_try.h"
#include "operators/outcome.h"
#include "providers/rows/csv_input.h"
#include "providers/rows/new_file.h"
#include "providers/rows/typed_value.h"

namespace venturi::providers {
namespace {

using operators::Arguments;
using operators::MoverTry;
using operators::TaskFailedForGood;

// What both text formats have in common.
class TextSink : public RowSink {
 public:
  TextSink(const MoverTry& t, const Arguments& arguments, std::vector<Column> columns)
      : columns_(std::move(columns)),
        file_(absolute_file("output_path", arguments.string("output_path")), t.facts.ti_id),
        out_(file_, arguments.string("encoding", "utf-8")) {
    name_ = arguments.string("output_path");
  }
  Value finish() override {
    out_.flush();
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
      : TextSink(t, arguments, std::move(columns)), null_(arguments.string("null_text")), delimiter_(delimiter_of(arguments)) {
    if (null_.find_first_of("\r\n\"") != std::string::npos || null_.find(delimiter_) != std::string::npos)
      throw TaskFailedForGood("the argument null_text must have no quote, no line break and no delimiter in it");
    if (!arguments.boolean("header", true)) return;
    for (const Column& column : columns_) append(column.name);
    end_line();
  }
  std::int64_t put(const std::vector<Value>& row) override {
    for (const Value& value : row) {
      if (value.is_null())
        append_raw(null_);
      else
        append(plain_text(value));
    }
    end_line();
    return 0;
  }

 private:
  void append_raw(std::string_view text) {
    if (!is_first_) line_ += delimiter_;
    is_first_ = false;
    line_ += text;
  }
  // Quoted where it would be read as something else, null included.
  void append(const std::string& text) {
    const bool plain = text != null_ && !text.empty() && text.find_first_of("\"\r\n") == std::string::npos &&
                       text.find(delimiter_) == std::string::npos;
    if (plain) return append_raw(text);
    append_raw("\"");
    for (const char c : text) {
      if (c == '"') line_ += '"';
      line_ += c;
    }
    line_ += '"';
  }
  void end_line() {
    line_ += '\n';
    out_.put(line_);
    line_.clear();
    is_first_ = true;
  }

  std::string null_, line_;
  char delimiter_;
  bool is_first_ = true;
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
  return std::make_unique<RunFileSink>(t, arguments, columns);
}

}  // namespace venturi::providers
