#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/fd.h"
#include "sdk/cell_parse.h"
#include "sdk/csv_reader.h"
#include "venturi/csv.h"

namespace venturi::inline sdk::detail {
namespace {

Fd open_csv(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) throw CsvError(path + " cannot be read: " + std::strerror(errno));
  ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  return fd;
}

// Sets the std::optional that a column of this type has in a struct.
void set_field(void* to, ColumnType type, std::string_view text) {
  switch (type) {
    case ColumnType::boolean:
      *static_cast<std::optional<bool>*>(to) = parse_boolean_cell(text);
      return;
    case ColumnType::int64:
      *static_cast<std::optional<std::int64_t>*>(to) = parse_int64_cell(text);
      return;
    case ColumnType::float64:
      *static_cast<std::optional<double>*>(to) = parse_float64_cell(text);
      return;
    case ColumnType::timestamp: {
      const auto microseconds = parse_timestamp_cell(text);
      *static_cast<std::optional<Time>*>(to) = microseconds ? std::optional(Time(Duration(*microseconds))) : std::nullopt;
      return;
    }
    case ColumnType::string: {
      auto& string = *static_cast<std::optional<std::string>*>(to);
      if (string)
        string->assign(text);  // keeps the row's memory
      else
        string.emplace(text);
      return;
    }
  }
}

}  // namespace

struct CsvFile::State {
  Fd fd;
  CsvReader reader;
  struct Entry {
    std::size_t place, offset;  // in the file's row, in the struct
    ColumnType type;
    void (*set_cell)(void* field, const Cell& cell);
  };
  std::vector<Entry> entries;

  State(const std::string& path, CsvOptions options)
      : fd(open_csv(path)), reader(path, csv_file_source(fd.get(), path), std::move(options)) {}
};

CsvFile::CsvFile(const std::string& path, CsvOptions options, const Type& type) : state_(new State(path, std::move(options))) {
  const std::vector<Column> columns = columns_of(type);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Field& field = type.fields[i];
    state_->entries.push_back({state_->reader.place_of(columns[i].name), field.offset, columns[i].type, field.type->set_cell});
  }
}

CsvFile::CsvFile(CsvFile&&) noexcept = default;
CsvFile& CsvFile::operator=(CsvFile&&) noexcept = default;
CsvFile::~CsvFile() = default;

bool CsvFile::next(void* row) {
  State& s = *state_;
  if (!s.reader.next()) return false;
  const auto fields = s.reader.fields();
  for (const State::Entry& e : s.entries) {
    void* const to = static_cast<char*>(row) + e.offset;
    const CsvField field = e.place < fields.size() ? fields[e.place] : CsvField{};
    if (field.is_null(e.type))
      e.set_cell(to, Cell{});
    else
      set_field(to, e.type, field.text);
  }
  return true;
}

std::uint64_t CsvFile::line() const {
  return state_->reader.line();
}

}  // namespace venturi::inline sdk::detail
