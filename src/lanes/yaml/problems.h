// What is wrong with a YAML file: all of it at once, each with its place.
//
//   team/orders.yaml:7:5: unknown key `retrys`: did you mean `retries`?
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/yaml.h"

namespace venturi::lanes::yaml {

class Problems {
 public:
  // `hint`: what to do, or the nearest valid word.
  void add(YamlMark mark, std::string what, std::string hint = {});
  void add(YamlProblem problem);

  [[nodiscard]] bool empty() const { return list_.empty(); }
  [[nodiscard]] std::size_t count() const { return count_; }
  // In the order of the file; those beyond the first thousand were only counted.
  [[nodiscard]] std::vector<YamlProblem> sorted() const;
  // A line for each; those beyond the first 25 are counted only.
  [[nodiscard]] std::string text(std::string_view file) const;

 private:
  std::vector<YamlProblem> list_;  // the first thousand
  std::size_t count_ = 0;
};

// "team/orders.yaml:7:5: what: hint"
[[nodiscard]] std::string problem_line(std::string_view file, const YamlProblem& problem);

// "did you mean `retries`?", or, where nothing is near, what there is.
[[nodiscard]] std::string did_you_mean(std::string_view name, std::span<const std::string> names);

// `a`, as names stand in messages; long ones are cut.
[[nodiscard]] std::string quoted(std::string_view name);

}  // namespace venturi::lanes::yaml
