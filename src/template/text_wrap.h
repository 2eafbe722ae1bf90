// Python's textwrap.wrap, as the filter wordwrap uses it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace venturi::templates {

struct WrapOptions {
  std::size_t width;
  bool break_long_words;
  bool break_on_hyphens;
};

[[nodiscard]] std::vector<std::string> wrap_text(std::string_view text, const WrapOptions& options);

}  // namespace venturi::templates
