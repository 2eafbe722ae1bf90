// HttpToFileOperator: a body of any size, in constant memory.
//
//   connection broken after some bytes, and the server takes ranges ─▶ goes on from there: Range: bytes=N-, If-Range: its tag
//   (206 from byte N: the same file; 200: it changed, or ranges are not taken after all: from the beginning)
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cctype>
#include <functional>

#include <fmt/format.h>

#include "net/http_client.h"
#include "net/http_error.h"
#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/http/file_writer.h"
#include "providers/http/http.h"
#include "providers/http/http_call.h"
#include "providers/http/target_file.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;

constexpr int attempts_otherwise = 5;
constexpr std::size_t shown_refusal = 2000;

std::string wanted_sum(const Arguments& arguments) {
  std::string sum = arguments.string("sha256");
  std::ranges::transform(sum, sum.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (!sum.empty() && (sum.size() != 64 || sum.find_first_not_of("0123456789abcdef") != std::string::npos))
    throw TaskFailedForGood("the argument sha256 must be 64 hexadecimal digits");
  return sum;
}

std::function<void()> starting_again(std::shared_ptr<FileWriter> file) {
  return [file = std::move(file)] { file->start_again(); };
}
std::function<void()> writing(std::shared_ptr<FileWriter> file, std::string bytes) {
  return [file = std::move(file), bytes = std::move(bytes)] { file->write(bytes); };
}

class Download {
 public:
  Download(CallContext t, std::shared_ptr<HttpCall> call, RetryRule rule, std::uint64_t most)
      : t_(t), call_(std::move(call)), rule_(std::move(rule)), most_(most) {
    call_->request.decompress = false;  // ranges count bytes as they are sent
    call_->request.read_bytes = net::many_read_bytes;
  }

  asio::awaitable<void> run(std::shared_ptr<FileWriter> file) {
    for (int attempt = 1;; ++attempt) {
      std::string error;
      double wait = retry_wait(rule_, attempt, nullptr);
      const std::uint64_t before = file->size();
      net::HttpRequest request = call_->request;
      if (file->size() > 0) {
        request.headers.emplace_back("Range", fmt::format("bytes={}-", file->size()));
        request.headers.emplace_back("If-Range", tag_);
      }
      net::HttpExchange exchange(request);
      if (const Error* failed = co_await exchange.send()) {
        error = failed->text();
      } else if (const net::HttpHead& head = exchange.head(); head.status >= 400) {
        error = co_await refusal(exchange, head);
        wait = retry_wait(rule_, attempt, &head);
        if (!rule_.is_for(head.status)) throw TaskFailed(error);
      } else {
        error = co_await receive(exchange, head, file);
        if (error.empty()) co_return;
      }
      // An attempt that brought something further is none of those that brought nothing.
      if (!tag_.empty() && file->size() > before) attempt = 1;
      if (attempt >= rule_.attempts) throw TaskFailed(error);
      if (tag_.empty() && file->size() > 0) co_await beside(starting_again(file));
      t_.log.warning(fmt::format("{}; trying again from byte {} in {:g} s", error, file->size(), wait));
      asio::steady_timer timer(co_await asio::this_coro::executor);
      timer.expires_after(std::chrono::milliseconds(static_cast<std::int64_t>(wait * 1000)));
      co_await timer.async_wait(asio::use_awaitable);
    }
  }

 private:
  [[nodiscard]] std::string shown() const { return net::shown_request(call_->request, call_->request.url); }

  asio::awaitable<std::string> refusal(net::HttpExchange& exchange, net::HttpHead head) {
    std::string error = status_text(head, call_->request);
    t_.log.error("HTTP error: " + error);
    const auto part = co_await exchange.read();
    if (part && !part->empty()) t_.log.error(part->substr(0, shown_refusal));
    co_return error;
  }

  // Why it broke off; empty where all is there.
  asio::awaitable<std::string> receive(net::HttpExchange& exchange, net::HttpHead head, std::shared_ptr<FileWriter> file) {
    const std::string begin = fmt::format("bytes {}-", file->size());
    if (head.status == 206 && !head.header("content-range").starts_with(begin))
      throw TaskFailed(shown() + ": the server sent another part of the file than it was asked for");
    if (head.status != 206 && file->size() > 0) co_await beside(starting_again(file));
    if (head.header("accept-ranges") == "bytes") tag_ = head.header("etag");
    if (tag_.starts_with("W/")) tag_.clear();  // says nothing of bytes
    for (;;) {
      auto part = co_await exchange.read();
      if (!part) co_return part.error().text();
      if (part->empty()) co_return "";
      if (file->size() + part->size() > most_) {
        throw TaskFailedForGood(fmt::format("{}: the file has more than the {} bytes of max_bytes", shown(), most_));
      }
      co_await beside(writing(file, *std::move(part)));
    }
  }

  CallContext t_;
  std::shared_ptr<HttpCall> call_;
  RetryRule rule_;
  std::uint64_t most_;
  std::string tag_;  // of the file, as far as the server takes ranges of it
};

}  // namespace

asio::awaitable<Value> run_http_to_file(OperatorTry& t, Arguments arguments) {
  std::string path = target_path(t, arguments);
  co_return co_await download_to(t, std::move(arguments), std::move(path));
}

asio::awaitable<Value> download_to(CallContext t, Arguments arguments, std::string path) {
  const std::string sum = wanted_sum(arguments);
  const std::int64_t most = arguments.integer("max_bytes", INT64_MAX);
  if (most < 1) throw TaskFailedForGood("the argument max_bytes must be a number from 1 on");
  RetryRule rule = retry_rule(arguments, attempts_otherwise);
  const auto call = co_await HttpCall::make(t, arguments, "GET", "data");
  t.log.info("Downloading " + net::shown_request(call->request, call->request.url) + " to " + path);
  const auto slot = std::make_shared<std::shared_ptr<FileWriter>>();
  const auto checksum = sum.empty() ? FileWriter::Checksum::none : FileWriter::Checksum::sha256;
  std::function<void()> open = [slot, path, checksum] { *slot = std::make_shared<FileWriter>(path, checksum); };
  co_await beside(std::move(open));
  const std::shared_ptr<FileWriter> file = std::move(*slot);
  Download download(t, call, std::move(rule), static_cast<std::uint64_t>(most));
  co_await download.run(file);
  const std::string found = sum.empty() ? std::string() : file->sha256();
  if (found != sum) {
    throw TaskFailed(
        fmt::format("{}: the file's SHA-256 is {}, not {}", net::shown_request(call->request, call->request.url), found, sum));
  }
  std::function<void()> finish = [file] { file->finish(); };
  co_await beside(std::move(finish));
  t.log.info(fmt::format("{} bytes, SHA-256 {}", file->size(), found));
  co_return path;
}

}  // namespace venturi::providers
