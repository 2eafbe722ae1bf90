#include "providers/amazon/s3_upload.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <exception>
#include <memory>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/crypto.h"
#include "base/errno_error.h"
#include "base/fd.h"
#include "net/background.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::TaskFailed;
using operators::TaskFailedForGood;

constexpr std::uint64_t mebibyte = 1UL << 20U;
constexpr std::uint64_t least_part = 8 * mebibyte, most_part = 48 * mebibyte;
constexpr std::uint64_t most_parts = 10'000;

struct Source {
  Fd fd;
  std::uint64_t size = 0;
};

std::shared_ptr<const Source> open_source(const std::string& path) {
  const auto source = std::make_shared<Source>();
  source->fd = Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat its{};
  if (!source->fd || ::fstat(source->fd.get(), &its) != 0) throw errno_error(path);
  if (!S_ISREG(its.st_mode)) throw TaskFailedForGood(path + " is no file");
  source->size = static_cast<std::uint64_t>(its.st_size);
  return source;
}

struct Piece {
  std::string bytes, sha256;
};

Piece read_piece(const Source& source, const std::string& path, std::uint64_t offset, std::uint64_t size) {
  Piece piece;
  piece.bytes.resize(size);
  for (std::uint64_t got = 0; got < size;) {
    const ssize_t n = ::pread(source.fd.get(), piece.bytes.data() + got, size - got, static_cast<off_t>(offset + got));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw errno_error(path);
    if (n == 0) throw TaskFailed(path + " became shorter while it was sent");
    got += static_cast<std::uint64_t>(n);
  }
  piece.sha256 = sha256_hex(piece.bytes);
  return piece;
}

// In a thread beside the loop.
template <class Work>
asio::awaitable<std::invoke_result_t<Work&>> reading(Work work) {
  try {
    co_return co_await net::in_background(std::move(work));
  } catch (const std::system_error& e) {
    throw TaskFailed(std::string("the file cannot be read: ") + e.what());
  }
}
asio::awaitable<std::shared_ptr<const Source>> opened(std::string path) {
  auto work = [path = std::move(path)] { return open_source(path); };
  return reading(std::move(work));
}
asio::awaitable<Piece> piece_of(std::shared_ptr<const Source> source, std::string path, std::uint64_t offset,
                                std::uint64_t size) {
  auto work = [source = std::move(source), path = std::move(path), offset, size] {
    return read_piece(*source, path, offset, size);
  };
  return reading(std::move(work));
}

asio::awaitable<void> send_parts(S3Client& s3, std::shared_ptr<const Source> source, std::string path, S3Place place,
                                 std::string upload) {
  const std::uint64_t size = part_bytes_of(source->size);
  std::vector<S3Part> parts;
  for (std::uint64_t offset = 0; offset < source->size; offset += size) {
    Piece piece = co_await piece_of(source, path, offset, std::min(size, source->size - offset));
    const int number = static_cast<int>(parts.size()) + 1;
    parts.push_back(co_await s3.upload_part(place, upload, number, std::move(piece.bytes), std::move(piece.sha256)));
  }
  co_await s3.complete_upload(place, upload, std::move(parts));
}

// Whatever comes of it, the upload that failed is what is told.
asio::awaitable<void> give_up(S3Client& s3, S3Place place, std::string upload) {
  AwsSettings settings = s3.settings();
  settings.retry.attempts = 1;
  settings.http.request.total_timeout = std::chrono::seconds(5);
  S3Client once(s3.context(), std::move(settings));
  std::string failed;
  try {
    co_await once.abort_upload(place, upload);
    co_return;
  } catch (const std::exception& e) {
    failed = e.what();
  }
  s3.context().log.warning(fmt::format("the parts of the upload {} stay with S3: {}", upload, failed));
}

}  // namespace

std::uint64_t part_bytes_of(std::uint64_t size) {
  const std::uint64_t needed = (size + most_parts - 1) / most_parts;
  const std::uint64_t rounded = (needed + mebibyte - 1) / mebibyte * mebibyte;
  return rounded > most_part ? 0 : std::max(least_part, rounded);
}

asio::awaitable<std::uint64_t> upload_file(S3Client& s3, std::string path, S3Place place, net::HttpHeaders headers) {
  const auto source = co_await opened(path);
  const std::uint64_t part = part_bytes_of(source->size);
  if (part == 0) {
    throw TaskFailedForGood(
        fmt::format("{} has {} bytes: an upload has at most {}", path, source->size, most_parts * most_part));
  }
  operators::MemoryBudget& memory = s3.context().memory;
  const std::uint64_t held = std::min(part, source->size);
  memory.take(held, "a part of " + path);
  if (source->size <= part) {
    Piece piece = co_await piece_of(source, path, 0, source->size);
    co_await s3.put(place, std::move(piece.bytes), std::move(headers), std::move(piece.sha256));
    memory.release(held);
    co_return source->size;
  }
  const std::string upload = co_await s3.begin_upload(place, std::move(headers));
  std::exception_ptr failed;
  try {
    co_await send_parts(s3, source, path, place, upload);
  } catch (...) {
    failed = std::current_exception();
  }
  if (failed) {
    // Here, not in give_up(): a try that is cancelled awaits no other coroutine. There is a second left to clean up.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await give_up(s3, place, upload);
    std::rethrow_exception(failed);
  }
  memory.release(held);
  co_return source->size;
}

}  // namespace venturi::providers
