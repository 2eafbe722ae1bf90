#include "providers/rows/csv_input.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "operators/charset.h"
#include "operators/outcome.h"
#include "providers/rows/compression.h"

namespace venturi::providers {
namespace {

using operators::Arguments;
using operators::TaskFailed;
using operators::TaskFailedForGood;

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

// Stops between two reads, and while it waits for one: of a FIFO, whose writer may never come.
CsvSource stoppable(CsvSource source, int file, const operators::StopSignal& stop) {
  return [source = std::move(source), file, &stop](char* to, std::size_t capacity) {
    stop.wait_for(file);
    return source(to, capacity);
  };
}

}  // namespace

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

CsvSource text_source(const Arguments& arguments, const operators::StopSignal& stop, Fd& file) {
  const std::string path = arguments.string("path");
  const std::string encoding = arguments.string("source_encoding", arguments.string("encoding", "utf-8"));
  const Compression compression = compression_of(arguments, "source_compression", path);
  file = open_source(path);
  // The converter reads as much as it needs for a character: the stop stands before the file itself.
  CsvSource source = stoppable(csv_file_source(file.get(), path), file.get(), stop);
  if (compression == Compression::gzip) source = unpacked(std::move(source), path);
  return operators::is_utf8_name(encoding) ? source : converted(std::move(source), path, encoding);
}

CsvInput::CsvInput(const Arguments& arguments, const std::optional<std::vector<Column>>& columns,
                   const operators::StopSignal& stop) {
  CsvOptions options{.delimiter = delimiter_of(arguments)};
  if (!arguments.boolean("header", true)) {
    if (!columns) throw TaskFailedForGood("header is false, so the argument columns has to name the file's columns");
    for (const Column& column : *columns) options.header.push_back(column.name);
  }
  CsvSource source = text_source(arguments, stop, file);
  reader = std::make_unique<CsvReader>(arguments.string("path"), std::move(source), options);
}

}  // namespace venturi::providers
