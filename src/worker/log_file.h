// A try's log: JSON lines, appended to, readable by the owner only.
//
// A task that prints without end must not fill the disk: with a limit, what would go over it is dropped, except the last lines,
// which end() appends.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/fd.h"

namespace venturi::worker {

class LogFile {
 public:
  // An empty path: nothing is kept.
  explicit LogFile(std::string path) : path_(std::move(path)) {}

  // How many bytes append() brings into the file, with what is there already; 0: any number. Before the first line.
  void set_limit(std::uint64_t bytes) { limit_ = bytes; }

  // Whole lines. Opens the file at the first of them, with the folders above it. A log that cannot be written must not stop the
  // task: the first reason is kept in error(), for the try's outcome. False where the disk is full: nothing of this was
  // written, and the caller comes again with it.
  [[nodiscard]] bool append(std::string_view lines);
  // What we say of the try ourselves: whatever the limit is. With a full disk it waits here for what is appended next.
  void append_always(std::string_view lines);
  // The last lines found the disk full.
  [[nodiscard]] bool is_stuck() const { return is_stuck_; }
  // Where lines were dropped: says how much that was, and appends the last of them.
  void end();
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  // The last `n` bytes of what is there.
  [[nodiscard]] std::string tail(std::size_t n) const;

 private:
  bool open();
  bool write(std::string_view lines);
  void drop(std::string_view lines);

  std::string path_, error_;
  Fd fd_;
  std::uint64_t limit_ = 0, size_ = 0, dropped_ = 0;
  bool is_full_ = false, is_stuck_ = false;
  std::string notes_;       // of append_always(), while the disk is full
  std::string last_lines_;  // of those that were dropped
};

// Nothing for a path that is absolute or leaves the folder: log paths are relative to $VENTURI_HOME/logs.
[[nodiscard]] bool stays_inside(std::string_view relative_path);

}  // namespace venturi::worker
