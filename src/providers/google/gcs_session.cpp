#include "providers/google/gcs_session.h"

#include <array>
#include <charconv>
#include <chrono>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include "base/json.h"
#include "net/mime_encoding.h"
#include "providers/http/ask_again.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::TaskFailed;

constexpr std::size_t most_upload_answer = 1UL << 20U;

// "bytes=0-1048575": of that many, and one.
std::uint64_t stored(const net::HttpHead& head) {
  const std::string_view range = head.header("range");
  const std::size_t dash = range.rfind('-');
  if (dash == std::string_view::npos) return 0;
  std::uint64_t last = 0;
  std::from_chars(range.data() + dash + 1, range.data() + range.size(), last);
  return last + 1;
}

bool is_given_up(int status) {
  return status < google_status::first_refusal || status == google_status::client_closed ||
         status == google_status::not_found || status == google_status::gone;
}

}  // namespace

GcsSession::GcsSession(GcsClient& gcs, GcsPlace place, GcsUpload how)
    : gcs_(gcs), place_(std::move(place)), how_(std::move(how)), shown_(GcsClient::shown(place_, "PUT")) {}

std::string GcsSession::bucket_path() const {
  const std::string whole = gcs_.request({.bucket = place_.bucket}, "POST").url;
  return whole.substr(gcs_.google().origin("storage").size());
}

asio::awaitable<void> GcsSession::begin(std::optional<std::uint64_t> size) {
  GoogleRequest its{.method = "POST", .url = gcs_.google().origin("storage") + "/upload" + bucket_path() + "/o"};
  its.query = {{"uploadType", "resumable"}, {"name", place_.object}};
  its.headers = {{"Content-Type", "application/json"}, {"X-Upload-Content-Type", how_.mime_type}};
  if (size) its.headers.emplace_back("X-Upload-Content-Length", std::to_string(*size));
  Object resource{{"name", place_.object}, {"contentType", how_.mime_type}};
  if (!how_.content_encoding.empty()) resource.set("contentEncoding", how_.content_encoding);
  if (!how_.cache_control.empty()) resource.set("cacheControl", how_.cache_control);
  if (!how_.metadata.empty()) resource.set("metadata", how_.metadata);
  its.body = to_json(Value(std::move(resource)));
  GooglePurpose purpose{.shown = shown_};
  const GoogleAnswer answer = co_await gcs_.google().call(std::move(its), std::move(purpose));
  address_ = answer.head.header("location");
  if (address_.empty()) throw TaskFailed(shown_ + ": the answer says not where to send the bytes");
  // Who has the address may write the object.
  gcs_.context().log.add_secrets(std::array{address_});
}

asio::awaitable<GcsStep> GcsSession::put(std::string range, std::string bytes, std::string crc32c) {
  GoogleRequest its{.method = "PUT", .url = address_, .is_secret = true};
  its.headers = {{"Content-Range", std::move(range)}, {"Content-Type", how_.mime_type}};
  // Google compares it before there is an object.
  if (!crc32c.empty()) its.headers.emplace_back("X-Goog-Hash", "crc32c=" + crc32c);
  net::HttpRequest request = co_await gcs_.google().http_request(its, shown_);
  request.body = std::move(bytes);
  const auto answer = co_await ask_once(request, most_upload_answer);
  GcsStep step;
  if (!answer) {
    step.failed = TaskFailed(answer.error().text());
    co_return step;
  }
  const int status = answer->head.status;
  if (status < google_status::first_refusal) {
    auto object = gcs_object(answer->body);
    address_.clear();  // there is nothing to give up any more
    if (object)
      step.object = *std::move(object);
    else
      throw TaskFailed(fmt::format("{}: {}", shown_, object.error().text()));
    co_return step;
  }
  if (status == google_status::go_on) {
    step.there = stored(answer->head);
    co_return step;
  }
  step.refused = answer->head;
  if (status == google_status::not_found || status == google_status::gone) {
    step.is_over = true;
    step.failed = TaskFailed(shown_ + ": the upload is not known there any more");
    co_return step;
  }
  GoogleRefused refused = google_refusal(gcs_.google().settings(), shown_, *answer);
  if (!may_help_to_ask_again(gcs_.google().settings(), refused)) throw refused;
  step.failed = refused;
  co_return step;
}

asio::awaitable<void> GcsSession::give_up() {
  if (!has_begun()) co_return;
  GoogleRequest its{.method = "DELETE", .url = std::exchange(address_, {}), .is_secret = true};
  std::string failed;
  try {
    net::HttpRequest request = co_await gcs_.google().http_request(its, GcsClient::shown(place_, "DELETE"));
    request.total_timeout = std::chrono::seconds(5);
    const auto answer = co_await ask_once(request, most_upload_answer);
    if (!answer)
      failed = answer.error().text();
    else if (!is_given_up(answer->head.status))
      failed = fmt::format("status {}", answer->head.status);
  } catch (const std::exception& e) {
    failed = e.what();
  }
  if (!failed.empty()) {
    gcs_.context().log.warning(
        fmt::format("the upload to {} was not given up: Google forgets it after a week: {}", place_.text(), failed));
  }
}

asio::awaitable<void> GcsSession::check(GcsObject object, std::string crc32c) {
  if (object.crc32c.empty() || object.crc32c == crc32c) co_return;
  // The one that is wrong, and no other that came meanwhile.
  (void)co_await gcs_.delete_object(place_, object.generation);
  throw TaskFailed(fmt::format("{}: what arrived there is not what was read (CRC-32C {} and {}): it was deleted", place_.text(),
                               object.crc32c, crc32c));
}

std::string content_range(std::uint64_t begin, std::uint64_t size, std::optional<std::uint64_t> total) {
  const std::string all = total ? std::to_string(*total) : "*";
  return size == 0 ? fmt::format("bytes */{}", all) : fmt::format("bytes {}-{}/{}", begin, begin + size - 1, all);
}

std::string crc32c_text(std::uint32_t crc) {
  std::string bytes;
  for (unsigned shift = 32; shift > 0; shift -= 8) bytes += static_cast<char>(crc >> (shift - 8) & 0xffU);
  return net::base64(bytes);
}

}  // namespace venturi::providers
