#include "venturi/rows.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <span>

#include "base/errno_error.h"
#include "base/fd.h"
#include "sdk/json_read.h"
#include "sdk/whole_file.h"

namespace venturi::inline sdk::detail {
namespace {

constexpr std::size_t longest_line = 16UL << 20U, block = 256UL << 10U;

void append_csv_field(std::string& out, const Value& value, char delimiter) {
  if (value.is_null()) return;
  const std::string text = value.is_string() ? value.as_string() : to_json(value);
  const char special[] = {delimiter, '"', '\r', '\n', '\0'};
  if (!text.empty() && text.find_first_of(special) == std::string::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace

struct RowWriter::State {
  internal::WholeFile file;
  const Type& row;
  char delimiter;  // 0: JSON lines
  std::int64_t rows = 0;
  std::string line{};

  void end_line() {
    line += '\n';
    file.write(line);
    line.clear();
  }
};

RowWriter::RowWriter(const std::string& path, const Type& row, const CsvWriteOptions& options)
    : state_(new State{internal::WholeFile(path), row, options.delimiter}) {
  if (row.fields == nullptr) throw std::invalid_argument("CsvWriter takes a VENTURI_STRUCT, not " + type_text(row));
  if (!options.header) return;
  for (const Field& field : std::span(row.fields, row.field_count)) {
    if (&field != row.fields) state_->line += options.delimiter;
    append_csv_field(state_->line, Value(field.name), options.delimiter);
  }
  state_->end_line();
}

RowWriter::RowWriter(const std::string& path, const Type& row) : state_(new State{internal::WholeFile(path), row, '\0'}) {}

RowWriter::RowWriter(RowWriter&&) noexcept = default;
RowWriter& RowWriter::operator=(RowWriter&&) noexcept = default;
RowWriter::~RowWriter() = default;

void RowWriter::write(const void* row) {
  State& s = *state_;
  if (s.delimiter == '\0') {
    Value value;
    s.row.write(s.row, row, value);
    append_json(s.line, value);
  } else {
    for (const Field& field : std::span(s.row.fields, s.row.field_count)) {
      if (&field != s.row.fields) s.line += s.delimiter;
      Value value;
      field.type->write(*field.type, static_cast<const char*>(row) + field.offset, value);
      append_csv_field(s.line, value, s.delimiter);
    }
  }
  s.end_line();
  ++s.rows;
}

std::int64_t RowWriter::finish() {
  state_->file.finish();
  return state_->rows;
}

struct JsonLines::State {
  std::string path;
  const Type& row;
  Fd fd;
  std::string buffer{};
  std::size_t at = 0;
  std::uint64_t line = 0;
  bool at_end = false;

  [[noreturn]] void fail(const std::string& what) const {
    throw JsonLinesError(path + ", line " + std::to_string(line) + ": " + what);
  }
  bool refill() {
    if (at_end) return false;
    buffer.erase(0, std::exchange(at, 0));
    if (buffer.size() > longest_line) {
      ++line;
      fail("it is longer than 16 MiB");
    }
    const std::size_t before = buffer.size();
    buffer.resize(before + block);
    ssize_t n = 0;
    do {
      n = ::read(fd.get(), buffer.data() + before, block);
    } while (n < 0 && errno == EINTR);
    if (n < 0) throw errno_error("read " + path);
    buffer.resize(before + static_cast<std::size_t>(n));
    at_end = n == 0;
    return !at_end;
  }
  // The next line that is not blank.
  bool next_line(std::string_view& text) {
    for (;;) {
      std::size_t end = buffer.find('\n', at);
      while (end == std::string::npos && refill()) end = buffer.find('\n', at);
      if (end == std::string::npos && at == buffer.size()) return false;
      const std::size_t stop = end == std::string::npos ? buffer.size() : end;
      text = std::string_view(buffer).substr(at, stop - at);
      at = end == std::string::npos ? stop : end + 1;
      ++line;
      if (text.find_first_not_of(" \t\r") != std::string_view::npos) return true;
    }
  }
};

JsonLines::JsonLines(const std::string& path, const Type& row)
    : state_(new State{path, row, Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC))}) {
  if (!state_->fd) throw JsonLinesError(path + " cannot be read: " + std::strerror(errno));
}

JsonLines::JsonLines(JsonLines&&) noexcept = default;
JsonLines& JsonLines::operator=(JsonLines&&) noexcept = default;
JsonLines::~JsonLines() = default;

bool JsonLines::next(void* row) {
  State& s = *state_;
  std::string_view text;
  if (!s.next_line(text)) return false;
  try {
    const Value value = internal::read_json(text, "the line");
    s.row.read(s.row, value, row, Reading{.run_dir = {}, .what = "row"});
  } catch (const std::runtime_error& e) {  // ValueError, ConversionError
    s.fail(e.what());
  }
  return true;
}

std::uint64_t JsonLines::line() const {
  return state_->line;
}

}  // namespace venturi::inline sdk::detail
