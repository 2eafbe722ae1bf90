// Single values of a YAML file: what does not fit is a problem at its place, and nothing comes back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/yaml.h"
#include "lanes/yaml/problems.h"
#include "venturi/time.h"

namespace venturi::lanes::yaml {

// A named member of a mapping.
struct Given {
  std::string_view name;
  const YamlNode& node;
};

class Values {
 public:
  explicit Values(Problems& problems) : problems_(problems) {}

  [[nodiscard]] std::optional<std::string> text(Given given);
  [[nodiscard]] std::optional<bool> flag(Given given);
  [[nodiscard]] std::optional<std::int64_t> integer(Given given, std::int64_t minimum);
  [[nodiscard]] std::optional<double> number(Given given, double minimum);
  // `or_else`: what else it may be, "true, false or ", for the message.
  [[nodiscard]] std::optional<Duration> duration(Given given, std::string_view or_else = {});
  // A text, or a list of them.
  struct Text {
    std::string text;
    YamlMark mark;
  };
  [[nodiscard]] std::optional<std::vector<Text>> texts(Given given);
  // One of `words`; the name of what they are is "trigger rule".
  [[nodiscard]] std::optional<std::string> word(Given given, std::string_view what, std::span<const std::string_view> words);

  // "retries has to be an integer, not a text"
  void refuse(Given given, std::string_view wanted, std::string hint = {});

 private:
  Problems& problems_;
};

// "30s", "5m", "1h30m", "2d", "1w": units are w, d, h, m or min, s, ms. Nothing where it is no time span.
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);

// "a text", "a list", ...
[[nodiscard]] std::string_view type_of(const YamlNode& node);

}  // namespace venturi::lanes::yaml
