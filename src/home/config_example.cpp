#include <fmt/format.h>

#include "home/config.h"

namespace venturi {
namespace {

// A comment of lines of 120 characters at most.
void add_comment(std::string& page, std::string_view text) {
  constexpr std::size_t width = 118;
  while (text.size() > width) {
    const std::size_t blank = text.rfind(' ', width);
    if (blank == std::string_view::npos) break;
    page += fmt::format("# {}\n", text.substr(0, blank));
    text.remove_prefix(blank + 1);
  }
  page += fmt::format("# {}\n", text);
}

}  // namespace

std::string config_example() {
  std::string page =
      "# The configuration of a Venturi home. Take the # from before a setting to change it; what stands there is its "
      "default.\n"
      "# VENTURI__SECTION__KEY in the environment goes before this file; `venturi config list` shows what is in force.\n";
  std::string_view section;
  for (const ConfigKey& key : config_keys) {
    if (key.section != section) {
      section = key.section;
      page += fmt::format("\n[{}]\n", section);
    }
    add_comment(page, key.description);
    const bool is_quoted = key.type == ConfigType::text || key.type == ConfigType::path;
    const std::string value = is_quoted ? fmt::format("\"{}\"", key.default_value) : std::string(key.default_value);
    page += fmt::format("#{} = {}\n", key.key, value);
  }
  return page;
}

}  // namespace venturi
