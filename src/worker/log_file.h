// A try's log: JSON lines, appended to, readable by the owner only.
#pragma once

#include <string>
#include <string_view>

#include "base/fd.h"

namespace venturi::worker {

class LogFile {
 public:
  // An empty path: nothing is kept.
  explicit LogFile(std::string path) : path_(std::move(path)) {}

  // Opens the file at the first line, with the folders above it. A log that cannot be written must not stop the task: the
  // first reason is kept in error(), for the try's outcome.
  void append(std::string_view lines);
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  // The last `n` bytes of what is there.
  [[nodiscard]] std::string tail(std::size_t n) const;

 private:
  std::string path_, error_;
  Fd fd_;
};

// Nothing for a path that is absolute or leaves the folder: log paths are relative to $VENTURI_HOME/logs.
[[nodiscard]] bool stays_inside(std::string_view relative_path);

}  // namespace venturi::worker
