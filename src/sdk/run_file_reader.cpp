#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/fd.h"
#include "sdk/crc32c.h"
#include "sdk/run_file_format.h"
#include "venturi/run_file.h"

namespace venturi::inline sdk {

struct RunFileReader::State {
  std::string path;
  Fd fd;
  std::int64_t offset = 0;  // in the file, for messages
  std::vector<Column> columns;
  std::vector<Cell> cells;
  std::string block;
  const char* position = nullptr;
  const char* end = nullptr;
  std::uint32_t rows_left = 0;
  std::int64_t rows_read = 0;
  bool at_end = false;

  [[noreturn]] void refuse(const std::string& what) const { throw RunFileError("run file " + path + ": " + what); }
  [[noreturn]] void damaged() const {
    refuse("is damaged near byte " + std::to_string(offset) + "; clear the task that wrote it to have it made again");
  }

  void read_exactly(char* to, std::size_t bytes) {
    std::size_t done = 0;
    while (done < bytes) {
      const ssize_t n = ::read(fd.get(), to + done, bytes - done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) refuse(std::string("cannot be read: ") + std::strerror(errno));
      if (n == 0) refuse("is cut off at byte " + std::to_string(offset + static_cast<std::int64_t>(done)));
      done += static_cast<std::size_t>(n);
    }
    offset += static_cast<std::int64_t>(bytes);
  }

  void read_header() {
    char head[16];
    read_exactly(head, sizeof head);
    if (std::memcmp(head, internal::run_file_magic.data(), 7) != 0) refuse("is no run file");
    if (head[7] != internal::run_file_magic[7]) {
      refuse("has format version " + std::to_string(static_cast<int>(head[7])) +
             ", this program reads version 1; compile it anew");
    }
    const auto bytes = internal::load<std::uint32_t>(head + 8);
    if (bytes < 2 || bytes > internal::max_columns * 65540UL) damaged();
    std::string table(bytes, '\0');
    read_exactly(table.data(), bytes);
    if (internal::crc32c(table) != internal::load<std::uint32_t>(head + 12)) damaged();
    const char* p = table.data() + 2;
    const char* const table_end = table.data() + table.size();
    for (unsigned i = internal::load<std::uint16_t>(table.data()); i > 0; --i) {
      if (table_end - p < 3) damaged();
      const auto type = static_cast<ColumnType>(*p);
      const std::size_t length = internal::load<std::uint16_t>(p + 1);
      if (static_cast<std::size_t>(table_end - p) < 3 + length || to_string(type) == "unknown") damaged();
      columns.push_back({std::string(p + 3, length), type});
      p += 3 + length;
    }
    if (columns.empty()) damaged();
    cells.resize(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) cells[i].type = columns[i].type;
  }

  void read_footer() {
    char rest[internal::footer_bytes - 4];
    read_exactly(rest, sizeof rest);
    if (internal::crc32c({rest, 8}) != internal::load<std::uint32_t>(rest + 8) ||
        std::memcmp(rest + 12, internal::run_file_end.data(), internal::run_file_end.size()) != 0 ||
        internal::load<std::uint64_t>(rest) != static_cast<std::uint64_t>(rows_read)) {
      damaged();
    }
    at_end = true;
  }

  bool next_block() {
    if (at_end) return false;
    if (position != end) damaged();
    char head[internal::block_header_bytes];
    read_exactly(head, 4);
    const auto bytes = internal::load<std::uint32_t>(head);
    if (bytes == 0) {
      read_footer();
      return false;
    }
    read_exactly(head + 4, 8);
    rows_left = internal::load<std::uint32_t>(head + 4);
    if (bytes > internal::max_block_bytes || rows_left == 0) damaged();
    if (bytes > block.size()) block.resize(bytes);
    if (block.size() > 4 * internal::block_bytes && bytes < internal::block_bytes * 2) std::string(bytes, '\0').swap(block);
    read_exactly(block.data(), bytes);
    if (internal::crc32c({block.data(), bytes}) != internal::load<std::uint32_t>(head + 8)) damaged();
    position = block.data();
    end = position + bytes;
    return true;
  }

  std::uint64_t varint(const char*& p) const {
    std::uint64_t n = 0;
    for (unsigned shift = 0; shift < 70 && p < end; shift += 7) {
      const auto byte = static_cast<unsigned char>(*p++);
      n |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if (byte < 0x80) return n;
    }
    damaged();
  }

  std::string_view text(const char*& p) const {
    const std::uint64_t length = p < end && static_cast<signed char>(*p) >= 0 ? static_cast<std::uint64_t>(*p++) : varint(p);
    if (length > static_cast<std::uint64_t>(end - p)) damaged();
    const std::string_view result(p, length);
    p += length;
    return result;
  }

  const char* read_value(Cell& cell, const char* p) const {
    switch (cell.type) {
      case ColumnType::boolean:
        if (p == end) damaged();
        cell.integer = static_cast<unsigned char>(*p);
        return p + 1;
      case ColumnType::int64: {
        const std::uint64_t n = varint(p);
        cell.integer = static_cast<std::int64_t>((n >> 1U) ^ (0 - (n & 1U)));
        return p;
      }
      case ColumnType::float64:
      case ColumnType::timestamp:
        if (end - p < 8) damaged();
        std::memcpy(&cell.integer, p, 8);
        return p + 8;
      case ColumnType::string:
        cell.text = text(p);
        return p;
    }
    damaged();
  }

  void read_row() {
    const std::size_t bytes = (columns.size() + 3) / 4;
    if (static_cast<std::size_t>(end - position) < bytes) damaged();
    const char* states = position;
    const char* p = position + bytes;
    Cell* cell = cells.data();
    Cell* const behind = cell + cells.size();
    while (cell != behind) {
      unsigned bits = static_cast<unsigned char>(*states++);
      for (Cell* const last = cell + std::min<std::ptrdiff_t>(4, behind - cell); cell != last; ++cell, bits >>= 2U) {
        cell->state = static_cast<Cell::State>(bits & 3U);
        if (cell->state == Cell::State::value)
          p = read_value(*cell, p);
        else if (cell->state == Cell::State::unreadable)
          cell->text = text(p);
        else if (cell->state != Cell::State::null)
          damaged();
      }
    }
    position = p;
    --rows_left;
    ++rows_read;
  }
};

RunFileReader::RunFileReader(const std::string& path) : state_(new State) {
  state_->path = path;
  state_->fd = Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!state_->fd) {
    if (errno == ENOENT) state_->refuse("does not exist; run files are removed together with their run");
    state_->refuse(std::string("cannot be opened: ") + std::strerror(errno));
  }
  state_->read_header();
  cells_ = state_->cells.data();
}

RunFileReader::RunFileReader(RunFileReader&&) noexcept = default;
RunFileReader& RunFileReader::operator=(RunFileReader&&) noexcept = default;
RunFileReader::~RunFileReader() = default;

const std::vector<Column>& RunFileReader::columns() const {
  return state_->columns;
}

std::size_t RunFileReader::column(std::string_view name) const {
  const std::vector<Column>& columns = state_->columns;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == name) return i;
  }
  std::string list;
  for (const Column& c : columns) list += (list.empty() ? "" : ", ") + c.name;
  state_->refuse("has no column " + std::string(name) + "; it has " + list);
}

bool RunFileReader::next() {
  State& s = *state_;
  if (s.rows_left == 0 && !s.next_block()) return false;
  s.read_row();
  return true;
}

std::int64_t RunFileReader::rows_read() const {
  return state_->rows_read;
}

namespace detail {

void wrong_cell_type(const RunFileReader& reader, std::size_t column, ColumnType asked) {
  const Column& c = reader.columns()[column];
  throw RunFileError("column " + c.name + " of the run file is " + std::string(to_string(c.type)) + ", it was read as " +
                     std::string(to_string(asked)));
}

RowBinding bind_rows(const RunFileReader& reader, const Type& type) {
  RowBinding binding;
  const std::vector<Column> columns = columns_of(type);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::size_t column = reader.column(columns[i].name);
    if (reader.columns()[column].type != columns[i].type) wrong_cell_type(reader, column, columns[i].type);
    binding.entries.push_back({column, type.fields[i].offset, type.fields[i].type->set_cell});
  }
  return binding;
}

void fill_row(const RunFileReader& reader, const RowBinding& binding, void* row) {
  for (const RowBinding::Entry& e : binding.entries) e.set(static_cast<char*>(row) + e.offset, reader.cell(e.column));
}

namespace {
template <class T>
std::optional<T>& as_optional(void* to) {
  return *static_cast<std::optional<T>*>(to);
}
bool has_value(const Cell& cell) {
  return cell.state == Cell::State::value;
}
}  // namespace

void set_bool_cell(void* to, const Cell& cell) {
  as_optional<bool>(to) = has_value(cell) ? std::optional(cell.integer != 0) : std::nullopt;
}
void set_int64_cell(void* to, const Cell& cell) {
  as_optional<std::int64_t>(to) = has_value(cell) ? std::optional(cell.integer) : std::nullopt;
}
void set_double_cell(void* to, const Cell& cell) {
  as_optional<double>(to) = has_value(cell) ? std::optional(cell.real) : std::nullopt;
}
void set_time_cell(void* to, const Cell& cell) {
  as_optional<Time>(to) = has_value(cell) ? std::optional(Time(Duration(cell.integer))) : std::nullopt;
}
void set_string_cell(void* to, const Cell& cell) {
  auto& text = as_optional<std::string>(to);
  if (!has_value(cell)) return text.reset();
  if (text)
    text->assign(cell.text);  // keeps the row's memory
  else
    text.emplace(cell.text);
}

}  // namespace detail
}  // namespace venturi::inline sdk
