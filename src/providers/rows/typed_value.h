// Values of rows as those of a column's type.
#pragma once

#include <optional>
#include <string>

#include "venturi/run_file.h"
#include "venturi/value.h"

namespace venturi::providers {

// The value, or what its text says, as JSON of the type: numbers, true and false, times as ISO 8601 in UTC. Null stays null.
// Nothing where it is no such value.
[[nodiscard]] std::optional<Value> typed_value(const Value& value, ColumnType type);

// As CSV and files of the run have it: a text as it is, everything else as JSON.
[[nodiscard]] std::string plain_text(const Value& value);

}  // namespace venturi::providers
