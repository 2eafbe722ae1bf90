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
#include "providers/http/source_file.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::TaskFailedForGood;

constexpr std::uint64_t mebibyte = 1UL << 20U;
constexpr std::uint64_t least_part = 8 * mebibyte, most_part = 48 * mebibyte;
constexpr std::uint64_t most_parts = 10'000;

asio::awaitable<void> send_parts(S3Client& s3, std::shared_ptr<const SourceFile> source, S3Place place, std::string upload) {
  const std::uint64_t size = part_bytes_of(source->size);
  std::vector<S3Part> parts;
  for (std::uint64_t offset = 0; offset < source->size; offset += size) {
    FilePiece piece = co_await read_piece(source, offset, std::min(size, source->size - offset), sha256_hex);
    const int number = static_cast<int>(parts.size()) + 1;
    parts.push_back(co_await s3.upload_part(place, upload, number, std::move(piece.bytes), std::move(piece.digest)));
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
  const auto source = co_await open_source_file(path);
  const std::uint64_t part = part_bytes_of(source->size);
  if (part == 0) {
    throw TaskFailedForGood(
        fmt::format("{} has {} bytes: an upload has at most {}", path, source->size, most_parts * most_part));
  }
  operators::MemoryBudget& memory = s3.context().memory;
  const std::uint64_t held = std::min(part, source->size);
  memory.take(held, "a part of " + path);
  if (source->size <= part) {
    FilePiece piece = co_await read_piece(source, 0, source->size, sha256_hex);
    co_await s3.put(place, std::move(piece.bytes), std::move(headers), std::move(piece.digest));
    memory.release(held);
    co_return source->size;
  }
  const std::string upload = co_await s3.begin_upload(place, std::move(headers));
  std::exception_ptr failed;
  try {
    co_await send_parts(s3, source, place, upload);
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
