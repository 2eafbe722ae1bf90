// Reads a log file that is being written.
#pragma once

#include <filesystem>
#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace venturi::cli {

class LogFollower {
 public:
  // The file may come later.
  explicit LogFollower(std::filesystem::path path) : path_(std::move(path)) {}

  // The whole lines that came since the last call; with `at_end` also what stands behind the last line feed.
  [[nodiscard]] Result<std::string> read(bool at_end = false);
  [[nodiscard]] bool is_there() const { return file_ || was_compressed_; }

 private:
  std::filesystem::path path_;
  Fd file_;
  bool was_compressed_ = false;
  std::string begun_;  // a line without its end
};

}  // namespace venturi::cli
