#include <algorithm>

#include "cli/yaml.h"

namespace venturi::cli {
namespace {

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '/';
}

// Plain scalars that some reader would take for something else than a string: words of YAML 1.1's booleans and null.
bool is_reserved(std::string_view text) {
  static constexpr std::string_view words[] = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"};
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return std::ranges::find(words, lower) != std::ranges::end(words);
}

// Letters first, then what has no meaning in YAML: everything else is quoted.
bool is_plain(std::string_view text) {
  if (text.empty() || !is_word_character(text.front()) || text.back() == ' ' || is_reserved(text)) return false;
  return std::ranges::all_of(text, [](char c) {
    return is_word_character(c) || (c >= '0' && c <= '9') || std::string_view(" .-+@()").find(c) != std::string_view::npos;
  });
}

void append_string(std::string& out, std::string_view text) {
  if (is_plain(text))
    out += text;
  else
    append_json_string(out, text);  // a JSON string is a double-quoted scalar of YAML
}

bool is_block(const Value& value) {
  return (value.is_object() && !value.as_object().empty()) || (value.is_array() && !value.as_array().empty());
}

void append(std::string& out, const Value& value, std::size_t indent, bool continues_line);

void append_member(std::string& out, const Value& value, std::size_t indent) {
  if (!is_block(value)) {
    out += ' ';
    return append(out, value, indent, true);
  }
  out += '\n';
  append(out, value, indent, false);
}

// `continues_line`: the indentation stands already.
void append(std::string& out, const Value& value, std::size_t indent, bool continues_line) {
  if (value.is_string()) {
    append_string(out, value.as_string());
    out += '\n';
  } else if (!is_block(value)) {
    append_json(out, value);  // null, true, 1, 0.5, [] and {} are the same in both
    out += '\n';
  } else if (value.is_object()) {
    for (const auto& [key, member] : value.as_object()) {
      if (!continues_line) out.append(indent, ' ');
      continues_line = false;
      append_string(out, key);
      out += ':';
      append_member(out, member, indent + 2);
    }
  } else {
    for (const Value& element : value.as_array()) {
      if (!continues_line) out.append(indent, ' ');
      continues_line = false;
      out += "- ";
      append(out, element, indent + 2, true);
    }
  }
}

}  // namespace

std::string to_yaml(const Value& value) {
  std::string out;
  append(out, value, 0, true);
  return out;
}

}  // namespace venturi::cli
