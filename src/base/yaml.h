// YAML as a tree in which everything knows its line and column. libyaml stands behind it: its parser neither recurses nor
// expands aliases, so that what a file may cost is decided here.
//
// The types of plain scalars are PyYAML's, Airflow's reader: yes and off are booleans, 0x1f and 1_000 are numbers; dates stay
// texts. An alias is the node of its anchor, not a copy. `<<` merges what the mapping itself does not have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "venturi/value.h"

namespace venturi {

struct YamlMark {
  int line = 1, column = 1;  // columns count characters
};

struct YamlNode {
  enum class Kind : std::uint8_t { scalar, sequence, mapping };
  Kind kind = Kind::scalar;
  YamlMark mark;
  bool is_plain = false;  // a scalar without quotes: `value` need not be a text
  Value value;            // of a scalar
  std::string text;       // of a scalar, as it was written
  std::vector<const YamlNode*> items;
  std::vector<std::pair<const YamlNode*, const YamlNode*>> members;  // keys are scalars, each text once

  [[nodiscard]] bool is_null() const { return kind == Kind::scalar && value.is_null(); }
  [[nodiscard]] bool is_mapping() const { return kind == Kind::mapping; }
  [[nodiscard]] bool is_sequence() const { return kind == Kind::sequence; }
  // The member of a mapping; nullptr where it has none of that name.
  [[nodiscard]] const YamlNode* find(std::string_view key) const;
};

struct YamlProblem {
  YamlMark mark;
  std::string what;     // repeats nothing of the text, in which secrets may stand
  std::string hint;     // nor does this one; may be empty
  std::string subject;  // what of the text it is about: a key, a name; may be empty
};

struct YamlLimits {
  std::size_t bytes = 1UL << 20;
  int depth = 64;
  std::size_t nodes = 200'000;  // with each alias counted as what it stands for
};

// What was read. Nodes live as long as this does.
struct YamlText {
  std::deque<YamlNode> nodes;
  std::vector<const YamlNode*> documents;  // those before the first syntax error
  std::vector<YamlProblem> problems;       // a key that stands there twice, ...; a syntax error is the last one
  bool has_syntax_error = false;
};

[[nodiscard]] YamlText read_yaml(std::string_view text, const YamlLimits& limits = {});

// Without lines and columns. Aliases become copies.
[[nodiscard]] Value to_value(const YamlNode& node);

// What a scalar without quotes is.
[[nodiscard]] Value yaml_plain_scalar(const std::string& text);

}  // namespace venturi
