#include "providers/google/gcs_upload.h"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/json.h"
#include "net/mime_encoding.h"
#include "providers/http/ask_again.h"
#include "providers/http/source_file.h"
#include "sdk/crc32c.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::TaskFailed;

constexpr std::size_t most_upload_answer = 1UL << 20U;

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

class GcsUploading {
 public:
  GcsUploading(GcsClient& gcs, GcsPlace place, GcsUpload how, std::shared_ptr<const SourceFile> source)
      : gcs_(gcs),
        place_(std::move(place)),
        how_(std::move(how)),
        source_(std::move(source)),
        shown_(GcsClient::shown(place_, "PUT")) {}

  asio::awaitable<void> begin() {
    GoogleRequest its{.method = "POST", .url = gcs_.google().origin("storage") + "/upload" + bucket_path() + "/o"};
    its.query = {{"uploadType", "resumable"}, {"name", place_.object}};
    its.headers = {{"Content-Type", "application/json"},
                   {"X-Upload-Content-Type", how_.mime_type},
                   {"X-Upload-Content-Length", std::to_string(source_->size)}};
    its.body = to_json(Object{{"name", place_.object}, {"contentType", how_.mime_type}});
    GooglePurpose purpose{.shown = shown_};
    const GoogleAnswer answer = co_await gcs_.google().call(std::move(its), std::move(purpose));
    session_ = answer.head.header("location");
    if (session_.empty()) throw TaskFailed(shown_ + ": the answer says not where to send the file");
    // Who has the address may write the object.
    gcs_.context().log.add_secrets(std::array{session_});
  }

  // The object that came of it.
  asio::awaitable<GcsObject> run() {
    const RetryRule& retry = gcs_.google().settings().retry;
    std::uint64_t most = 0;  // that were ever there: an upload may begin again
    for (int attempt = 1;;) {
      const Piece piece = is_known_ ? next_piece() : Piece{};
      const std::uint64_t before = there_;
      std::optional<net::HttpHead> head;
      std::optional<TaskFailed> failed = co_await step(piece, head);
      if (done_) co_return *std::move(done_);
      // An attempt after which more is there than ever before is none of those that brought nothing.
      if (there_ > most) attempt = 1;
      most = std::max(most, there_);
      if (!failed && (piece.is_question || there_ > before)) continue;
      if (!failed) failed.emplace(shown_ + ": the server took nothing of what was sent");
      is_known_ = false;
      co_await wait_to_ask_again(retry, *failed, attempt, head ? &*head : nullptr, &gcs_.context().log);
      ++attempt;
    }
  }

  [[nodiscard]] std::string crc() const { return crc32c_text(sum_->crc); }

  // Whatever comes of it, the upload that failed is what is told.
  asio::awaitable<void> give_up() {
    GoogleRequest its{.method = "DELETE", .url = session_, .is_secret = true};
    net::HttpRequest request = co_await gcs_.google().http_request(its, GcsClient::shown(place_, "DELETE"));
    request.total_timeout = std::chrono::seconds(5);
    std::string failed;
    try {
      const auto answer = co_await ask_once(request, most_upload_answer);
      if (!answer) {
        failed = answer.error().text();
      } else if (const int status = answer->head.status; status >= google_status::first_refusal &&
                                                         status != google_status::client_closed &&
                                                         status != google_status::not_found && status != google_status::gone) {
        failed = fmt::format("status {}", status);
      }
    } catch (const std::exception& e) {
      failed = e.what();
    }
    if (!failed.empty()) {
      gcs_.context().log.warning(
          fmt::format("the upload to {} was not given up: Google forgets it after a week: {}", place_.text(), failed));
    }
  }

 private:
  struct Piece {
    std::uint64_t begin = 0, size = 0;
    bool is_question = true;  // how many bytes are there?
  };

  [[nodiscard]] std::string bucket_path() const {
    const std::string whole = gcs_.request({.bucket = place_.bucket}, "POST").url;
    return whole.substr(gcs_.google().origin("storage").size());
  }
  [[nodiscard]] Piece next_piece() const {
    return {.begin = there_, .size = std::min(how_.piece_bytes, source_->size - there_), .is_question = false};
  }

  [[nodiscard]] std::string range_of(const Piece& piece) const {
    if (piece.is_question || piece.size == 0) return fmt::format("bytes */{}", source_->size);
    return fmt::format("bytes {}-{}/{}", piece.begin, piece.begin + piece.size - 1, source_->size);
  }

  // Why it did not go on; nothing where it did. In `head` what was refused.
  asio::awaitable<std::optional<TaskFailed>> step(Piece piece, std::optional<net::HttpHead>& head) {
    const bool is_last = !piece.is_question && piece.begin + piece.size == source_->size;
    GoogleRequest its{.method = "PUT", .url = session_, .is_secret = true};
    std::string bytes;
    if (!piece.is_question && piece.size > 0) bytes = co_await read(piece);
    its.headers = {{"Content-Range", range_of(piece)}, {"Content-Type", how_.mime_type}};
    // Google compares it before there is an object.
    if (is_last) its.headers.emplace_back("X-Goog-Hash", "crc32c=" + crc());
    net::HttpRequest request = co_await gcs_.google().http_request(its, shown_);
    request.body = std::move(bytes);
    const auto answer = co_await ask_once(request, most_upload_answer);
    if (!answer) co_return TaskFailed(answer.error().text());
    co_return co_await judge(*answer, head);
  }

  asio::awaitable<std::string> read(Piece piece) {
    auto adding = [sum = sum_, begin = piece.begin](std::string_view bytes) {
      sum->add(begin, bytes);
      return std::string();
    };
    FilePiece read = co_await read_piece(source_, piece.begin, piece.size, std::move(adding));
    co_return std::move(read.bytes);
  }

  asio::awaitable<std::optional<TaskFailed>> judge(net::HttpAnswer answer, std::optional<net::HttpHead>& head) {
    const int status = answer.head.status;
    if (status < google_status::first_refusal) {
      auto object = gcs_object(answer.body);
      if (!object) co_return TaskFailed(fmt::format("{}: {}", shown_, object.error().text()));
      done_ = *std::move(object);
      co_return std::nullopt;
    }
    if (status == google_status::go_on) {
      there_ = stored(answer.head);
      is_known_ = true;
      co_return std::nullopt;
    }
    head = answer.head;
    if (status == google_status::not_found || status == google_status::gone) {
      co_await begin();
      there_ = 0;
      co_return TaskFailed(shown_ + ": the upload is not known there any more: from its beginning");
    }
    GoogleRefused refused = google_refusal(gcs_.google().settings(), shown_, answer);
    if (!may_help_to_ask_again(gcs_.google().settings(), refused)) throw refused;
    co_return refused;
  }

  // "bytes=0-1048575": of that many, and one.
  [[nodiscard]] std::uint64_t stored(const net::HttpHead& head) const {
    const std::string_view range = head.header("range");
    const std::size_t dash = range.rfind('-');
    if (dash == std::string_view::npos) return 0;
    std::uint64_t last = 0;
    std::from_chars(range.data() + dash + 1, range.data() + range.size(), last);
    if (last + 1 > source_->size) throw TaskFailed(shown_ + ": the server has more bytes than the file");
    return last + 1;
  }

  GcsClient& gcs_;
  GcsPlace place_;
  GcsUpload how_;
  std::shared_ptr<const SourceFile> source_;
  std::string shown_, session_;
  std::uint64_t there_ = 0;
  bool is_known_ = true;  // how many bytes are there
  std::optional<GcsObject> done_;
  std::shared_ptr<Checksum> sum_ = std::make_shared<Checksum>();
};

}  // namespace

std::string crc32c_text(std::uint32_t crc) {
  std::string bytes;
  for (unsigned shift = 32; shift > 0; shift -= 8) bytes += static_cast<char>(crc >> (shift - 8) & 0xffU);
  return net::base64(bytes);
}

asio::awaitable<std::uint64_t> upload_file(GcsClient& gcs, std::string path, GcsPlace place, GcsUpload how) {
  const auto source = co_await open_source_file(path);
  operators::MemoryBudget& memory = gcs.context().memory;
  const std::uint64_t held = std::min(how.piece_bytes, source->size);
  memory.take(held, "a piece of " + path);
  GcsUploading upload(gcs, place, std::move(how), source);
  co_await upload.begin();
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
    co_await upload.give_up();
    std::rethrow_exception(failed);
  }
  memory.release(held);
  if (!object.crc32c.empty() && object.crc32c != upload.crc()) {
    // The one that is wrong, and no other that came meanwhile.
    (void)co_await gcs.delete_object(place, object.generation);
    throw TaskFailed(fmt::format("{}: what arrived there is not what was read (CRC-32C {} and {}): it was deleted",
                                 place.text(), object.crc32c, upload.crc()));
  }
  co_return source->size;
}

}  // namespace venturi::providers
