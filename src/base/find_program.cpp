#include "base/find_program.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace venturi {

std::optional<std::string> find_program(std::string_view name) {
  if (name.find('/') != std::string_view::npos) {
    std::string file(name);
    return ::access(file.c_str(), X_OK) == 0 ? std::optional(std::move(file)) : std::nullopt;
  }
  const char* path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin";
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    std::string file = std::string(rest.substr(0, end)) + "/" + std::string(name);
    // One in a folder that is relative would be another one tomorrow.
    if (rest.front() == '/' && ::access(file.c_str(), X_OK) == 0) return file;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return std::nullopt;
}

}  // namespace venturi
