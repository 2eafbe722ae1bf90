#include "providers/google/gcs_download.h"

#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "providers/google/gcs_upload.h"
#include "providers/http/object_download.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::TaskFailed;

// "crc32c=n03x6A==,md5=...", in one header or two.
std::string crc_of(const net::HttpHead& head) {
  constexpr std::string_view name = "crc32c=";
  for (const auto& [header, value] : head.headers) {
    if (header != "x-goog-hash") continue;
    const std::size_t at = value.find(name);
    if (at == std::string::npos) continue;
    const std::size_t begin = at + name.size();
    return value.substr(begin, value.find(',', begin) - begin);
  }
  return {};
}

class GcsSource final : public ObjectSource {
 public:
  GcsSource(GcsClient& gcs, GcsPlace place) : gcs_(gcs), place_(std::move(place)), shown_(GcsClient::shown(place_, "GET")) {}

  [[nodiscard]] std::string shown() const override { return shown_; }
  [[nodiscard]] const RetryRule& retry() const override { return gcs_.google().settings().retry; }
  [[nodiscard]] operators::TryLog& log() const override { return gcs_.context().log; }

  asio::awaitable<net::HttpRequest> request(std::uint64_t from) override {
    GoogleRequest its = gcs_.request(place_, "GET");
    its.query = {{"alt", "media"}};
    if (from > 0) {
      its.query.emplace_back("generation", generation_);
      its.headers = {{"Range", fmt::format("bytes={}-", from)}};
    }
    net::HttpRequest request = co_await gcs_.google().http_request(its, shown_);
    request.read_bytes = net::many_read_bytes;
    asked_with_ = request.bearer.text();
    co_return request;
  }
  void take(const net::HttpHead& head) override {
    const bool is_unpacked =
        head.header("x-goog-stored-content-encoding") == "gzip" && head.header("content-encoding") != "gzip";
    generation_ = is_unpacked ? std::string_view() : head.header("x-goog-generation");
    crc_ = is_unpacked ? std::string() : crc_of(head);
  }
  [[nodiscard]] bool can_go_on() const override { return !generation_.empty(); }
  [[nodiscard]] bool was_replaced(int status) const override {
    return status == google_status::not_found || status == google_status::precondition_failed;
  }
  [[nodiscard]] TaskFailed refusal(const net::HttpAnswer& answer) override {
    GoogleRefused refused = google_refusal(gcs_.google().settings(), shown_, answer);
    const bool is_over = answer.head.status == google_status::unauthorized && gcs_.google().renews(asked_with_);
    if (!is_over && !may_help_to_ask_again(gcs_.google().settings(), refused)) throw refused;
    return refused;
  }
  [[nodiscard]] FileWriter::Checksum checksum() const override { return FileWriter::Checksum::crc32c; }
  void check(const FileWriter& file) const override {
    const std::string found = crc32c_text(file.crc32c());
    if (!crc_.empty() && crc_ != found)
      throw TaskFailed(fmt::format("{}: what arrived is not what is there (CRC-32C {} and {})", shown_, found, crc_));
  }

 private:
  GcsClient& gcs_;
  GcsPlace place_;
  std::string shown_;
  std::string generation_, crc_, asked_with_;
};

}  // namespace

asio::awaitable<std::uint64_t> download_file(GcsClient& gcs, GcsPlace place, std::string path) {
  GcsSource source(gcs, std::move(place));
  co_return co_await download_object(source, std::move(path));
}

}  // namespace venturi::providers
