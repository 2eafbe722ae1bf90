#include "lanes/cpp/compile_hints.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <vector>

#include "base/edit_distance.h"
#include "lanes/cache_file.h"

namespace venturi::lanes {

namespace {

bool mentions(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}
bool is_of_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// The members of struct TaskOptions: "  Option<int> retries{};  // 0".
std::vector<std::string> task_options(const std::string& sdk_include) {
  std::vector<std::string> names;
  const auto text = read_file(sdk_include + "/venturi/task_options.h");
  if (!text) return names;
  const std::size_t begin = text->find("struct TaskOptions {");
  if (begin == std::string::npos) return names;
  const std::string_view body(text->data() + begin, text->find("\n};", begin) - begin);
  for (std::size_t at = body.find("{}"); at != std::string_view::npos; at = body.find("{}", at + 1)) {
    std::size_t first = at;
    while (first > 0 && is_of_name(body[first - 1])) --first;
    if (first < at) names.emplace_back(body.substr(first, at - first));
  }
  return names;
}

// The names in ".retries = 3, .pool = ...".
std::vector<std::string> designated(std::string_view source) {
  std::vector<std::string> names;
  for (std::size_t at = source.find('.'); at != std::string_view::npos; at = source.find('.', at + 1)) {
    if (at == 0 || (source[at - 1] != '{' && source[at - 1] != ' ' && source[at - 1] != ',')) continue;
    std::size_t end = at + 1;
    while (end < source.size() && is_of_name(source[end])) ++end;
    const std::string_view rest = source.substr(end, source.find_first_not_of(' ', end) - end + 1);
    if (end > at + 1 && rest.ends_with('=')) names.emplace_back(source.substr(at + 1, end - at - 1));
  }
  return names;
}

std::string options_hint(std::string_view source, const std::string& sdk_include) {
  const std::vector<std::string> given = designated(source);
  const std::vector<std::string> known = task_options(sdk_include);
  if (given.empty() || known.empty()) return {};
  for (const std::string& name : given) {
    if (std::ranges::find(known, name) != known.end()) continue;
    const std::string near = nearest(name, known);
    return "a task has no option ." + name + (near.empty() ? "" : ", perhaps ." + near) +
           "; all are in <venturi/task_options.h>";
  }
  const auto place = [&](const std::string& name) { return std::ranges::find(known, name) - known.begin(); };
  for (std::size_t i = 1; i < given.size(); ++i) {
    if (place(given[i - 1]) > place(given[i]))
      return "options stand in the order of <venturi/task_options.h>: ." + given[i] + " before ." + given[i - 1];
  }
  return "the value of an option is of another type than the option's in <venturi/task_options.h>; durations are written 30s "
         "or "
         "5min, with using namespace std::chrono_literals";
}

std::string task_hint(std::string_view error, std::string_view source, const std::string& sdk_include) {
  if (mentions(source, "task([") || mentions(source, "task<[") || mentions(source, "branch([") ||
      mentions(source, "short_circuit(["))
    return "a lambda has no name: give the task's id first, dag.task(\"id\", [...] { ... })";
  const std::size_t task = source.find("task<");
  const std::size_t call = task == std::string_view::npos ? task : source.find(">(", task);
  const bool takes_task = call != std::string_view::npos && mentions(source.substr(call + 2, 16), ".task<");
  if (mentions(error, "Output<") || takes_task)
    return "inputs stand in a second pair of parentheses: dag.task<f>()(input, ...), or dag.task<f>({options})(input, ...)";
  return options_hint(source, sdk_include);
}

std::string expand_hint(std::string_view, std::string_view, const std::string&) {
  return "expand() takes a list: the output of a task that returns a std::vector<...> or a Value, a mapped task, or constants "
         "in "
         "braces";
}

struct Hint {
  std::string_view error;  // what stands in it
  std::string (*make)(std::string_view error, std::string_view source, const std::string& sdk_include);
};
// Of clang, then of g++.
constexpr Hint hints[] = {
    {"no matching member function for call to 'task'", task_hint},
    {"no matching function for call to \u2018venturi::sdk::Dag::task", task_hint},
    {"no matching function for call to \u2018venturi::sdk::TaskGroup::task", task_hint},
    {"no matching member function for call to 'branch'", task_hint},
    {"no matching member function for call to 'short_circuit'", task_hint},
    {"no matching function for call to 'expand'", expand_hint},
    {"no matching function for call to \u2018expand(", expand_hint},
};

}  // namespace

std::string compile_hint(std::string_view error, std::string_view source, const std::string& sdk_include) {
  const auto hint = std::ranges::find_if(hints, [&](const Hint& h) { return mentions(error, h.error); });
  return hint == std::end(hints) ? std::string() : hint->make(error, source, sdk_include);
}

}  // namespace venturi::lanes
