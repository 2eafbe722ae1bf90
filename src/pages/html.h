// HTML that cannot be written by what it shows: markup comes from literals, and everything that is put into one is escaped.
#pragma once

#include <fmt/format.h>

#include <concepts>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

namespace venturi::pages {

// For text and for attributes in double quotes. Control characters, which HTML has no place for, become U+FFFD; line feeds and
// tabs stay.
[[nodiscard]] std::string escaped(std::string_view text);

class Html;

namespace shown {
[[nodiscard]] std::string_view of(const Html& markup);
[[nodiscard]] inline std::string of(std::string_view text) {
  return escaped(text);
}
template <class Number>
  requires(std::integral<Number> || std::floating_point<Number>)
[[nodiscard]] Number of(Number number) {
  return number;
}
}  // namespace shown

class Html {
 public:
  Html() = default;
  // add("<td>{}</td>", text): what is given is escaped, but for other Html.
  template <class... Args>
  Html& add(fmt::format_string<decltype(shown::of(std::declval<const Args&>()))...> markup, const Args&... args) {
    const fmt::string_view text = markup;
    fmt::vformat_to(std::back_inserter(text_), text, fmt::make_format_args(shown::of(args)...));
    return *this;
  }
  Html& add(const Html& other) {
    text_ += other.text_;
    return *this;
  }
  // What another piece of code has made safe (Markdown, a drawing).
  [[nodiscard]] static Html trusted(std::string markup) {
    Html html;
    html.text_ = std::move(markup);
    return html;
  }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::string take() { return std::move(text_); }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  void reserve(std::size_t bytes) { text_.reserve(bytes); }

 private:
  std::string text_;
};

template <class... Args>
[[nodiscard]] Html html(fmt::format_string<decltype(shown::of(std::declval<const Args&>()))...> markup, const Args&... args) {
  Html out;
  out.add(markup, args...);
  return out;
}

inline std::string_view shown::of(const Html& markup) {
  return markup.text();
}

}  // namespace venturi::pages
