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
#include "base/gzip_stream.h"
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

// `otherwise`: the destination where none is given.
Pair pair_of(const Arguments& arguments, const std::string& otherwise = {}) {
  Pair pair{absolute_file("source", arguments.string("source")), arguments.string("destination", otherwise)};
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

// The source, a block at a time.
class Blocks {
 public:
  explicit Blocks(const MoverTry& t, const std::string& path)
      : t_(t), path_(path), in_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat info{};
    if (!in_ || ::fstat(in_.get(), &info) != 0) fail_with(path, "read", errno);
    mode_ = info.st_mode & 0777U;
  }
  // Nothing at its end.
  std::size_t read(char* to, std::size_t most) {
    for (;;) {
      t_.stop.check();
      const ssize_t n = ::read(in_.get(), to, most);
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno != EINTR) fail_with(path_, "read", errno);
    }
  }
  [[nodiscard]] mode_t mode() const { return mode_; }

 private:
  const MoverTry& t_;
  const std::string& path_;
  Fd in_;
  mode_t mode_ = 0;
};

std::size_t copy(const MoverTry& t, const Pair& pair) {
  Blocks in(t, pair.source);
  NewFile out(pair.destination, t.facts.ti_id);
  (void)::fchmod(out.fd(), in.mode());
  std::string block(copied_at_once, '\0');
  while (const std::size_t n = in.read(block.data(), block.size())) out.write({block.data(), n});
  out.finish();
  return out.size();
}

void check_is_gzip(const Arguments& arguments) {
  if (const std::string word = arguments.string("compression", "gzip"); word != "gzip")
    throw TaskFailedForGood(fmt::format("the argument compression must be gzip, not '{}'", word));
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

Value compress_file(MoverTry& t, const Arguments& arguments) {
  check_is_gzip(arguments);
  const std::int64_t level = arguments.integer("level", GzipPacker::default_level);
  if (level < 1 || level > 9) throw TaskFailedForGood("the argument level must be from 1 to 9");
  const Pair pair = pair_of(arguments, arguments.string("source") + ".gz");
  Blocks in(t, pair.source);
  NewFile out(pair.destination, t.facts.ti_id);
  (void)::fchmod(out.fd(), in.mode());
  GzipPacker packer([&out](std::string_view packed) { out.write(packed); }, static_cast<int>(level));
  std::string block(copied_at_once, '\0');
  std::size_t bytes = 0;
  while (const std::size_t n = in.read(block.data(), block.size())) {
    packer.write({block.data(), n});
    bytes += n;
  }
  packer.finish();
  out.finish();
  t.log.info(fmt::format("compressed {}, {} bytes, to {}, {} bytes", pair.source, bytes, pair.destination, out.size()));
  return pair.destination;
}

Value decompress_file(MoverTry& t, const Arguments& arguments) {
  check_is_gzip(arguments);
  const std::string source = arguments.string("source");
  if (arguments.find("destination") == nullptr && !source.ends_with(".gz"))
    throw TaskFailedForGood(fmt::format("{} does not end with .gz: give destination", source));
  const Pair pair = pair_of(arguments, source.substr(0, source.size() - std::min<std::size_t>(source.size(), 3)));
  Blocks in(t, pair.source);
  NewFile out(pair.destination, t.facts.ti_id);
  (void)::fchmod(out.fd(), in.mode());
  Gunzip gunzip([&in](char* to, std::size_t most) { return in.read(to, most); });
  std::string block(copied_at_once, '\0');
  for (;;) {
    const auto n = gunzip.read(block.data(), block.size());
    if (!n) throw TaskFailed(pair.source + ": " + n.error().what);
    if (*n == 0) break;
    out.write({block.data(), *n});
  }
  out.finish();
  t.log.info(fmt::format("decompressed {} to {}, {} bytes", pair.source, pair.destination, out.size()));
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
