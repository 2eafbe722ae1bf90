// Adds settings to a venturi.toml as text, so that its comments and its order stay.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace venturi::cli {

struct TomlSetting {
  std::string section, key, value;  // the value as it stands in the file
};

// Keys that are not in it yet: behind the head of their section where it has one, else in a new section at the end.
[[nodiscard]] std::string with_toml_settings(std::string_view text, const std::vector<TomlSetting>& settings);

}  // namespace venturi::cli
