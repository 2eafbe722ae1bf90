#include "providers/postgres/csv_fields.h"

#include <algorithm>

namespace venturi::providers {

std::size_t end_of_csv_field(std::string_view line, std::size_t at, char delimiter) {
  bool in_quotes = false;
  for (; at < line.size(); ++at) {
    if (line[at] == '"') in_quotes = !in_quotes;
    if (!in_quotes && (line[at] == delimiter || line[at] == '\n')) break;
  }
  return at;
}

std::size_t end_of_csv_line(std::string_view text) {
  bool in_quotes = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') in_quotes = !in_quotes;
    if (!in_quotes && text[at] == '\n') return at + 1;
  }
  return std::string_view::npos;
}

std::string csv_value(std::string_view field) {
  if (!field.starts_with('"')) return std::string(field);
  std::string text;
  for (std::size_t i = 1; i + 1 < field.size(); ++i) {
    text += field[i];
    if (field[i] == '"') ++i;
  }
  return text;
}

std::vector<std::string> csv_values(std::string_view line, char delimiter) {
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  std::vector<std::string> values;
  for (std::size_t at = 0; at <= line.size();) {
    const std::size_t end = end_of_csv_field(line, at, delimiter);
    values.push_back(csv_value(line.substr(at, end - at)));
    at = end + 1;
  }
  return values;
}

std::string csv_field(std::string_view text, char delimiter) {
  if (text.find_first_of("\"\r\n") == std::string::npos && text.find(delimiter) == std::string::npos) return std::string(text);
  std::string field = "\"";
  for (const char c : text) field.append(c == '"' ? 2 : 1, c);
  return field + '"';
}

}  // namespace venturi::providers
