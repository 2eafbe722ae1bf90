#include "lanes/cpp/depfile.h"

#include <utility>

namespace venturi::lanes {

std::vector<std::string> parse_depfile(std::string_view text) {
  std::vector<std::string> files;
  std::size_t i = text.find(": ");
  if (i == std::string_view::npos) return files;
  std::string file;
  const auto end_file = [&] {
    if (!file.empty()) files.push_back(std::exchange(file, {}));
  };
  for (i += 2; i < text.size(); ++i) {
    const char c = text[i];
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (c == '\\' && (next == '\n' || next == '\r')) {
      end_file();
      ++i;
    } else if ((c == '\\' && (next == ' ' || next == '#' || next == '\\')) || (c == '$' && next == '$')) {
      file += next;
      ++i;
    } else if (c == '\n') {
      break;  // further rules are phony ones (-MP)
    } else if (c == ' ' || c == '\t' || c == '\r') {
      end_file();
    } else {
      file += c;
    }
  }
  end_file();
  return files;
}

}  // namespace venturi::lanes
