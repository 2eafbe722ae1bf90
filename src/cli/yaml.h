// YAML as far as the command line needs it: what -o yaml and exports write, and files that people import. libyaml stands
// behind the reading.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "venturi/value.h"

namespace venturi::cli {

// In blocks, a member or element a line; reads back to the same value with any YAML 1.1 or 1.2 reader. Ends with a line feed.
[[nodiscard]] std::string to_yaml(const Value& value);

// One document. Plain words are null, booleans and numbers where PyYAML, Airflow's reader, takes them for that. The error names
// line and column and repeats nothing of the text.
[[nodiscard]] Result<Value> parse_yaml(std::string_view text);

}  // namespace venturi::cli
