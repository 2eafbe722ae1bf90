// libcurl's multi interface on one loop of Asio: sockets and one timer are watched for it, and transfers hear of their end.
//
// The sockets are in an epoll set of their own, which the loop watches as one descriptor: thousands of requests may wait, and a
// descriptor of Asio's with a wait takes half a KiB. What libcurl keeps for each request is shared as far as it can be.
#pragma once

#include <curl/curl.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <memory>

#include "base/fd.h"

namespace venturi::net {

class HttpTransfer;

class HttpMulti : public std::enable_shared_from_this<HttpMulti> {
 public:
  // The one of a loop, made at first need; closed when the loop goes.
  [[nodiscard]] static std::shared_ptr<HttpMulti> of(const boost::asio::any_io_executor& executor);
  // What libcurl does for all transfers of the loop runs on this executor of the loop's from now on (its own otherwise): one
  // that watches how long things take. Before the first transfer.
  void run_on(const boost::asio::any_io_executor& executor);

  explicit HttpMulti(boost::asio::io_context& io);
  ~HttpMulti();
  HttpMulti(const HttpMulti&) = delete;
  HttpMulti& operator=(const HttpMulti&) = delete;

  // Not from within a callback of libcurl's. The transfer outlives its stay.
  void add(HttpTransfer& transfer);
  void remove(HttpTransfer& transfer);
  // Goes on reading after a callback said "pause".
  void resume(HttpTransfer& transfer);
  void close();
  // What the transfers share: sessions of TLS.
  [[nodiscard]] CURLSH* share() const { return share_; }
  // Where libcurl writes what is wrong with a transfer that is connected: a buffer for each would be a quarter of a KiB, and is
  // hardly ever needed.
  [[nodiscard]] char* error_text() { return error_text_; }

 private:
  static int on_socket(CURL* easy, curl_socket_t fd, int what, void* self, void* watch);
  static int on_timer(CURLM* multi, long milliseconds, void* self);
  // False where the kernel has no room for it.
  bool watch(curl_socket_t fd, int what);
  void wait();
  void on_ready();
  void act(curl_socket_t fd, int mask);
  void collect();

  Fd sockets_;                                   // epoll
  boost::asio::posix::stream_descriptor ready_;  // of sockets_, without owning it
  boost::asio::steady_timer timer_;
  CURLSH* share_;
  CURLM* multi_;
  char error_text_[CURL_ERROR_SIZE] = {};
  std::size_t watched_ = 0;  // sockets
  bool waiting_ = false;
};

}  // namespace venturi::net
