#include "lanes/cpp/compile_errors.h"

#include <vector>

namespace venturi::lanes {

namespace {

constexpr std::size_t most_lines = 40;
constexpr std::size_t most_columns = 400;

bool tells_an_error(std::string_view line) {
  for (const char* mark :
       {"error:", "CMake Error", "undefined reference", "multiple definition", "internal compiler error", "bad_alloc"}) {
    if (line.find(mark) != std::string_view::npos) return true;
  }
  return false;
}

// What make and CMake say of themselves: "make[2]: *** [CMakeFiles/shop.dir/build.make:76: ...] Error 1".
bool is_of_make(std::string_view line) {
  for (const char* mark : {"make: ", "make[", "gmake: ", "gmake[", "-- ", "See also \""}) {
    if (line.starts_with(mark)) return true;
  }
  return false;
}

void remove_all(std::string& text, const std::string& part) {
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at)) text.erase(at, part.size());
}

}  // namespace

std::string useful_compiler_lines(std::string_view output, std::string_view dags_folder, std::string_view sdk_include) {
  std::vector<std::string> lines;
  bool found = false;
  std::size_t left_out = 0;
  const bool has_error = tells_an_error(output);
  while (!output.empty()) {
    const std::size_t end = output.find('\n');
    std::string line(output.substr(0, end));
    output.remove_prefix(end == std::string_view::npos ? output.size() : end + 1);
    found = found || !has_error || tells_an_error(line);
    if (is_of_make(line)) continue;
    if (!found || line.starts_with("In file included from") || line.find_first_not_of(" \t") == std::string::npos) continue;
    if (lines.size() == most_lines) {
      ++left_out;
      continue;
    }
    remove_all(line, std::string(dags_folder) + "/");
    if (!sdk_include.empty()) remove_all(line, std::string(sdk_include) + "/");
    if (line.size() > most_columns) line = line.substr(0, most_columns) + "...";
    lines.push_back(std::move(line));
  }
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  if (left_out > 0) text += "[" + std::to_string(left_out) + " more lines]\n";
  if (!text.empty()) text.pop_back();
  return text;
}

}  // namespace venturi::lanes
