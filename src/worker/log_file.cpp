#include "worker/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "worker/log_stream.h"

namespace venturi::worker {
namespace {

constexpr std::size_t most_last_lines = 64UL << 10U;

bool is_disk_full(int reason) {
  return reason == ENOSPC || reason == EDQUOT;
}

bool make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return true;
  if (errno != ENOENT) return false;
  const auto slash = path.rfind('/');
  if (slash == std::string::npos || slash == 0 || !make_folder(path.substr(0, slash))) return false;
  return ::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST;
}

}  // namespace

bool LogFile::open() {
  if (fd_) return true;
  constexpr int flags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC;
  fd_ = Fd(::open(path_.c_str(), flags, 0600));
  if (!fd_ && errno == ENOENT && make_folder(path_.substr(0, path_.rfind('/')))) {
    fd_ = Fd(::open(path_.c_str(), flags, 0600));
  }
  if (!fd_) {
    is_stuck_ = is_disk_full(errno);
    if (!is_stuck_) error_ = "the log " + path_ + " cannot be opened: " + std::strerror(errno);
    return false;
  }
  // A former worker may have written it.
  if (struct stat info{}; ::fstat(fd_.get(), &info) == 0) size_ = static_cast<std::uint64_t>(info.st_size);
  return true;
}

// All of it or, on a full disk, nothing: then it is false.
bool LogFile::write(std::string_view lines) {
  is_stuck_ = false;
  if (lines.empty() || path_.empty() || !error_.empty()) return true;
  if (!open()) return !is_stuck_;
  if (write_all(fd_.get(), lines)) {
    size_ += lines.size();
    return true;
  }
  const int reason = errno;
  is_stuck_ = is_disk_full(reason) && ::ftruncate(fd_.get(), static_cast<off_t>(size_)) == 0;
  if (!is_stuck_) error_ = "the log " + path_ + " cannot be written: " + std::strerror(reason);
  return !is_stuck_;
}

void LogFile::append_always(std::string_view lines) {
  notes_ += lines;
  if (notes_.size() > 4 * most_last_lines) notes_.resize(4 * most_last_lines);
  if (write(notes_)) notes_.clear();
}

bool LogFile::append(std::string_view lines) {
  if (!notes_.empty()) {
    if (!write(notes_)) return false;
    notes_.clear();
  }
  if (limit_ == 0 || lines.empty() || path_.empty() || !error_.empty()) return write(lines);
  if (is_full_) {
    drop(lines);
    return true;
  }
  if (!open()) return !is_stuck_;
  if (size_ + lines.size() <= limit_) return write(lines);
  const std::uint64_t room = limit_ > size_ ? limit_ - size_ : 0;
  const std::size_t feed = room == 0 ? std::string_view::npos : lines.rfind('\n', static_cast<std::size_t>(room) - 1);
  const std::size_t fits = feed == std::string_view::npos ? 0 : feed + 1;
  std::string note(lines.substr(0, fits));
  append_record(note, "warning",
                "the log has reached its limit, " + std::to_string(limit_ >> 20U) +
                    " MiB ([logging] max_task_log_mib): of what the task prints from here on only the last lines are kept",
                "venturi.worker");
  if (!write(note)) return false;
  is_full_ = true;
  drop(lines.substr(fits));
  return true;
}

void LogFile::drop(std::string_view lines) {
  dropped_ += lines.size();
  last_lines_ += lines;
  if (last_lines_.size() <= 2 * most_last_lines) return;
  std::size_t feed = last_lines_.find('\n', last_lines_.size() - most_last_lines);
  if (feed + 1 == last_lines_.size()) feed = last_lines_.rfind('\n', feed - 1);  // a long one is kept nevertheless
  last_lines_.erase(0, feed == std::string::npos ? 0 : feed + 1);
}

void LogFile::end() {
  if (dropped_ == 0) return;
  std::string note;
  append_record(
      note, "warning",
      "here " + std::to_string(dropped_ - last_lines_.size()) + " bytes of the log are missing; its last lines follow",
      "venturi.worker");
  append_always(note);
  append_always(last_lines_);
  dropped_ = 0;
  last_lines_.clear();
}

std::string LogFile::tail(std::size_t n) const {
  const Fd fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info{};
  if (!fd || ::fstat(fd.get(), &info) != 0) return {};
  const auto size = static_cast<std::size_t>(info.st_size);
  std::string text(std::min(n, size), '\0');
  const ssize_t got = ::pread(fd.get(), text.data(), text.size(), static_cast<off_t>(size - text.size()));
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return text;
}

bool stays_inside(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.find('\0') != std::string_view::npos) return false;
  while (!path.empty()) {
    const auto slash = path.find('/');
    const auto part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
  return false;  // ends with a slash
}

}  // namespace venturi::worker
