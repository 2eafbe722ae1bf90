#include "providers/amazon/s3_download.h"

#include <utility>

#include <fmt/format.h>

#include "providers/amazon/aws_loan.h"
#include "providers/http/object_download.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;

constexpr int changed = 412;

class S3Source final : public ObjectSource {
 public:
  S3Source(S3Client& s3, S3Place place) : s3_(s3), place_(std::move(place)), purpose_(s3_.purpose(place_, "GET")) {}

  [[nodiscard]] std::string shown() const override { return purpose_.shown; }
  [[nodiscard]] const RetryRule& retry() const override { return s3_.settings().retry; }
  [[nodiscard]] operators::TryLog& log() const override { return s3_.context().log; }

  asio::awaitable<net::HttpRequest> request(std::uint64_t from) override {
    co_await renew_loan(s3_.settings(), &s3_.context().log, false);
    AwsRequest its = s3_.request(place_, "GET");
    if (from > 0) its.headers = {{"Range", fmt::format("bytes={}-", from)}, {"If-Match", tag_}};
    net::HttpRequest request = aws_http_request(s3_.settings(), std::move(its), purpose_);
    request.read_bytes = net::many_read_bytes;
    co_return request;
  }
  void take(const net::HttpHead& head) override { tag_ = head.header("etag"); }
  [[nodiscard]] bool can_go_on() const override { return !tag_.empty(); }
  [[nodiscard]] bool was_replaced(int status) const override { return status == changed; }
  [[nodiscard]] operators::TaskFailed refusal(const net::HttpAnswer& answer) override {
    AwsRefused refused = aws_refusal(s3_.settings(), purpose_, answer);
    if (!may_help_to_ask_again(s3_.settings(), refused)) throw refused;
    return refused;
  }
  // Its tag is no checksum where it came in parts.
  [[nodiscard]] FileWriter::Checksum checksum() const override { return FileWriter::Checksum::none; }
  void check(const FileWriter& /*file*/) const override {}

 private:
  S3Client& s3_;
  S3Place place_;
  AwsPurpose purpose_;
  std::string tag_;
};

}  // namespace

asio::awaitable<std::uint64_t> download_file(S3Client& s3, S3Place place, std::string path) {
  S3Source source(s3, std::move(place));
  co_return co_await download_object(source, std::move(path));
}

asio::awaitable<void> receive_object(S3Client& s3, S3Place place, DownloadTarget& target) {
  S3Source source(s3, std::move(place));
  co_await download_object(source, target);
}

}  // namespace venturi::providers
