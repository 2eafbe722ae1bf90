// CSV: CsvToFileOperator, which streams a file's rows into a file of the run.
//
//   path       the file
//   delimiter  one ASCII character, ","
//   header     true: the first row has the names of the columns; false: `columns` has them, in the file's order
//   encoding   utf-8; others by iconv
//   source_compression  infer, by the file's ending; gzip, none (compression.h)
//   columns    what the file of the run holds, by name and with types; all of the file's as strings where it is not given
//   file_name  name in the run's folder; <task_id>.rows where not given (also `file`)
//
// A field without anything in it is null; "" is the empty string in a column of strings, null in others; what is no value of
// its column's type is kept as unreadable. Fields that a row lacks at its end are null.
#pragma once

#include "operators/registry.h"

namespace venturi::providers {

// The XCom is the file's handle. Memory does not grow with the rows.
[[nodiscard]] Value move_from_csv(operators::MoverTry& t, const operators::Arguments& arguments);

}  // namespace venturi::providers
