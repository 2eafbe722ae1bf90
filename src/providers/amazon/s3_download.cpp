#include "providers/amazon/s3_download.h"

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "net/http_client.h"
#include "providers/http/file_writer.h"
#include "providers/http/target_file.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::TaskFailed;

constexpr std::size_t most_error = 64UL << 10U;
constexpr int partial_content = 206, changed = 412, least_refusal = 300;

std::function<void()> beginning_again(std::shared_ptr<FileWriter> file) {
  return [file = std::move(file)] { file->start_again(); };
}
std::function<void()> writing_part(std::shared_ptr<FileWriter> file, std::string bytes) {
  return [file = std::move(file), bytes = std::move(bytes)] { file->write(bytes); };
}

class S3Download {
 public:
  S3Download(S3Client& s3, S3Place place) : s3_(s3), place_(std::move(place)), purpose_(s3_.purpose(place_, "GET")) {}

  asio::awaitable<void> run(std::shared_ptr<FileWriter> file) {
    for (int attempt = 1;; ++attempt) {
      const std::uint64_t before = file->size();
      const net::HttpRequest request = next_request(file->size());
      net::HttpExchange exchange(request);
      std::optional<TaskFailed> failed;
      std::optional<net::HttpHead> head;  // of a refusal, which may say how long to wait
      if (const Error* error = co_await exchange.send()) {
        failed.emplace(error->text());
      } else if (exchange.head().status == changed && file->size() > 0) {
        co_await beside(beginning_again(file));
        failed.emplace(purpose_.shown + ": the object was replaced while it was read");
      } else if (exchange.head().status >= least_refusal) {
        head = exchange.head();
        failed = co_await refusal(exchange);
      } else {
        const std::string why = co_await receive(exchange, file);
        if (why.empty()) co_return;
        failed.emplace(why);
      }
      // An attempt that brought something further is none of those that brought nothing.
      if (file->size() > before) attempt = 1;
      co_await wait_to_ask_again(s3_.settings(), *failed, attempt, head ? &*head : nullptr, &s3_.context().log);
    }
  }

 private:
  [[nodiscard]] net::HttpRequest next_request(std::uint64_t from) const {
    AwsRequest its = s3_.request(place_, "GET");
    if (from > 0) its.headers = {{"Range", fmt::format("bytes={}-", from)}, {"If-Match", tag_}};
    net::HttpRequest request = aws_http_request(s3_.settings(), std::move(its), purpose_);
    request.read_bytes = net::many_read_bytes;
    return request;
  }

  // Throws it where asking again is of no use.
  asio::awaitable<TaskFailed> refusal(net::HttpExchange& exchange) {
    AwsAnswer answer{.head = exchange.head(), .body = {}};
    while (answer.body.size() < most_error) {
      const auto part = co_await exchange.read();
      if (!part || part->empty()) break;
      answer.body += *part;
    }
    AwsRefused refused = aws_refusal(s3_.settings(), purpose_, answer);
    if (!may_help_to_ask_again(s3_.settings(), refused)) throw refused;
    co_return refused;
  }

  // Why it broke off; empty where all is there.
  asio::awaitable<std::string> receive(net::HttpExchange& exchange, std::shared_ptr<FileWriter> file) {
    const net::HttpHead& head = exchange.head();
    const std::string begin = fmt::format("bytes {}-", file->size());
    if (head.status == partial_content && !head.header("content-range").starts_with(begin))
      throw TaskFailed(purpose_.shown + ": the server sent another part of the object than it was asked for");
    if (head.status != partial_content && file->size() > 0) co_await beside(beginning_again(file));
    tag_ = head.header("etag");
    for (;;) {
      auto part = co_await exchange.read();
      if (!part) {
        // Without a tag the next bytes may be those of another object.
        if (tag_.empty() && file->size() > 0) co_await beside(beginning_again(file));
        co_return part.error().text();
      }
      if (part->empty()) co_return std::string();
      co_await beside(writing_part(file, *std::move(part)));
    }
  }

  S3Client& s3_;
  S3Place place_;
  AwsPurpose purpose_;
  std::string tag_;
};

}  // namespace

asio::awaitable<std::uint64_t> download_file(S3Client& s3, S3Place place, std::string path) {
  const auto slot = std::make_shared<std::shared_ptr<FileWriter>>();
  std::function<void()> open = [slot, path] { *slot = std::make_shared<FileWriter>(path); };
  co_await beside(std::move(open));
  const std::shared_ptr<FileWriter> file = std::move(*slot);
  S3Download download(s3, std::move(place));
  co_await download.run(file);
  std::function<void()> finish = [file] { file->finish(); };
  co_await beside(std::move(finish));
  co_return file->size();
}

}  // namespace venturi::providers
