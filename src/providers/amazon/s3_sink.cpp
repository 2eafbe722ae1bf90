#include "providers/amazon/s3_sink.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/crypto.h"
#include "net/background.h"
#include "operators/outcome.h"
#include "providers/amazon/s3_upload.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;

constexpr std::size_t part_step = 8UL << 20U, largest_part = 5 * part_step;
constexpr std::size_t most_sink_parts = 10'000, parts_of_a_step = 1000;

struct Hashed {
  std::string bytes, sha256;
};
// Beside the loop: some milliseconds for each MiB.
asio::awaitable<Hashed> hashed(std::string bytes) {
  const auto shared = std::make_shared<std::string>(std::move(bytes));
  auto work = [shared] { return sha256_hex(*shared); };
  std::string sum = co_await net::in_background(std::move(work));
  co_return Hashed{std::move(*shared), std::move(sum)};
}

}  // namespace

std::size_t bytes_of_part(std::size_t number) {
  if (number > most_sink_parts) return 0;
  return std::min(largest_part, part_step * (1 + (number - 1) / parts_of_a_step));
}

S3Sink::S3Sink(std::shared_ptr<S3Client> s3, S3Place place, net::HttpHeaders headers)
    : s3_(std::move(s3)), place_(std::move(place)), headers_(std::move(headers)) {}

S3Sink::~S3Sink() {
  s3_->context().memory.release(held_);
}

void S3Sink::hold(std::size_t bytes) {
  if (bytes <= held_) return;
  s3_->context().memory.take(bytes - held_, "a part of " + place_.text());
  held_ = bytes;
}

asio::awaitable<void> S3Sink::send_part(std::string bytes) {
  if (!upload_) upload_ = co_await s3_->begin_upload(place_, headers_);
  const int number = static_cast<int>(parts_.size()) + 1;
  Hashed part = co_await hashed(std::move(bytes));
  parts_.push_back(co_await s3_->upload_part(place_, *upload_, number, std::move(part.bytes), std::move(part.sha256)));
}

asio::awaitable<void> S3Sink::write(std::string bytes) {
  size_ += bytes.size();
  buffer_ += bytes;
  for (;;) {
    const std::size_t part = bytes_of_part(parts_.size() + 1);
    if (part == 0)
      throw operators::TaskFailedForGood(fmt::format("{}: {} bytes are too many for one object", place_.text(), size_));
    // A part and what comes in meanwhile.
    hold(std::min(buffer_.size(), part) + bytes.size());
    if (buffer_.size() < part) co_return;
    std::string next;
    next.reserve(part + bytes.size());
    next.append(buffer_, part);
    buffer_.resize(part);
    std::string full = std::exchange(buffer_, std::move(next));
    co_await send_part(std::move(full));
  }
}

asio::awaitable<void> S3Sink::finish() {
  if (!upload_) {
    Hashed all = co_await hashed(std::move(buffer_));
    co_await s3_->put(place_, std::move(all.bytes), headers_, std::move(all.sha256));
    co_return;
  }
  if (!buffer_.empty()) co_await send_part(std::move(buffer_));
  co_await s3_->complete_upload(place_, *upload_, parts_);
}

asio::awaitable<void> S3Sink::give_up() {
  if (!upload_) co_return;
  const std::string upload = *std::exchange(upload_, std::nullopt);
  co_await abandon_upload(*s3_, place_, upload);
}

}  // namespace venturi::providers
