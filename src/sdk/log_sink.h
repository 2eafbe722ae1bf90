// Log lines on their way to the supervisor: JSON objects, one a line, each written with one call.
//
//   {"timestamp": "2026-01-01T00:00:00.000001Z", "level": "info", "event": "...", "logger": "task", <the try's ids>, <members>}
#pragma once

#include <string>
#include <string_view>

#include "base/fd.h"
#include "venturi/logger.h"

namespace venturi::inline sdk::detail {

class LogSink {
 public:
  // Without a descriptor the lines go to stderr, as text.
  explicit LogSink(Fd fd = Fd()) : fd_(std::move(fd)) {}
  void set(Fd fd) { fd_ = std::move(fd); }
  [[nodiscard]] int fd() const { return fd_.get(); }
  // Members of every line from now on.
  void set_ids(const Object& ids);

  void write(LogLevel level, std::string_view event, const Object* members = nullptr);

 private:
  Fd fd_;
  Object ids_;
  std::string id_text_;  // ", \"dag_id\": ..." as it stands in a line
};

[[nodiscard]] std::string_view to_string(LogLevel level);

}  // namespace venturi::inline sdk::detail
