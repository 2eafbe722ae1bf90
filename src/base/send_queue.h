// Bytes that wait to be sent over a socket that takes them in pieces. What was sent is dropped in large steps: removing each
// piece from the front of a large message would move all the rest of it each time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace venturi {

class SendQueue {
 public:
  SendQueue& operator=(std::string bytes) {
    bytes_ = std::move(bytes);
    sent_ = 0;
    return *this;
  }
  // For appending.
  [[nodiscard]] std::string& bytes() { return bytes_; }
  [[nodiscard]] std::string_view rest() const { return std::string_view(bytes_).substr(sent_); }
  [[nodiscard]] std::size_t size() const { return bytes_.size() - sent_; }
  [[nodiscard]] bool empty() const { return size() == 0; }
  void sent(std::size_t n) {
    sent_ += n;
    if (empty()) return clear();
    if (sent_ < step || sent_ < size()) return;
    bytes_.erase(0, sent_);
    sent_ = 0;
  }
  void clear() {
    bytes_.clear();
    sent_ = 0;
    if (bytes_.capacity() > kept) std::string().swap(bytes_);
  }

 private:
  static constexpr std::size_t step = 64UL << 10U, kept = 1UL << 20U;
  std::string bytes_;
  std::size_t sent_ = 0;
};

}  // namespace venturi
