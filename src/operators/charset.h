// Texts that are not UTF-8, by iconv.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace venturi::operators {

// "utf-8", "UTF8", "us-ascii": what needs no conversion.
[[nodiscard]] bool is_utf8_name(std::string_view charset);

class CharsetConverter {
 public:
  // The error says that there is no such charset.
  [[nodiscard]] static Result<CharsetConverter> make(const std::string& from, const std::string& to);
  CharsetConverter(CharsetConverter&&) noexcept;
  CharsetConverter& operator=(CharsetConverter&&) noexcept;
  ~CharsetConverter();

  // Converts the beginning of `in` as far as `capacity` bytes at `to` and whole characters allow, and moves `in` behind it.
  // The error names the byte that is no character of the charset; its position counts from the first call.
  [[nodiscard]] Result<std::size_t> convert(std::string_view& in, char* to, std::size_t capacity);

 private:
  struct State;
  explicit CharsetConverter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// The whole of a text.
[[nodiscard]] Result<std::string> convert_text(std::string_view text, const std::string& from, const std::string& to);

}  // namespace venturi::operators
