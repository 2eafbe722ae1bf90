#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/errno_error.h"
#include "base/fd.h"
#include "sdk/cell_parse.h"
#include "sdk/crc32c.h"
#include "sdk/run_file_format.h"
#include "venturi/run_file.h"

namespace venturi::inline sdk {

namespace internal {
void check_run_file_name(std::string_view name);
}

namespace {

[[noreturn]] void fail_with_errno(const std::string& what, const std::string& path) {
  throw errno_error(what + " " + path);
}

void sync_folder(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) fail_with_errno("fsync of the folder", path);
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// A new folder is durable before anything is put into it.
void make_folders(const std::string& path) {
  if (path.empty() || ::mkdir(path.c_str(), 0700) == 0) {
    if (!path.empty()) sync_folder(parent_of(path));
    return;
  }
  if (errno == EEXIST) return;
  if (errno != ENOENT || parent_of(path) == path) fail_with_errno("mkdir", path);
  make_folders(parent_of(path));
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) fail_with_errno("mkdir", path);
  sync_folder(parent_of(path));
}

std::string column_table(const std::vector<Column>& columns) {
  std::string table(2, '\0');
  internal::store(table.data(), static_cast<std::uint16_t>(columns.size()));
  for (const Column& c : columns) {
    char head[3] = {static_cast<char>(c.type)};
    internal::store(head + 1, static_cast<std::uint16_t>(c.name.size()));
    table.append(head, 3).append(c.name);
  }
  return table;
}

constexpr std::size_t max_varint = 10;
constexpr unsigned value_cell = 0, null_cell = 1, unreadable_cell = 2;  // two bits for each cell, before a row's values

char* write_varint(char* to, std::uint64_t n) {
  for (; n >= 0x80; n >>= 7U) *to++ = static_cast<char>(n | 0x80U);
  *to++ = static_cast<char>(n);
  return to;
}
char* write_int64(char* to, std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return write_varint(to, (bits << 1U) ^ (0 - (bits >> 63U)));
}
char* write_text(char* to, std::string_view text) {
  to = write_varint(to, text.size());
  if (!text.empty()) std::memcpy(to, text.data(), text.size());
  return to + text.size();
}
template <class T>
char* write_fixed(char* to, T value) {
  internal::store(to, value);
  return to + sizeof(T);
}

// At most max_varint + text.size() bytes; nullptr, and nothing is written, where the text is no value of the type.
char* write_value(char* to, ColumnType type, std::string_view text) {
  switch (type) {
    case ColumnType::string:
      return write_text(to, text);
    case ColumnType::int64: {
      const auto value = parse_int64_cell(text);
      return value ? write_int64(to, *value) : nullptr;
    }
    case ColumnType::float64: {
      const auto value = parse_float64_cell(text);
      return value ? write_fixed(to, *value) : nullptr;
    }
    case ColumnType::boolean: {
      const auto value = parse_boolean_cell(text);
      return value ? write_fixed(to, static_cast<char>(*value)) : nullptr;
    }
    case ColumnType::timestamp: {
      const auto value = parse_timestamp_cell(text);
      return value ? write_fixed(to, *value) : nullptr;
    }
  }
  return nullptr;
}

// What is kept of an unreadable cell: cut at a UTF-8 boundary.
std::string_view shortened(std::string_view raw) {
  constexpr std::size_t most = RunFileWriter::max_unreadable_bytes;
  if (raw.size() <= most) return raw;
  std::size_t end = most;
  while (end > most - 4 && (static_cast<unsigned char>(raw[end]) & 0xc0U) == 0x80U) --end;
  return raw.substr(0, end);
}

}  // namespace

struct RunFileWriter::State {
  RunFile file;
  std::vector<ColumnType> types;  // of its columns, close together
  std::string final_path, temporary_path;
  Fd fd;
  std::string buffer;  // block header, then the cells; `used` of it
  std::size_t used = internal::block_header_bytes;
  std::size_t row_states = 0;  // where the present row's state bits are
  std::size_t column = 0;      // the next to be put; 0: no row begun
  std::uint32_t block_rows = 0;
  bool finished = false;

  ~State() {
    if (!temporary_path.empty() && !finished) ::unlink(temporary_path.c_str());
  }

  void finish_row() {
    column = 0;
    ++block_rows;
    ++file.row_count;
    if (used >= internal::block_bytes) flush_block();
  }

  [[noreturn]] void refuse(const std::string& what) const { throw RunFileError("run file " + file.path + ": " + what); }

  void check_size(std::size_t of_column, std::string_view text) const {
    if (text.size() <= max_cell_bytes) return;
    refuse("column " + file.columns[of_column].name + ": a cell of " + std::to_string(text.size()) + " bytes; at most " +
           std::to_string(max_cell_bytes));
  }

  char* room(std::size_t bytes) {
    if (used + bytes > buffer.size()) buffer.resize(std::max(used + bytes, buffer.size() * 2));
    return buffer.data() + used;
  }

  // Begins the row where it is not begun, checks the cell's type, and notes its state.
  void begin_cell(unsigned state, ColumnType type) {
    const std::size_t count = file.columns.size();
    if (column == 0) {
      const std::size_t bytes = (count + 3) / 4;
      std::memset(room(bytes), 0, bytes);
      row_states = used;
      used += bytes;
    }
    if (column >= count)
      refuse("row " + std::to_string(file.row_count) + " has more cells than the " + std::to_string(count) + " columns");
    if (state == value_cell && file.columns[column].type != type) {
      refuse("column " + file.columns[column].name + " is " + std::string(to_string(file.columns[column].type)) +
             ", the cell is " + std::string(to_string(type)));
    }
    buffer[row_states + column / 4] =
        static_cast<char>(static_cast<unsigned char>(buffer[row_states + column / 4]) | (state << (2 * (column % 4))));
    ++column;
  }

  void put_text(std::string_view text) {
    check_size(column - 1, text);
    used = static_cast<std::size_t>(write_text(room(max_varint + text.size()), text) - buffer.data());
  }

  template <class T>
  void put_fixed(T value) {
    internal::store(room(sizeof(T)), value);
    used += sizeof(T);
  }

  void write(std::string_view data) {
    if (!write_all(fd.get(), data)) fail_with_errno("write", temporary_path);
    file.bytes += static_cast<std::int64_t>(data.size());
  }

  void flush_block() {
    if (block_rows == 0) return;
    const std::size_t cells = used - internal::block_header_bytes;
    if (cells > internal::max_block_bytes) refuse("a row of " + std::to_string(cells) + " bytes");
    const std::string_view data(buffer.data() + internal::block_header_bytes, cells);
    internal::store(buffer.data(), static_cast<std::uint32_t>(cells));
    internal::store(buffer.data() + 4, block_rows);
    internal::store(buffer.data() + 8, internal::crc32c(data));
    write({buffer.data(), used});
    used = internal::block_header_bytes;
    block_rows = 0;
    if (buffer.size() > 4 * internal::block_bytes) std::string(internal::block_bytes * 2, '\0').swap(buffer);
  }
};

RunFileWriter::RunFileWriter(std::string run_dir, std::string name, std::vector<Column> columns) : state_(new State) {
  internal::check_run_file_name(name);
  state_->file.path = std::move(name);
  if (run_dir.empty()) state_->refuse("no folder of the run is known here; run files need a Venturi worker or VENTURI_RUN_DIR");
  if (columns.empty() || columns.size() > internal::max_columns) {
    state_->refuse("needs between 1 and " + std::to_string(internal::max_columns) + " columns, not " +
                   std::to_string(columns.size()));
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name.empty() || columns[i].name.size() > 65535)
      state_->refuse("column " + std::to_string(i) + " has no usable name");
    for (std::size_t k = 0; k < i; ++k) {
      if (columns[k].name == columns[i].name) state_->refuse("two columns are named " + columns[i].name);
    }
  }
  state_->file.run_dir = std::move(run_dir);
  state_->file.columns = std::move(columns);
  for (const Column& column : state_->file.columns) state_->types.push_back(column.type);
  state_->final_path = state_->file.absolute_path();
  make_folders(parent_of(state_->final_path));
  // Light tasks share a process.
  static std::atomic<unsigned> writers;
  state_->temporary_path = state_->final_path + "." + std::to_string(::getpid()) + "-" + std::to_string(++writers) + ".tmp";
  state_->fd = Fd(::open(state_->temporary_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!state_->fd) {
    const std::string path = std::exchange(state_->temporary_path, {});
    fail_with_errno("open", path);
  }
  state_->buffer.resize(internal::block_bytes + (64UL << 10));
  const std::string table = column_table(state_->file.columns);
  char head[8];
  internal::store(head, static_cast<std::uint32_t>(table.size()));
  internal::store(head + 4, internal::crc32c(table));
  state_->write(std::string(internal::run_file_magic).append(head, 8).append(table));
}

RunFileWriter::RunFileWriter(RunFileWriter&&) noexcept = default;
RunFileWriter& RunFileWriter::operator=(RunFileWriter&&) noexcept = default;
RunFileWriter::~RunFileWriter() = default;

void RunFileWriter::null() {
  state_->begin_cell(null_cell, ColumnType::string);
}

void RunFileWriter::unreadable(std::string_view raw) {
  state_->begin_cell(unreadable_cell, ColumnType::string);
  state_->put_text(shortened(raw));
}

void RunFileWriter::boolean(bool value) {
  state_->begin_cell(value_cell, ColumnType::boolean);
  state_->put_fixed(static_cast<char>(value));
}

void RunFileWriter::int64(std::int64_t value) {
  state_->begin_cell(value_cell, ColumnType::int64);
  state_->used = static_cast<std::size_t>(write_int64(state_->room(max_varint), value) - state_->buffer.data());
}

void RunFileWriter::float64(double value) {
  state_->begin_cell(value_cell, ColumnType::float64);
  state_->put_fixed(value);
}

void RunFileWriter::string(std::string_view value) {
  state_->begin_cell(value_cell, ColumnType::string);
  state_->put_text(value);
}

void RunFileWriter::timestamp(Time value) {
  state_->begin_cell(value_cell, ColumnType::timestamp);
  state_->put_fixed(static_cast<std::int64_t>(value.time_since_epoch().count()));
}

void RunFileWriter::end_row() {
  State& s = *state_;
  if (s.column != s.file.columns.size()) {
    s.refuse("row " + std::to_string(s.file.row_count) + " has " + std::to_string(s.column) + " cells for " +
             std::to_string(s.file.columns.size()) + " columns");
  }
  s.finish_row();
}

// The room for a row is made once: this is what the movers do for each of millions of rows.
std::int64_t RunFileWriter::text_row(const TextCell* cells, std::size_t count) {
  State& s = *state_;
  const std::size_t columns = s.types.size();
  if (s.column != 0) s.refuse("the row before was not ended");
  if (count > columns)
    s.refuse("row " + std::to_string(s.file.row_count) + " has more cells than the " + std::to_string(columns) + " columns");
  const std::size_t state_bytes = (columns + 3) / 4;
  std::size_t bytes = 0;
  for (std::size_t c = 0; c < count; ++c) bytes += cells[c].text.size();
  if (bytes > max_cell_bytes) {
    for (std::size_t c = 0; c < count; ++c) s.check_size(c, cells[c].text);
  }
  char* to = s.room(state_bytes + count * max_varint + bytes);
  char* states = to;
  to += state_bytes;
  std::int64_t unreadable = 0;
  for (std::size_t c = 0; c < columns;) {
    unsigned bits = 0;
    for (unsigned shift = 0; shift < 8 && c < columns; shift += 2, ++c) {
      if (c >= count || cells[c].is_null) {
        bits |= null_cell << shift;
      } else if (char* const behind = write_value(to, s.types[c], cells[c].text)) {
        to = behind;
      } else {
        bits |= unreadable_cell << shift;
        ++unreadable;
        to = write_text(to, shortened(cells[c].text));
      }
    }
    *states++ = static_cast<char>(bits);
  }
  s.used = static_cast<std::size_t>(to - s.buffer.data());
  s.finish_row();
  return unreadable;
}

std::int64_t RunFileWriter::row_count() const {
  return state_->file.row_count;
}

RunFile RunFileWriter::finish() {
  State& s = *state_;
  if (s.finished) s.refuse("was finished already");
  if (s.column != 0) s.refuse("the last row was not ended");
  s.flush_block();
  char footer[internal::footer_bytes] = {};
  internal::store(footer + 4, static_cast<std::uint64_t>(s.file.row_count));
  internal::store(footer + 12, internal::crc32c({footer + 4, 8}));
  std::memcpy(footer + 16, internal::run_file_end.data(), internal::run_file_end.size());
  s.write({footer, sizeof footer});
  if (::fsync(s.fd.get()) != 0) fail_with_errno("fsync", s.temporary_path);
  if (::rename(s.temporary_path.c_str(), s.final_path.c_str()) != 0) fail_with_errno("rename to", s.final_path);
  s.finished = true;
  sync_folder(parent_of(s.final_path));
  s.fd.reset();
  return s.file;
}

}  // namespace venturi::inline sdk
