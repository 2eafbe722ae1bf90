#include "server/old_logs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include "home/file_error.h"

namespace venturi::server {

Result<std::int64_t> compress_old_logs(const std::string& run_folder, Time before, const std::atomic<bool>& stop) {
  namespace fs = std::filesystem;
  std::vector<std::string> old;
  std::error_code error;
  for (auto at = fs::recursive_directory_iterator(run_folder, error); !error && at != fs::recursive_directory_iterator();
       at.increment(error)) {
    // A run's own callbacks go on being appended to callbacks.log.
    if (at->path().extension() != ".log" || !at->path().filename().string().starts_with("attempt=")) continue;
    struct stat info{};
    if (::lstat(at->path().c_str(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
    if (Time(std::chrono::seconds(info.st_mtim.tv_sec)) < before) old.push_back(at->path().string());
  }
  if (error && error != std::errc::no_such_file_or_directory)
    return fail(ErrorKind::unavailable, "cannot read the folder of logs: " + error.message(), run_folder);
  std::int64_t count = 0;
  for (const std::string& path : old) {
    if (stop) break;
    if (auto done = gzip_in_place(path); !done) return std::unexpected(std::move(done.error()));
    ++count;
  }
  return count;
}

Fd open_log(const std::string& path, bool& is_compressed) {
  is_compressed = false;
  Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file || errno != ENOENT) return file;
  Fd compressed(::open((path + ".gz").c_str(), O_RDONLY | O_CLOEXEC));
  is_compressed = static_cast<bool>(compressed);
  return compressed;
}

Result<std::optional<LogReader>> LogReader::open(const std::string& path, std::int64_t from) {
  bool is_compressed = false;
  Fd file = open_log(path, is_compressed);
  if (!file && errno == ENOENT) return std::nullopt;
  if (!file) return std::unexpected(file_error(errno, "cannot open the log", path));
  if (!is_compressed) return LogReader(std::move(file), std::nullopt, path, from);
  auto compressed = GunzipReader::open(std::move(file), path);
  if (!compressed) return std::unexpected(std::move(compressed.error()));
  if (auto skipped = compressed->skip(from); !skipped) return std::unexpected(std::move(skipped.error()));
  return LogReader(Fd(), std::move(*compressed), path, from);
}

Result<std::string> LogReader::read(std::size_t most) {
  if (compressed_) return compressed_->read(most);
  constexpr std::size_t piece = 65536;
  std::string text;
  while (text.size() < most) {
    const std::size_t size = text.size();
    text.resize(std::min(most, size + piece));
    const ssize_t got = ::pread(plain_.get(), text.data() + size, text.size() - size, at_);
    text.resize(size + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(file_error(errno, "cannot read the log", path_));
    if (got == 0) break;
    at_ += got;
  }
  return text;
}

std::optional<std::int64_t> LogReader::end_of_lines() const {
  if (compressed_) return std::nullopt;
  struct stat info{};
  std::int64_t end = ::fstat(plain_.get(), &info) == 0 ? info.st_size : at_;
  std::array<char, 4096> piece{};
  while (end > at_) {
    const std::int64_t begin = std::max(at_, end - std::ssize(piece));
    const ssize_t got = ::pread(plain_.get(), piece.data(), static_cast<std::size_t>(end - begin), begin);
    if (got != end - begin) return at_;
    const std::size_t newline = std::string_view(piece.data(), static_cast<std::size_t>(got)).rfind('\n');
    if (newline != std::string_view::npos) return begin + static_cast<std::int64_t>(newline) + 1;
    end = begin;
  }
  return at_;
}

Result<std::optional<LogEnd>> read_log_end(const std::string& path, std::size_t most) {
  LogEnd end;
  struct stat info{};
  // What is not compressed is not read from its beginning.
  if (::stat(path.c_str(), &info) == 0 && std::cmp_greater(info.st_size, most))
    end.size = static_cast<std::size_t>(info.st_size) - most;
  auto reader = LogReader::open(path, static_cast<std::int64_t>(end.size));
  if (!reader) return std::unexpected(std::move(reader.error()));
  if (!*reader) return std::nullopt;
  constexpr std::size_t piece = 65536;
  for (std::size_t got = piece; got == piece;) {
    const auto part = (*reader)->read(piece);
    if (!part) return std::unexpected(part.error());
    got = part->size();
    end.text += *part;
    end.size += got;
    if (end.text.size() / 2 > most) end.text.erase(0, end.text.size() - most);
  }
  if (end.text.size() > most) end.text.erase(0, end.text.size() - most);
  if (end.text.size() < end.size) {
    const std::size_t newline = end.text.find('\n');  // without one it is the end of a line
    if (newline != std::string::npos) end.text.erase(0, newline + 1);
  }
  return end;
}

}  // namespace venturi::server
