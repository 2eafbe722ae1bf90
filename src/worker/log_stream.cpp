#include "worker/log_stream.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <utility>

#include "venturi/value.h"

namespace venturi::worker {
namespace {

constexpr std::size_t peek_bytes = 256 << 10;

// One buffer for all streams: they are read one after the other in one thread.
std::span<char> peek_buffer() {
  static char buffer[peek_bytes];
  return buffer;
}

void append_now(std::string& out) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  tm parts{};
  ::gmtime_r(&now.tv_sec, &parts);
  char text[64];
  const std::size_t n = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  out.append(text, n);
  out += '.';
  std::string micros = std::to_string(now.tv_nsec / 1000);
  out.append(6 - micros.size(), '0');
  out += micros;
  out += 'Z';
}

void append_line(LogKind kind, std::string_view line, std::string& out) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (kind == LogKind::log) {
    if (line.empty()) return;
    if (line.size() > 1 && line.front() == '{' && line.back() == '}') {
      out += line;
      out += '\n';
      return;
    }
  }
  const bool error = kind == LogKind::err;
  append_record(out, error ? "error" : "info", line, error ? "task.stderr" : kind == LogKind::out ? "task.stdout" : "task");
}

void append_up_to_limit(std::string& line, std::string_view part) {
  line += part.substr(0, most_last_line + 1 - std::min(line.size(), most_last_line + 1));
}

// How many bytes of `lines` are the end of `written`, line by line: its writer died before it took them from the socket.
std::size_t written_already(std::string_view lines, std::string_view written) {
  for (std::size_t end = lines.size(); end > 0; end = end < 2 ? 0 : lines.rfind('\n', end - 2) + 1) {
    if (written.ends_with(lines.substr(0, end))) return end;
  }
  return 0;
}

}  // namespace

void append_record(std::string& out, std::string_view level, std::string_view event, std::string_view logger) {
  out += R"({"timestamp":")";
  append_now(out);
  out += R"(","level":")";
  out += level;
  out += R"(","event":)";
  append_json_string(out, event);
  out += R"(,"logger":")";
  out += logger;
  out += "\"}\n";
}

std::size_t cut_lines(LogKind kind, std::string_view data, bool at_end, const Masker& masker, std::string& out) {
  std::size_t done = 0;
  while (done < data.size()) {
    const std::string_view rest = data.substr(done);
    // Whole lines are masked at once: secrets of several lines are found line by line too (base/masking_forms.h), and the
    // end of a line bounds whole fields.
    const auto last_feed = rest.rfind('\n');
    std::size_t length = at_end ? rest.size() : last_feed == std::string_view::npos ? 0 : last_feed + 1;
    Masker::Scan scan;
    if (length != 0 || rest.size() < longest_line) {
      if (length == 0) break;
      scan = masker.scan(rest.substr(0, length), true);
    } else {
      scan = masker.scan(rest, false);  // a part of a long line: a secret may cross its end
      length = scan.consumed;
      if (length == 0) break;
    }
    std::string_view clean = scan.clean;
    while (!clean.empty()) {
      const auto feed = clean.find('\n');
      std::string_view line = clean.substr(0, feed);
      clean.remove_prefix(feed == std::string_view::npos ? clean.size() : feed + 1);
      while (line.size() > longest_line) {
        append_line(kind, line.substr(0, longest_line), out);
        line.remove_prefix(longest_line);
      }
      append_line(kind, line, out);
    }
    done += length;
  }
  return done;
}

std::optional<std::size_t> LogStream::write_lines(std::string_view data, bool at_end, LogFile& file, const Masker& masker) {
  std::string out;
  const std::size_t done = cut_lines(kind_, data, at_end, masker, out);
  if (!file.append(out)) return std::nullopt;
  if (keeps_last_line_) remember(data.substr(0, done), at_end);
  return done;
}

// What is written of a long line comes in parts.
void LogStream::remember(std::string_view written, bool at_end) {
  const auto feed = written.rfind('\n');
  if (feed != std::string_view::npos) {
    const auto before = feed == 0 ? std::string_view::npos : written.rfind('\n', feed - 1);
    if (before != std::string_view::npos) open_line_.clear();
    append_up_to_limit(open_line_, written.substr(before + 1, feed - before - 1));
    last_line_ = std::exchange(open_line_, {});
    written.remove_prefix(feed + 1);
  }
  append_up_to_limit(open_line_, written);
  if (at_end && !open_line_.empty()) last_line_ = std::exchange(open_line_, {});
}

std::string LogStream::last_line() const {
  std::string line = open_line_;
  append_up_to_limit(line, held_);
  append_up_to_limit(line, peek_rest());
  return line.empty() ? last_line_ : line;
}

void LogStream::take(std::size_t n) {
  const auto buffer = peek_buffer();
  while (n > 0) {
    const ssize_t got = ::recv(fd_.get(), buffer.data(), std::min(n, buffer.size()), MSG_DONTWAIT);
    if (got <= 0) {
      if (got < 0 && errno == EINTR) continue;
      return;  // somebody else took it: the keeper, after our death was taken for certain
    }
    n -= static_cast<std::size_t>(got);
  }
}

LogStream::State LogStream::pump(LogFile& file, const Masker& masker, bool hung_up) {
  if (ended_) return State::ended;
  const auto buffer = peek_buffer();
  for (;;) {
    const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_PEEK | MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return held_.empty() ? State::idle : State::rest;
    if (got <= 0) {
      if (!write_lines(held_, true, file, masker)) return State::stuck;
      held_.clear();
      ended_ = true;
      return State::ended;
    }
    const std::string_view peeked(buffer.data(), static_cast<std::size_t>(got));
    const bool all = hung_up && peeked.size() < buffer.size();
    const auto written = write_lines(held_.empty() ? peeked : held_ + std::string(peeked), all, file, masker);
    if (!written) return State::stuck;
    const std::size_t from_held = std::min(*written, held_.size());
    held_.erase(0, from_held);
    const std::size_t done = *written - from_held;
    if (done == 0) return State::rest;
    take(done);
    if (done == peeked.size() && peeked.size() < buffer.size() && !hung_up) return State::idle;
  }
}

std::string LogStream::peek_rest() const {
  if (ended_) return {};
  const auto buffer = peek_buffer();
  const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_PEEK | MSG_DONTWAIT);
  return got <= 0 ? std::string() : std::string(buffer.data(), static_cast<std::size_t>(got));
}

void LogStream::take_rest(std::string_view rest) {
  held_ += rest;
  take(rest.size());
}

void LogStream::finish(LogFile& file, const Masker& masker, const std::string& written_last) {
  if (ended_) return;
  std::string data = held_;
  for (;;) {
    const std::string rest = peek_rest();
    if (rest.empty()) break;
    // Told to the keeper, but not taken any more.
    const bool held_twice = !held_.empty() && rest.starts_with(held_);
    data = held_twice ? rest : data + rest;
    held_.clear();
    take(rest.size());
  }
  held_.clear();
  ended_ = true;
  std::string out;
  cut_lines(kind_, data, true, masker, out);
  (void)file.append(std::string_view(out).substr(kind_ == LogKind::log ? written_already(out, written_last) : 0));
}

}  // namespace venturi::worker
