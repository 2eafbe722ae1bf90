#include "providers/google/gcs_sink.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "operators/outcome.h"
#include "providers/http/ask_again.h"
#include "sdk/crc32c.h"

namespace venturi::providers {

namespace asio = boost::asio;
using operators::TaskFailed;

GcsSink::GcsSink(std::shared_ptr<GcsClient> gcs, GcsPlace place, GcsUpload how)
    : gcs_(std::move(gcs)), session_(*gcs_, std::move(place), std::move(how)) {}

GcsSink::~GcsSink() {
  gcs_->context().memory.release(held_);
}

void GcsSink::hold(std::size_t bytes) {
  if (bytes <= held_) return;
  gcs_->context().memory.take(bytes - held_, "a piece of " + name());
  held_ = bytes;
}

asio::awaitable<void> GcsSink::write(std::string bytes) {
  size_ += bytes.size();
  crc_ = internal::crc32c(bytes, crc_);
  buffer_ += bytes;
  // The piece is sent from a copy, since the server may take a part of it only.
  hold(buffer_.size() <= session_.how().piece_bytes ? buffer_.size() : 2 * session_.how().piece_bytes + bytes.size());
  // Something is always kept back: the last piece says that it is the last.
  while (buffer_.size() > session_.how().piece_bytes) (void)co_await send(false);
}

asio::awaitable<void> GcsSink::finish() {
  std::optional<GcsObject> object;
  while (!object) object = co_await send(true);
  co_await session_.check(*std::move(object), crc32c_text(crc_));
}

void GcsSink::drop_what_is_there(std::uint64_t there) {
  if (there < there_ || there > there_ + buffer_.size()) {
    throw TaskFailed(
        fmt::format("{}: the server has {} bytes of it, and {} were sent", session_.shown(), there, there_ + buffer_.size()));
  }
  buffer_.erase(0, there - there_);
  there_ = there;
}

asio::awaitable<std::optional<GcsObject>> GcsSink::send(bool is_last) {
  if (!session_.has_begun()) co_await session_.begin(is_last ? std::optional(size_) : std::nullopt);
  const std::optional<std::uint64_t> total = is_last ? std::optional(size_) : std::nullopt;
  const RetryRule& retry = gcs_->google().settings().retry;
  bool is_question = false;
  for (int attempt = 1;; ++attempt) {
    const std::uint64_t before = there_;
    GcsStep step;
    if (is_question) {
      step = co_await session_.put(content_range(0, 0, total), {});
    } else {
      std::string piece = buffer_.substr(0, session_.how().piece_bytes);
      const bool ends_it = is_last && piece.size() == buffer_.size();
      const std::string range = content_range(there_, piece.size(), total);
      step = co_await session_.put(range, std::move(piece), ends_it ? crc32c_text(crc_) : "");
    }
    if (step.object) co_return step.object;
    if (step.there) {
      drop_what_is_there(*step.there);
      if (there_ > before) co_return std::nullopt;
      if (std::exchange(is_question, false)) continue;
      step.failed.emplace(session_.shown() + ": the server took nothing of what was sent");
    }
    // What was sent before is not here any more.
    if (step.is_over) throw *step.failed;
    is_question = true;
    co_await wait_to_ask_again(retry, *step.failed, attempt, step.refused ? &*step.refused : nullptr, &gcs_->context().log);
  }
}

}  // namespace venturi::providers
