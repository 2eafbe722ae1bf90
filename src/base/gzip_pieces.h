// Bytes that are compressed on their way (RFC 1952), a piece at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace venturi {

class GzipStream {
 public:
  GzipStream();
  ~GzipStream();
  GzipStream(GzipStream&&) noexcept;
  GzipStream& operator=(GzipStream&&) noexcept;

  // What is there of the compressed bytes after these.
  [[nodiscard]] std::string add(std::string_view bytes);
  // The rest; nothing may be added afterwards.
  [[nodiscard]] std::string end();

 private:
  std::string deflated(std::string_view bytes, int flush);
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace venturi
