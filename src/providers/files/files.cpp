#include "providers/files/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "base/fd.h"
#include "operators/mover_try.h"
#include "operators/outcome.h"
#include "providers/rows/new_file.h"
#include "providers/standard/glob.h"

namespace venturi::providers {
namespace {

namespace fs = std::filesystem;
using operators::Arguments;
using operators::ArgumentType;
using operators::MoverTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;
using operators::templated;

constexpr std::size_t copied_at_once = 1UL << 20U;

[[noreturn]] void fail_with(const std::string& path, const char* what, int error) {
  throw TaskFailed(fmt::format("{} cannot be {}: {}", path, what, std::strerror(error)));
}

struct Pair {
  std::string source, destination;
};

Pair pair_of(const Arguments& arguments) {
  Pair pair{absolute_file("source", arguments.string("source")), arguments.string("destination")};
  struct stat source{}, info{};
  if (::stat(pair.source.c_str(), &source) != 0) fail_with(pair.source, "read", errno);
  if (!S_ISREG(source.st_mode)) throw TaskFailed(pair.source + " is no file");
  if (pair.destination.starts_with('/') && ::stat(pair.destination.c_str(), &info) == 0 && S_ISDIR(info.st_mode))
    pair.destination += (pair.destination.ends_with('/') ? "" : "/") + pair.source.substr(pair.source.rfind('/') + 1);
  pair.destination = absolute_file("destination", pair.destination);
  if (::stat(pair.destination.c_str(), &info) != 0) return pair;
  if (info.st_dev == source.st_dev && info.st_ino == source.st_ino)
    throw TaskFailedForGood(fmt::format("{} and {} are the same file", pair.source, pair.destination));
  if (!arguments.boolean("overwrite", true))
    throw TaskFailed(fmt::format("{} is there already, and overwrite is false", pair.destination));
  return pair;
}

std::size_t copy(const MoverTry& t, const Pair& pair) {
  const Fd in(::open(pair.source.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info{};
  if (!in || ::fstat(in.get(), &info) != 0) fail_with(pair.source, "read", errno);
  NewFile out(pair.destination, t.facts.ti_id);
  (void)::fchmod(out.fd(), info.st_mode & 0777U);
  std::string block(copied_at_once, '\0');
  for (;;) {
    t.stop.check();
    const ssize_t n = ::read(in.get(), block.data(), block.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail_with(pair.source, "read", errno);
    if (n == 0) break;
    out.write({block.data(), static_cast<std::size_t>(n)});
  }
  out.finish();
  return out.size();
}

std::int64_t delete_one(const std::string& path, bool recursive) {
  std::error_code error;
  const std::int64_t removed = recursive ? static_cast<std::int64_t>(fs::remove_all(path, error)) : fs::remove(path, error);
  if (error.value() == ENOTEMPTY)
    throw TaskFailed(fmt::format("{} is a folder that is not empty: set recursive to delete all that is in it", path));
  if (error) fail_with(path, "deleted", error.value());
  return removed;
}

}  // namespace

Value copy_file(MoverTry& t, const Arguments& arguments) {
  const Pair pair = pair_of(arguments);
  const std::size_t bytes = copy(t, pair);
  t.log.info(fmt::format("copied {} to {}, {} bytes", pair.source, pair.destination, bytes));
  return pair.destination;
}

Value move_file(MoverTry& t, const Arguments& arguments) {
  const Pair pair = pair_of(arguments);
  if (::rename(pair.source.c_str(), pair.destination.c_str()) != 0) {
    if (errno != EXDEV) fail_with(pair.source, "moved", errno);
    (void)copy(t, pair);  // to another file system
    if (::unlink(pair.source.c_str()) != 0) fail_with(pair.source, "deleted after it was copied", errno);
  }
  t.log.info(fmt::format("moved {} to {}", pair.source, pair.destination));
  return pair.destination;
}

Value delete_file(MoverTry& t, const Arguments& arguments) {
  const std::string path = arguments.string("path");
  const fs::path normal = fs::path(path).lexically_normal();
  if (!path.starts_with('/') || normal.relative_path().empty() || path.find('\0') != std::string::npos)
    throw TaskFailedForGood(fmt::format("the argument path must be an absolute path, and not that of all files: '{}'", path));
  std::vector<std::string> paths;
  (void)glob(path, false, [&paths](const std::string& found) {
    paths.push_back(found);
    return false;
  });
  if (paths.empty() && !arguments.boolean("missing_ok", false))
    throw TaskFailed(fmt::format("{} is not there: set missing_ok where that is fine", path));
  std::int64_t count = 0;
  for (const std::string& found : paths) {
    t.stop.check();
    count += delete_one(found, arguments.boolean("recursive", false));
  }
  t.log.info(fmt::format("deleted {}: {} files and folders", path, count));
  return static_cast<long long>(count);
}

Value list_files(MoverTry& t, const Arguments& arguments) {
  const std::string pattern = arguments.string("path");
  if (!pattern.starts_with('/') || pattern.find('\0') != std::string::npos)
    throw TaskFailedForGood(fmt::format("the argument path must be an absolute path, or a pattern of them, not '{}'", pattern));
  std::vector<std::string> paths;
  (void)glob(pattern, arguments.boolean("recursive", false), [&](const std::string& path) {
    t.stop.check();
    struct stat info{};
    if (::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode)) paths.push_back(path);
    return false;
  });
  std::ranges::sort(paths);
  t.log.info(fmt::format("{} files are like {}", paths.size(), pattern));
  return Array(paths.begin(), paths.end());
}

Value make_directory(MoverTry& t, const Arguments& arguments) {
  const std::string path = arguments.string("path");
  if (!path.starts_with('/') || path.find('\0') != std::string::npos)
    throw TaskFailedForGood(fmt::format("the argument path must be an absolute path, not '{}'", path));
  std::error_code error;
  const bool made = fs::create_directories(path, error);
  if (error) fail_with(path, "made", error.value());
  t.log.info(made ? "made " + path : path + " is there already");
  return path;
}

}  // namespace venturi::providers
