#include "providers/http/source_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <type_traits>
#include <utility>

#include "base/errno_error.h"
#include "net/background.h"
#include "operators/outcome.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::TaskFailed;
using operators::TaskFailedForGood;

std::shared_ptr<const SourceFile> open_now(const std::string& path) {
  const auto source = std::make_shared<SourceFile>();
  source->path = path;
  source->fd = Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat its{};
  if (!source->fd || ::fstat(source->fd.get(), &its) != 0) throw errno_error(path);
  if (!S_ISREG(its.st_mode)) throw TaskFailedForGood(path + " is no file");
  source->size = static_cast<std::uint64_t>(its.st_size);
  return source;
}

FilePiece read_now(const SourceFile& source, std::uint64_t offset, std::uint64_t size, const PieceDigest& digest) {
  FilePiece piece;
  piece.bytes.resize(size);
  for (std::uint64_t got = 0; got < size;) {
    const ssize_t n = ::pread(source.fd.get(), piece.bytes.data() + got, size - got, static_cast<off_t>(offset + got));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw errno_error(source.path);
    if (n == 0) throw TaskFailed(source.path + " became shorter while it was sent");
    got += static_cast<std::uint64_t>(n);
  }
  piece.digest = digest(piece.bytes);
  return piece;
}

template <class Work>
asio::awaitable<std::invoke_result_t<Work&>> reading(Work work) {
  try {
    co_return co_await net::in_background(std::move(work));
  } catch (const std::system_error& e) {
    throw TaskFailed(std::string("the file cannot be read: ") + e.what());
  }
}

}  // namespace

asio::awaitable<std::shared_ptr<const SourceFile>> open_source_file(std::string path) {
  auto work = [path = std::move(path)] { return open_now(path); };
  return reading(std::move(work));
}

asio::awaitable<FilePiece> read_piece(std::shared_ptr<const SourceFile> source, std::uint64_t offset, std::uint64_t size,
                                      PieceDigest digest) {
  auto work = [source = std::move(source), offset, size, digest = std::move(digest)] {
    return read_now(*source, offset, size, digest);
  };
  return reading(std::move(work));
}

}  // namespace venturi::providers
