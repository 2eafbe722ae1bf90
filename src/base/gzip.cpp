#include "base/gzip.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace venturi {
namespace {

constexpr std::size_t piece = 64UL << 10U;

std::unexpected<Error> trouble(const char* doing, const std::string& path) {
  const ErrorKind kind = errno == ENOSPC || errno == EDQUOT ? ErrorKind::exhausted : ErrorKind::unavailable;
  return fail(kind, std::string("cannot ") + doing + ": " + std::strerror(errno), path);
}

Result<void> compress(int from, const std::string& path, const std::string& target, mode_t mode) {
  Fd to(::open(target.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
  if (!to) return trouble("write the compressed file", target);
  const Fd kept(::fcntl(to.get(), F_DUPFD_CLOEXEC, 0));
  Gzip gzip(::gzdopen(to.get(), "wb6"));
  if (!gzip) return trouble("write the compressed file", target);
  (void)to.release();
  std::array<char, piece> buffer{};
  for (;;) {
    const ssize_t got = ::read(from, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return trouble("read the file", path);
    if (got == 0) break;
    errno = ENOSPC;  // what zlib itself does not tell
    if (::gzwrite(gzip.get(), buffer.data(), static_cast<unsigned>(got)) != got)
      return trouble("write the compressed file", target);
  }
  errno = ENOSPC;
  if (::gzclose(gzip.release()) != Z_OK) return trouble("write the compressed file", target);
  if (!kept || ::fsync(kept.get()) != 0) return trouble("write the compressed file", target);
  return {};
}

}  // namespace

Result<void> gzip_in_place(const std::string& path) {
  const Fd from(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat info{};
  if (!from || ::fstat(from.get(), &info) != 0) return trouble("read the file", path);
  const std::string part = path + ".gz.part";
  auto done = compress(from.get(), path, part, info.st_mode & 0777U);
  const std::array<timespec, 2> times{info.st_atim, info.st_mtim};
  if (done && ::utimensat(AT_FDCWD, part.c_str(), times.data(), 0) != 0) done = trouble("set the time of the file", part);
  if (done && ::rename(part.c_str(), (path + ".gz").c_str()) != 0) done = trouble("rename the file", part);
  if (!done) {
    ::unlink(part.c_str());
    return done;
  }
  if (::unlink(path.c_str()) != 0) return trouble("remove the file", path);
  return {};
}

void CloseGzip::operator()(gzFile_s* file) const {
  ::gzclose(file);
}

Result<GunzipReader> GunzipReader::open(Fd file, std::string path) {
  Gzip gzip(::gzdopen(file.get(), "rb"));
  if (!gzip) return trouble("read the file", path);
  (void)file.release();
  return GunzipReader(std::move(gzip), std::move(path));
}

Result<std::string> GunzipReader::read(std::size_t most) {
  std::string content;
  while (content.size() < most) {
    const std::size_t size = content.size(), wanted = std::min(most - size, piece);
    content.resize(size + wanted);
    const int got = ::gzread(file_.get(), content.data() + size, static_cast<unsigned>(wanted));
    content.resize(size + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got > 0) continue;
    int code = 0;
    const std::string why = ::gzerror(file_.get(), &code);
    if (code == Z_ERRNO) return trouble("read the file", path_);
    if (code == Z_BUF_ERROR) return fail(ErrorKind::corrupt, "the compressed file ends early", path_);
    if (got < 0) return fail(ErrorKind::corrupt, "the compressed file is damaged: " + why, path_);
    break;
  }
  return content;
}

Result<void> GunzipReader::skip(std::int64_t bytes) {
  while (bytes > 0) {
    const auto passed = read(static_cast<std::size_t>(std::min(bytes, static_cast<std::int64_t>(piece))));
    if (!passed) return std::unexpected(passed.error());
    if (passed->empty()) break;
    bytes -= std::ssize(*passed);
  }
  return {};
}

Result<std::string> gunzip(Fd file, const std::string& path, std::size_t most) {
  auto reader = GunzipReader::open(std::move(file), path);
  if (!reader) return std::unexpected(std::move(reader.error()));
  std::string content;
  for (;;) {
    const auto more = reader->read(piece);
    if (!more) return std::unexpected(more.error());
    if (more->empty()) return content;
    content += *more;
    if (content.size() > most)
      return fail(ErrorKind::exhausted, "the file has more than " + std::to_string(most >> 20U) + " MiB", path);
  }
}

}  // namespace venturi
