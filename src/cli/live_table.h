// A table that is drawn anew in its place while a run goes on: for terminals.
#pragma once

#include <cstddef>
#include <string_view>

namespace venturi::cli {

class LiveTable {
 public:
  // Whether stdout is a terminal with room for so many lines.
  [[nodiscard]] static bool fits(std::size_t lines);
  // In place of what was drawn before; longer lines than the terminal has columns are cut.
  void draw(std::string_view text);
  void clear();

 private:
  std::size_t lines_ = 0;
};

}  // namespace venturi::cli
