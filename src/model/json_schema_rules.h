// What the two halves of JsonSchema share: dialects, and a schema that was found to be one.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/json_pattern.h"
#include "venturi/value.h"

namespace venturi::json_schema {

// In their order. What is not named by "$schema" is the latest, as for Python's jsonschema.
enum class Dialect : std::uint8_t { draft4, draft6, draft7, draft2019, draft2020 };

struct Rules {
  Value root;
  Dialect dialect = Dialect::draft2020;
  std::map<std::string, JsonPattern, std::less<>> patterns;     // by their text
  std::map<std::string, const Value*, std::less<>> references;  // "#/$defs/x", "#anchor", ids: what they stand for
};

// Reads the schema and all that is in it. The error says where in it, and what should stand there: "/properties/n/type: ...".
// Rules::references point into `root`, which stays where it is.
[[nodiscard]] Result<void> read_rules(Rules& rules);

// Nothing where the value fits; else where and why not, in jsonschema's words.
[[nodiscard]] std::optional<std::string> find_misfit(const Rules& rules, const Value& value);

// For messages: JSON, cut where it is long.
[[nodiscard]] std::string shown(const Value& value);

}  // namespace venturi::json_schema
