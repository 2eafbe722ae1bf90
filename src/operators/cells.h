// What operators that write run files have in common: the arguments that say which file and which columns.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "operators/arguments.h"
#include "venturi/run_file.h"

namespace venturi::operators {

class MoverTry;

// The argument `columns`: [{"name": ..., "type": ...}, ...], type words as in venturi/run_file.h, string where there is none.
// Nothing where it was not given. Throws TaskFailedForGood saying what is wrong with which entry.
[[nodiscard]] std::optional<std::vector<Column>> columns_of(const Arguments& arguments);

// The name of the file to write in the run's folder: the argument `file_name` (or `file`), the try's own where neither is
// given.
[[nodiscard]] std::string file_name(const Arguments& arguments, const MoverTry& t);

}  // namespace venturi::operators
