#include "providers/google/gcs_upload.h"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "providers/http/ask_again.h"
#include "providers/http/source_file.h"
#include "sdk/crc32c.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::TaskFailed;

// Of all that was read so far, though some of it may be read twice.
struct Checksum {
  std::uint32_t crc = 0;
  std::uint64_t until = 0;
  void add(std::uint64_t offset, std::string_view bytes) {
    const std::uint64_t end = offset + bytes.size();
    if (end <= until) return;
    crc = internal::crc32c(bytes.substr(until - offset), crc);
    until = end;
  }
};

class FileUpload {
 public:
  FileUpload(GcsSession& session, std::shared_ptr<const SourceFile> source) : session_(session), source_(std::move(source)) {}

  // The object that came of it.
  asio::awaitable<GcsObject> run() {
    const RetryRule& retry = session_.gcs().google().settings().retry;
    std::uint64_t most = 0;  // that were ever there: an upload may begin again
    for (int attempt = 1;;) {
      const bool is_question = !is_known_;
      const std::uint64_t before = there_;
      GcsStep step = co_await (is_question ? ask() : send());
      if (step.object) co_return *std::move(step.object);
      co_await take(step);
      // An attempt after which more is there than ever before is none of those that brought nothing.
      if (there_ > most) attempt = 1;
      most = std::max(most, there_);
      if (!step.failed && (is_question || there_ > before)) continue;
      if (!step.failed) step.failed.emplace(session_.shown() + ": the server took nothing of what was sent");
      is_known_ = false;
      co_await wait_to_ask_again(retry, *step.failed, attempt, step.refused ? &*step.refused : nullptr,
                                 &session_.gcs().context().log);
      ++attempt;
    }
  }

  [[nodiscard]] std::string crc() const { return crc32c_text(sum_->crc); }

 private:
  asio::awaitable<GcsStep> ask() { return session_.put(content_range(0, 0, source_->size), {}); }

  asio::awaitable<GcsStep> send() {
    const std::uint64_t size = std::min(session_.how().piece_bytes, source_->size - there_);
    std::string bytes;
    if (size > 0) bytes = co_await read(there_, size);
    const bool is_last = there_ + size == source_->size;
    co_return co_await session_.put(content_range(there_, size, source_->size), std::move(bytes), is_last ? crc() : "");
  }

  asio::awaitable<std::string> read(std::uint64_t begin, std::uint64_t size) {
    auto adding = [sum = sum_, begin](std::string_view bytes) {
      sum->add(begin, bytes);
      return std::string();
    };
    FilePiece read = co_await read_piece(source_, begin, size, std::move(adding));
    co_return std::move(read.bytes);
  }

  asio::awaitable<void> take(GcsStep& step) {
    if (step.there) {
      if (*step.there > source_->size) throw TaskFailed(session_.shown() + ": the server has more bytes than the file");
      there_ = *step.there;
      is_known_ = true;
    }
    if (!step.is_over) co_return;
    co_await session_.begin(source_->size);
    there_ = 0;
    step.failed = TaskFailed(session_.shown() + ": the upload is not known there any more: from its beginning");
  }

  GcsSession& session_;
  std::shared_ptr<const SourceFile> source_;
  std::uint64_t there_ = 0;
  bool is_known_ = true;  // how many bytes are there
  std::shared_ptr<Checksum> sum_ = std::make_shared<Checksum>();
};

}  // namespace

asio::awaitable<std::uint64_t> upload_file(GcsClient& gcs, std::string path, GcsPlace place, GcsUpload how) {
  const auto source = co_await open_source_file(path);
  operators::MemoryBudget& memory = gcs.context().memory;
  const std::uint64_t held = std::min(how.piece_bytes, source->size);
  memory.take(held, "a piece of " + path);
  GcsSession session(gcs, std::move(place), std::move(how));
  co_await session.begin(source->size);
  FileUpload upload(session, source);
  GcsObject object;
  std::exception_ptr failed;
  try {
    object = co_await upload.run();
  } catch (...) {
    failed = std::current_exception();
  }
  if (failed) {
    // Here, not in give_up(): a try that is cancelled awaits no other coroutine. There is a second left to clean up.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await session.give_up();
    std::rethrow_exception(failed);
  }
  memory.release(held);
  co_await session.check(std::move(object), upload.crc());
  co_return source->size;
}

}  // namespace venturi::providers
