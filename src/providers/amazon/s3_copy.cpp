#include "providers/amazon/s3_copy.h"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <exception>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "operators/outcome.h"
#include "providers/amazon/s3_upload.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;

constexpr std::uint64_t most_copied_parts = 10'000;
// What CopyObject takes over by itself, and a multipart upload does not.
constexpr std::array<std::string_view, 5> described_by = {"content-type", "content-encoding", "content-language",
                                                          "content-disposition", "cache-control"};

net::HttpHeaders metadata_of(const S3Head& head) {
  net::HttpHeaders headers;
  for (const auto& [name, value] : head.headers) {
    if (name.starts_with("x-amz-meta-") || std::ranges::find(described_by, name) != described_by.end())
      headers.emplace_back(name, value);
  }
  return headers;
}

asio::awaitable<void> copy_parts(S3Client& s3, const S3Copy& copy, S3Head head, std::string upload) {
  const std::uint64_t least = (head.size + most_copied_parts - 1) / most_copied_parts;
  const std::uint64_t size = std::max(s3.settings().copied_part_bytes, least);
  std::vector<S3Part> parts;
  for (std::uint64_t begin = 0; begin < head.size; begin += size) {
    S3CopiedPart part{.from = copy.from, .version = copy.version, .etag = head.etag};
    part.range = fmt::format("bytes={}-{}", begin, std::min(begin + size, head.size) - 1);
    const int number = static_cast<int>(parts.size()) + 1;
    parts.push_back(co_await s3.copy_part(copy.to, upload, number, std::move(part)));
  }
  co_await s3.complete_upload(copy.to, upload, std::move(parts));
}

}  // namespace

asio::awaitable<void> copy_object(S3Client& s3, S3Copy copy) {
  auto head = co_await s3.head(copy.from, copy.version);
  // Where there is none, CopyObject says what is wrong.
  if (!head || head->size <= s3.settings().copy_threshold)
    co_return co_await s3.copy(copy.from, copy.version, copy.to, copy.headers);
  net::HttpHeaders headers = copy.headers;
  if (copy.keeps_metadata) std::ranges::move(metadata_of(*head), std::back_inserter(headers));
  const std::string upload = co_await s3.begin_upload(copy.to, std::move(headers));
  std::exception_ptr failed;
  try {
    co_await copy_parts(s3, copy, *std::move(head), upload);
  } catch (...) {
    failed = std::current_exception();
  }
  if (!failed) co_return;
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await abandon_upload(s3, copy.to, upload);
  std::rethrow_exception(failed);
}

}  // namespace venturi::providers
