// Python's json.dumps.
#pragma once

#include <optional>
#include <string>

#include "template/call.h"

namespace venturi::templates {

struct JsonOptions {
  bool sort_keys = false;
  bool ensure_ascii = true;
  std::optional<std::string> indent = std::nullopt;  // of one level
  std::string item_separator = ", ";                 // "," where there is an indent
  std::string key_separator = ": ";
};

// TypeError for what JSON does not have.
[[nodiscard]] std::string json_dumps(Runtime& runtime, const Item& item, const JsonOptions& options);
// `indent=` as json.dumps takes it: a number of blanks, a text, or None.
void set_indent(JsonOptions& options, const Item& indent);
// json.loads; ValueError in Python's words (JSONDecodeError is one).
[[nodiscard]] Item json_loads(std::string_view text);

}  // namespace venturi::templates
