// libcurl's multi interface on one loop of Asio: sockets and one timer are watched for it, and transfers hear of their end.
#pragma once

#include <curl/curl.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <map>
#include <memory>

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

 private:
  struct Watch;
  static int on_socket(CURL* easy, curl_socket_t fd, int what, void* self, void* watch);
  static int on_timer(CURLM* multi, long milliseconds, void* self);
  void watch(curl_socket_t fd, int what);
  void wait(const std::shared_ptr<Watch>& watch, bool reads);
  void act(curl_socket_t fd, int mask);
  void collect();

  boost::asio::any_io_executor executor_;
  boost::asio::posix::stream_descriptor first_;  // none: that Asio's own services are older than this one, and go after it
  boost::asio::steady_timer timer_;
  CURLM* multi_;
  std::map<curl_socket_t, std::shared_ptr<Watch>> watches_;
};

}  // namespace venturi::net
