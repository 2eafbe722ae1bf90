#include "lanes/cpp/compile_errors.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "lanes/cpp/compile_hints.h"

namespace venturi::lanes {

namespace {

constexpr std::size_t most_lines = 40;
constexpr std::size_t most_columns = 600;

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool tells_an_error(std::string_view line) {
  for (const char* mark :
       {"error:", "CMake Error", "undefined reference", "multiple definition", "internal compiler error", "bad_alloc"}) {
    if (has(line, mark)) return true;
  }
  return false;
}

// What make and CMake say of themselves: "make[2]: *** [CMakeFiles/shop.dir/build.make:76: ...] Error 1". And where g++ came
// from: "                 from /dags/a.cpp:1:".
bool is_noise(std::string_view line) {
  for (const char* mark :
       {"make: ", "make[", "gmake: ", "gmake[", "-- ", "See also \"", "In file included from", "                 from "}) {
    if (line.starts_with(mark)) return true;
  }
  return line.find_first_not_of(" \t") == std::string::npos;
}

void replace_all(std::string& text, std::string_view part, std::string_view with) {
  if (part.empty()) return;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + with.size()))
    text.replace(at, part.size(), with);
}

// Names as people write them.
constexpr std::pair<std::string_view, std::string_view> names[] = {
    {"std::basic_string<char, std::char_traits<char>, std::allocator<char>>", "std::string"},
    {"std::basic_string<char, std::char_traits<char>, std::allocator<char> >", "std::string"},
    {"std::__cxx11::basic_string<char>", "std::string"},
    {"std::basic_string<char>", "std::string"},
    {"venturi::sdk::", "venturi::"},
    {"venturi::detail::", ""},
    {"static assertion failed due to requirement ", "static assertion failed: "},
};

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return lines;
}

// What is wrong with a DAG file is often told of a header of the SDK. The line of the file itself stands behind the error
// (clang: "note: in instantiation of ... requested here") or before it (g++: "required from here"). Where it is, or the end.
std::size_t place_in_file(const std::vector<std::string_view>& lines, std::size_t error, std::string_view dags_folder) {
  for (std::size_t i = error + 1; i < lines.size() && !tells_an_error(lines[i]); ++i) {
    if (lines[i].starts_with(dags_folder) && has(lines[i], "requested here")) return i;
  }
  for (std::size_t i = error; i > 0 && !tells_an_error(lines[i - 1]); --i) {
    if (lines[i - 1].starts_with(dags_folder) && has(lines[i - 1], "required from here")) return i - 1;
  }
  return lines.size();
}

// "/dags/a.cpp:7:3: note: ..." -> "/dags/a.cpp:7:3"
std::string_view place_of(std::string_view line) {
  return line.substr(0, line.find(": "));
}

class Lines {
 public:
  Lines(std::string_view dags_folder, std::string_view sdk_include)
      : folder_(std::string(dags_folder) + "/"), include_(sdk_include.empty() ? "" : std::string(sdk_include) + "/") {}

  void add(std::string line) {
    if (count_ == most_lines) {
      ++left_out_;
      return;
    }
    replace_all(line, folder_, "");
    replace_all(line, include_, "");
    for (const auto& [from, to] : names) replace_all(line, from, to);
    if (line.size() > most_columns) line = line.substr(0, most_columns) + "...";
    text_ += (count_++ > 0 ? "\n" : "") + line;
  }
  [[nodiscard]] std::string text() const {
    return left_out_ == 0 ? text_ : text_ + "\n[" + std::to_string(left_out_) + " more lines]";
  }

 private:
  std::string folder_, include_, text_;
  std::size_t count_ = 0, left_out_ = 0;
};

}  // namespace

std::string useful_compiler_lines(std::string_view output, std::string_view dags_folder, std::string_view sdk_include) {
  const std::vector<std::string_view> lines = lines_of(output);
  const bool has_error = std::ranges::any_of(lines, tells_an_error);
  Lines useful(dags_folder, sdk_include);
  bool found = !has_error;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool is_error = tells_an_error(lines[i]);
    found = found || is_error;
    if (!found || is_noise(lines[i])) continue;
    if (is_error && !sdk_include.empty() && lines[i].starts_with(sdk_include)) {
      if (const std::size_t place = place_in_file(lines, i, dags_folder); place < lines.size()) {
        useful.add(std::string(place_of(lines[place])) + ": error, as told of a header of the SDK:");
        if (place + 1 < lines.size() && has(lines[place + 1], " | ")) useful.add(std::string(lines[place + 1]));
      }
    }
    useful.add(std::string(lines[i]));
    if (!is_error) continue;
    const std::string_view source = i + 1 < lines.size() ? lines[i + 1] : std::string_view();
    if (std::string hint = compile_hint(lines[i], source, std::string(sdk_include)); !hint.empty())
      useful.add("  that is: " + std::move(hint));
  }
  return useful.text();
}

}  // namespace venturi::lanes
