#include "providers/csv/csv.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "operators/cells.h"
#include "operators/charset.h"
#include "operators/mover_try.h"
#include "operators/outcome.h"
#include "sdk/csv_reader.h"

namespace venturi::providers {
namespace {

using operators::Arguments;
using operators::ArgumentType;
using operators::MoverTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;
using operators::templated;

Fd open_source(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info{};
  if (!fd || ::fstat(fd.get(), &info) != 0)
    throw TaskFailed(fmt::format("{} cannot be read: {}; check the operator's path on the machine of the worker", path,
                                 std::strerror(errno)));
  if (S_ISDIR(info.st_mode)) throw TaskFailed(path + " is a folder, not a file");
  ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  return fd;
}

char delimiter_of(const Arguments& arguments) {
  const std::string text = arguments.string("delimiter", ",");
  if (text == "\\t" || text == "tab") return '\t';
  const bool good =
      text.size() == 1 && static_cast<unsigned char>(text[0]) < 0x80 && text[0] != '"' && text[0] != '\n' && text[0] != '\r';
  if (!good)
    throw TaskFailedForGood(
        fmt::format("the argument delimiter must be one ASCII character, no quote and no line break, not '{}'", text));
  return text[0];
}

// The file's bytes as UTF-8. The reader asks for 4 KiB and more.
CsvSource converted(CsvSource source, const std::string& path, const std::string& encoding) {
  auto made = operators::CharsetConverter::make(encoding, "UTF-8");
  if (!made) throw TaskFailedForGood("the argument encoding: " + made.error().text());
  struct State {
    operators::CharsetConverter converter;
    std::string raw;  // read, not converted
    bool at_end = false;
  };
  const auto state = std::make_shared<State>(State{*std::move(made), {}, false});
  return [state, source = std::move(source), path](char* to, std::size_t capacity) -> std::size_t {
    for (;;) {
      std::string_view rest = state->raw;
      const auto n = state->converter.convert(rest, to, capacity);
      if (!n) throw CsvError(path + ": " + n.error().text());
      state->raw.erase(0, state->raw.size() - rest.size());
      if (*n > 0) return *n;
      if (state->at_end && !state->raw.empty()) throw CsvError(path + " ends within a character: give its encoding");
      if (state->at_end) return 0;
      char block[64UL << 10U];
      const std::size_t got = source(block, sizeof block);
      state->raw.append(block, got);
      state->at_end = got == 0;
    }
  };
}

// Stops between two reads.
CsvSource stoppable(CsvSource source, const operators::StopSignal& stop) {
  return [source = std::move(source), &stop](char* to, std::size_t capacity) {
    stop.check();
    return source(to, capacity);
  };
}

}  // namespace

void register_csv(operators::Registry& registry) {
  registry.add(operators::OperatorEntry{.task_type = "CsvToFileOperator",
                                        .arguments = {templated({"path", ArgumentType::string, true}),
                                                      {"delimiter", ArgumentType::string},
                                                      {"header", ArgumentType::boolean},
                                                      {"encoding", ArgumentType::string},
                                                      {"columns", ArgumentType::list},
                                                      {"file_name", ArgumentType::string},
                                                      {"file", ArgumentType::string}},
                                        .move = move_from_csv});
}

Value move_from_csv(MoverTry& t, const Arguments& arguments) {
  std::optional<std::vector<Column>> columns = operators::columns_of(arguments);
  const std::string path = arguments.string("path"), encoding = arguments.string("encoding", "utf-8");
  CsvOptions options{.delimiter = delimiter_of(arguments)};
  if (!arguments.boolean("header", true)) {
    if (!columns) throw TaskFailedForGood("header is false, so the argument columns has to name the file's columns");
    for (const Column& column : *columns) options.header.push_back(column.name);
  }
  const Fd file = open_source(path);
  try {
    CsvSource source = csv_file_source(file.get(), path);
    if (!operators::is_utf8_name(encoding)) source = converted(std::move(source), path, encoding);
    CsvReader reader(path, stoppable(std::move(source), t.stop), options);
    if (!columns) {
      columns.emplace();
      for (const std::string& name : reader.header()) columns->push_back({name, ColumnType::string});
    }
    std::vector<std::size_t> places;
    for (const Column& column : *columns) places.push_back(reader.place_of(column.name));
    RunFileWriter writer(t.run_dir, operators::file_name(arguments, t), *columns);
    std::int64_t unreadable = 0;
    std::vector<TextCell> cells(places.size());
    while (reader.next()) {
      const auto fields = reader.fields();
      for (std::size_t c = 0; c < places.size(); ++c) {
        const CsvField field = places[c] < fields.size() ? fields[places[c]] : CsvField{};
        cells[c] = {field.text, field.is_null((*columns)[c].type)};
      }
      unreadable += writer.text_row(cells.data(), cells.size());
    }
    const RunFile written = writer.finish();
    t.log.info(fmt::format("read {} and wrote {} rows, {} bytes, to {}", path, written.row_count, written.bytes, written.path));
    if (unreadable > 0)
      t.log.warning(fmt::format("{} cells are no values of their column's type; they are kept as unreadable", unreadable));
    return written.to_value();
  } catch (const CsvError& e) {
    throw TaskFailed(e.what());
  }
}

}  // namespace venturi::providers
