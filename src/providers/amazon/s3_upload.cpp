#include "providers/amazon/s3_upload.h"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/crypto.h"
#include "providers/http/side_by_side.h"
#include "providers/http/source_file.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::TaskFailedForGood;

constexpr std::uint64_t mebibyte = 1UL << 20U;
constexpr std::uint64_t least_part = 8 * mebibyte, most_part = 48 * mebibyte;
constexpr std::uint64_t most_parts = 10'000;

// So many parts are on their way at once where there is memory for them, each over a connection of its own; while one is sent,
// others are read and hashed.
constexpr std::size_t most_at_once = 4;

// What those who send parts of one file have in common.
struct Sending {
  S3Client& s3;
  const std::shared_ptr<const SourceFile> source;
  const S3Place place;
  const std::string upload;
  const std::uint64_t part_bytes;
  std::vector<S3Part> parts = std::vector<S3Part>((source->size + part_bytes - 1) / part_bytes);
  std::size_t next = 0;
};

// The next part that nobody has sent yet, until there is none.
asio::awaitable<void> send_next_parts(Sending& all) {
  while (all.next < all.parts.size()) {
    const std::size_t number = all.next++;
    const std::uint64_t offset = number * all.part_bytes;
    FilePiece piece = co_await read_piece(all.source, offset, std::min(all.part_bytes, all.source->size - offset), sha256_hex);
    all.parts[number] = co_await all.s3.upload_part(all.place, all.upload, static_cast<int>(number) + 1, std::move(piece.bytes),
                                                    std::move(piece.digest));
  }
}

asio::awaitable<void> send_at_once(Sending& all, std::size_t count) {
  if (count == 1) return send_next_parts(all);
  return side_by_side(send_at_once(all, count / 2), send_at_once(all, count - count / 2));
}

asio::awaitable<void> send_parts(S3Client& s3, std::shared_ptr<const SourceFile> source, S3Place place, std::string upload,
                                 std::size_t at_once) {
  const std::uint64_t part_bytes = part_bytes_of(source->size);
  Sending all{.s3 = s3, .source = std::move(source), .place = place, .upload = upload, .part_bytes = part_bytes};
  co_await send_at_once(all, at_once);
  co_await s3.complete_upload(place, upload, std::move(all.parts));
}

}  // namespace

asio::awaitable<void> abandon_upload(S3Client& s3, S3Place place, std::string upload) {
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

std::uint64_t part_bytes_of(std::uint64_t size) {
  const std::uint64_t needed = (size + most_parts - 1) / most_parts;
  const std::uint64_t rounded = (needed + mebibyte - 1) / mebibyte * mebibyte;
  return rounded > most_part ? 0 : std::max(least_part, rounded);
}

asio::awaitable<std::uint64_t> upload_file(S3Client& s3, std::string path, S3Place place, net::HttpHeaders headers) {
  const auto source = co_await open_source_file(path);
  const std::uint64_t part = part_bytes_of(source->size);
  if (part == 0) {
    throw TaskFailedForGood(
        fmt::format("{} has {} bytes: an upload has at most {}", path, source->size, most_parts * most_part));
  }
  operators::MemoryBudget& memory = s3.context().memory;
  std::uint64_t held = std::min(part, source->size);
  memory.take(held, "a part of " + path);
  if (source->size <= part) {
    FilePiece piece = co_await read_piece(source, 0, source->size, sha256_hex);
    co_await s3.put(place, std::move(piece.bytes), std::move(headers), std::move(piece.digest));
    memory.release(held);
    co_return source->size;
  }
  std::size_t at_once = 1;
  for (; at_once < most_at_once && held < source->size && memory.take_if_plenty(part); ++at_once) held += part;
  const std::string upload = co_await s3.begin_upload(place, std::move(headers));
  std::exception_ptr failed;
  try {
    co_await send_parts(s3, source, place, upload, at_once);
  } catch (...) {
    failed = std::current_exception();
  }
  if (failed) {
    // Here, not in abandon_upload(): a try that is cancelled awaits no other coroutine. There is a second left to clean up.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await abandon_upload(s3, place, upload);
    std::rethrow_exception(failed);
  }
  memory.release(held);
  co_return source->size;
}

}  // namespace venturi::providers
