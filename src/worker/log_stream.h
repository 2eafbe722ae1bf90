// The read end of a task's stdout, stderr or log socket on its way to the log file.
//
// Bytes are looked at (MSG_PEEK), masked, written to the file, and only then taken from the socket: whoever holds a duplicate
// of the read end and outlives the reader (the keeper) finds what is not in the log yet. So a line is kept from the moment on
// in which the task's write() returned. What is taken early all the same, the beginning of a line that does not end, is
// `held`, and told to the keeper first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/masking.h"
#include "worker/log_file.h"

namespace venturi::worker {

enum class LogKind : std::uint8_t { log, out, err };

// A line of this many bytes is written although its end is not there: as parts, each a record.
inline constexpr std::size_t longest_line = 64 << 10;

// The longest last line that a bash operator returns.
inline constexpr std::size_t most_last_line = 1UL << 20U;

// Cuts whole lines off the beginning of `data`, masks them and appends them to `out` as JSON lines; returns how many bytes of
// data that were. Lines of the log socket pass when they look like JSON objects; everything else becomes a record with logger
// "task.stdout" (info) or "task.stderr" (error). at_end: nothing follows, so the rest is a line too.
std::size_t cut_lines(LogKind kind, std::string_view data, bool at_end, const Masker& masker, std::string& out);

// One record: {"timestamp": now, "level": ..., "event": ..., "logger": ...} and a line feed.
void append_record(std::string& out, std::string_view level, std::string_view event, std::string_view logger);

class LogStream {
 public:
  LogStream(Fd fd, LogKind kind) : fd_(std::move(fd)), kind_(kind) {}

  enum class State : std::uint8_t {
    idle,   // nothing there
    rest,   // the beginning of a line, left in the socket or held
    stuck,  // the disk is full: what is there stays in the socket, and pump() has to be called again
    ended,
  };
  // Writes all whole lines that are there; with hung_up (EPOLLHUP: there is no writer) the rest too.
  State pump(LogFile& file, const Masker& masker, bool hung_up);
  // What pump() left in the socket: a writer of single bytes fills it before its line ends, and would wait for ever. The
  // caller tells the keeper held() + peek_rest(), then calls take_rest().
  [[nodiscard]] std::string peek_rest() const;
  void take_rest(std::string_view rest);
  // The writers and the former reader are dead: all that is there goes to the file, the last line complete or not, except
  // what the file's end `written_last` shows to have been written and not taken.
  void finish(LogFile& file, const Masker& masker, const std::string& written_last);

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] LogKind kind() const { return kind_; }
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] const std::string& held() const { return held_; }
  void set_held(std::string bytes) { held_ = std::move(bytes); }
  // Its last line, unmasked, with what is in the socket still: what a bash operator returns. Of a line that is longer than
  // most_last_line no more than that and one byte.
  [[nodiscard]] std::string last_line() const;
  void keep_last_line() { keeps_last_line_ = true; }
  // Not before the loop stopped watching: epoll forgets a socket only when all duplicates are closed, the keeper's too.
  void close() { fd_.reset(); }

 private:
  // How much of it was written; nothing where the disk is full.
  std::optional<std::size_t> write_lines(std::string_view data, bool at_end, LogFile& file, const Masker& masker);
  void take(std::size_t n);

  Fd fd_;
  LogKind kind_;
  void remember(std::string_view written, bool at_end);

  bool keeps_last_line_ = false, ended_ = false;
  std::string held_;
  std::string last_line_, open_line_;  // the last one that ended, and what was written of the next one
};

}  // namespace venturi::worker
