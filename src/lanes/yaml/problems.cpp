#include "lanes/yaml/problems.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/edit_distance.h"

namespace venturi::lanes::yaml {
namespace {

constexpr std::size_t most_shown = 25;
constexpr std::size_t most_kept = 1000;
constexpr std::size_t most_names = 40;
constexpr std::size_t longest_name = 80;

}  // namespace

std::string quoted(std::string_view name) {
  return fmt::format("`{}{}`", name.substr(0, longest_name), name.size() > longest_name ? "..." : "");
}

void Problems::add(YamlMark mark, std::string what, std::string hint) {
  add({mark, std::move(what), std::move(hint), {}});
}

void Problems::add(YamlProblem problem) {
  if (++count_ <= most_kept) list_.push_back(std::move(problem));
}

std::vector<YamlProblem> Problems::sorted() const {
  std::vector<YamlProblem> all = list_;
  std::ranges::stable_sort(all, [](const YamlProblem& a, const YamlProblem& b) {
    return std::pair(a.mark.line, a.mark.column) < std::pair(b.mark.line, b.mark.column);
  });
  return all;
}

std::string problem_line(std::string_view file, const YamlProblem& problem) {
  std::string line = fmt::format("{}:{}:{}: {}", file, problem.mark.line, problem.mark.column, problem.what);
  if (!problem.subject.empty()) line += ": " + quoted(problem.subject);
  if (!problem.hint.empty()) line += ": " + problem.hint;
  return line;
}

std::string Problems::text(std::string_view file) const {
  std::string lines;
  std::size_t shown = 0;
  for (const YamlProblem& problem : sorted()) {
    if (shown++ == most_shown) {
      lines += fmt::format("\n{}: and {} more", file, count_ - most_shown);
      break;
    }
    lines += (lines.empty() ? "" : "\n") + problem_line(file, problem);
  }
  return lines;
}

std::string did_you_mean(std::string_view name, std::span<const std::string> names) {
  const std::string near = name.size() > longest_name ? std::string() : nearest(name, names);
  if (!near.empty()) return "did you mean " + quoted(near) + "?";
  if (names.empty()) return "there is none";
  std::string all;
  for (std::size_t i = 0; i < std::min(names.size(), most_names); ++i) all += (i == 0 ? "" : ", ") + names[i];
  return "there are: " + all + (names.size() > most_names ? ", ..." : "");
}

}  // namespace venturi::lanes::yaml
