// The body of an answer of any size, in constant memory, into a file or an object.
//
//   connection broken after some bytes, and the server takes ranges ─▶ goes on from there: Range: bytes=N-, If-Range: its tag
//   (206 from byte N: the same file; 200: it changed, or ranges are not taken after all: from the beginning)
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <string>

#include "net/http_request.h"
#include "providers/http/download_target.h"
#include "providers/http/http_call.h"

namespace venturi::net {
class HttpExchange;
}

namespace venturi::providers {

inline constexpr int download_attempts = 5;  // in a row that bring nothing, where retry_args says nothing else

class HttpDownload {
 public:
  HttpDownload(CallContext t, std::shared_ptr<HttpCall> call, RetryRule rule, std::uint64_t most = UINT64_MAX);

  // Throws TaskFailed where nothing more comes; what is there of it is the caller's to take back.
  [[nodiscard]] boost::asio::awaitable<void> run(DownloadTarget& target);
  // "GET http://..."
  [[nodiscard]] std::string shown() const;

 private:
  boost::asio::awaitable<std::string> refusal(net::HttpExchange& exchange, net::HttpHead head);
  boost::asio::awaitable<std::string> receive(net::HttpExchange& exchange, net::HttpHead head, DownloadTarget& target);

  CallContext t_;
  std::shared_ptr<HttpCall> call_;
  RetryRule rule_;
  std::uint64_t most_;
  std::string tag_;  // of the file, as far as the server takes ranges of it
};

// The whole of it becomes the target's object; where that fails, or the try is cancelled, nothing stays there.
[[nodiscard]] boost::asio::awaitable<void> download_into(HttpDownload& download, SinkTarget& target);

}  // namespace venturi::providers
