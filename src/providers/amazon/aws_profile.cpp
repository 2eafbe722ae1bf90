#include "providers/amazon/aws_profile.h"

#include <fstream>

#include "base/text.h"

namespace venturi::providers {

std::map<std::string, std::string> profile_section(const std::string& path, std::string_view section) {
  std::map<std::string, std::string> members;
  std::ifstream file(path);
  bool is_inside = false;
  for (std::string line; std::getline(file, line);) {
    // What is indented belongs to the member above it: settings of one service.
    if (!line.empty() && is_blank(line.front())) continue;
    const std::string_view text = trim(line);
    if (text.empty() || text.front() == '#' || text.front() == ';') continue;
    if (text.front() == '[') {
      is_inside = text.back() == ']' && trim(text.substr(1, text.size() - 2)) == section;
      continue;
    }
    const std::size_t equals = text.find('=');
    if (is_inside && equals != std::string_view::npos)
      members[std::string(trim(text.substr(0, equals)))] = std::string(trim(text.substr(equals + 1)));
  }
  return members;
}

}  // namespace venturi::providers
