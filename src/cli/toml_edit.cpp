#include "cli/toml_edit.h"

#include <algorithm>
#include <map>

namespace venturi::cli {
namespace {

// "core" of "[core]  # comment"; empty where the line is no head of a section.
std::string section_of(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t");
  if (first == std::string_view::npos || line[first] != '[') return {};
  line.remove_prefix(first + 1);
  std::string name(line.substr(0, line.find(']')));
  std::erase_if(name, [](char c) { return c == ' ' || c == '\t' || c == '"' || c == '\''; });
  return name;
}

}  // namespace

std::string with_toml_settings(std::string_view text, const std::vector<TomlSetting>& settings) {
  std::map<std::string, std::string> lines;  // of each section
  for (const TomlSetting& s : settings) lines[s.section] += s.key + " = " + s.value + "\n";
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    out += std::string(line) + "\n";
    if (const auto found = lines.find(section_of(line)); found != lines.end()) {
      out += found->second;
      lines.erase(found);
    }
  }
  for (const auto& [section, rows] : lines) out += (out.empty() ? "[" : "\n[") + section + "]\n" + rows;
  return out;
}

}  // namespace venturi::cli
