// A text that is hardly ever there: it takes the room of a pointer then. Thousands of requests lie in memory, most of them with
// neither proxy nor certificates.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace venturi::net {

class RareText {
 public:
  RareText() = default;
  RareText(const RareText& other) { *this = other.text(); }
  RareText(RareText&&) noexcept = default;
  RareText& operator=(const RareText& other) { return *this = other.text(); }
  RareText& operator=(RareText&&) noexcept = default;
  ~RareText() = default;
  RareText& operator=(std::string text) {
    text_ = text.empty() ? nullptr : std::make_unique<const std::string>(std::move(text));
    return *this;
  }
  RareText& operator=(const char* text) { return *this = std::string(text); }

  [[nodiscard]] const std::string& text() const {
    static const std::string none;
    return text_ == nullptr ? none : *text_;
  }
  operator const std::string&() const { return text(); }  // NOLINT(google-explicit-constructor)
  [[nodiscard]] bool empty() const { return text_ == nullptr; }
  [[nodiscard]] const char* c_str() const { return text().c_str(); }
  void clear() { text_.reset(); }
  friend bool operator==(const RareText& a, std::string_view b) { return a.text() == b; }

 private:
  std::unique_ptr<const std::string> text_;  // null: empty
};

}  // namespace venturi::net
