// A CSV file as operators read it: arguments path, delimiter, header, encoding and source_compression, as csv.h has them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "operators/arguments.h"
#include "operators/stop_signal.h"
#include "sdk/csv_reader.h"
#include "venturi/run_file.h"

namespace venturi::providers {

// The argument `delimiter`: one ASCII character, "tab" or "\\t". Throws TaskFailedForGood.
[[nodiscard]] char delimiter_of(const operators::Arguments& arguments);

// Opens a file that is read from its beginning to its end. Throws TaskFailed where that cannot be done.
[[nodiscard]] Fd open_source(const std::string& path);

// The bytes of the file at the argument `path`, unpacked and as UTF-8 (source_compression, source_encoding, encoding), for as
// long as `file` is open; reading stops when `stop` is raised. Throws TaskFailed where the file cannot be opened (its
// descriptor is put into `file`), TaskFailedForGood for a compression or an encoding that nobody knows.
[[nodiscard]] CsvSource text_source(const operators::Arguments& arguments, const operators::StopSignal& stop, Fd& file);

struct CsvInput {
  // Reads the header; `columns` are the file's where it has none. Throws TaskFailed where the file cannot be opened,
  // TaskFailedForGood where an argument is wrong, CsvError for what is wrong with the file. Reading throws Stopped, too.
  CsvInput(const operators::Arguments& arguments, const std::optional<std::vector<Column>>& columns,
           const operators::StopSignal& stop);

  Fd file;
  std::unique_ptr<CsvReader> reader;
};

}  // namespace venturi::providers
