#include "server/old_logs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include "base/gzip.h"
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

Result<std::optional<std::string>> read_log(const std::string& path, std::size_t most) {
  bool is_compressed = false;
  Fd file = open_log(path, is_compressed);
  if (!file && errno == ENOENT) return std::nullopt;
  if (!file) return std::unexpected(file_error(errno, "cannot open the log", path));
  auto content = gunzip(std::move(file), path, most);
  if (!content) return std::unexpected(std::move(content.error()));
  return std::move(*content);
}

Result<std::optional<LogEnd>> read_log_end(const std::string& path, std::size_t most) {
  bool is_compressed = false;
  Fd file = open_log(path, is_compressed);
  if (!file && errno == ENOENT) return std::nullopt;
  if (!file) return std::unexpected(file_error(errno, "cannot open the log", path));
  LogEnd end;
  struct stat info{};
  if (!is_compressed && ::fstat(file.get(), &info) == 0 && std::cmp_greater(info.st_size, most)) {
    // zlib reads what is not compressed from where the descriptor stands.
    end.size = static_cast<std::size_t>(info.st_size) - most;
    if (::lseek(file.get(), static_cast<off_t>(end.size), SEEK_SET) < 0)
      return std::unexpected(file_error(errno, "cannot read the log", path));
  }
  auto done = gunzip(std::move(file), path, [&](std::string_view part) -> Result<void> {
    end.text += part;
    end.size += part.size();
    if (end.text.size() / 2 > most) end.text.erase(0, end.text.size() - most);
    return {};
  });
  if (!done) return std::unexpected(std::move(done.error()));
  if (end.text.size() > most) end.text.erase(0, end.text.size() - most);
  if (end.text.size() < end.size) {
    const std::size_t newline = end.text.find('\n');  // without one it is the end of a line
    if (newline != std::string::npos) end.text.erase(0, newline + 1);
  }
  return end;
}

}  // namespace venturi::server
