// How CSV is written: the arguments delimiter and null_text, and what is quoted.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "operators/arguments.h"

namespace venturi::providers {

class CsvStyle {
 public:
  // Throws TaskFailedForGood where an argument is wrong.
  explicit CsvStyle(const operators::Arguments& arguments);

  [[nodiscard]] char delimiter() const { return delimiter_; }
  [[nodiscard]] const std::string& null_text() const { return null_; }
  // Whether numbers and times are never quoted: nothing that they are made of stands for something else.
  [[nodiscard]] bool numbers_are_plain() const;
  // A cell with something in it, quoted where it would be read as something else, null included.
  void append(std::string& line, std::string_view text) const;

 private:
  std::string null_;
  char delimiter_;
  std::array<bool, 256> is_special_{};
};

}  // namespace venturi::providers
