// A CSV file as operators read it: arguments path, delimiter, header and encoding, as csv.h has them.
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

// A file's bytes as UTF-8, for as long as `file` is open; reading stops when `stop` is raised. Throws TaskFailed where the file
// cannot be opened (its descriptor is put into `file`), TaskFailedForGood for an encoding that nobody knows.
[[nodiscard]] CsvSource text_source(const std::string& path, const std::string& encoding, const operators::StopSignal& stop,
                                    Fd& file);

struct CsvInput {
  // Reads the header; `columns` are the file's where it has none. Throws TaskFailed where the file cannot be opened,
  // TaskFailedForGood where an argument is wrong, CsvError for what is wrong with the file. Reading throws Stopped, too.
  CsvInput(const std::string& path, const operators::Arguments& arguments, const std::optional<std::vector<Column>>& columns,
           const operators::StopSignal& stop);

  Fd file;
  std::unique_ptr<CsvReader> reader;
};

}  // namespace venturi::providers
