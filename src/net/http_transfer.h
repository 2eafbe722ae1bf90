// One request on libcurl's side: its easy handle, what the callbacks have gathered, and the wait for them.
#pragma once

#include <curl/curl.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/http_multi.h"
#include "net/http_request.h"
#include "net/tls_authorities.h"

namespace venturi::net {

class HttpTransfer {
 public:
  HttpTransfer(const boost::asio::any_io_executor& executor, std::shared_ptr<HttpMulti> multi);
  ~HttpTransfer();
  HttpTransfer(const HttpTransfer&) = delete;
  HttpTransfer& operator=(const HttpTransfer&) = delete;

  // Begins. `url` is where this hop goes; the connection of an earlier one is used again where it can be.
  void start(const HttpRequest& request, const std::string& url, std::shared_ptr<const TlsAuthorities> authorities);
  // Takes it off; what is under way is cut.
  void stop();
  // Until the head is there, or the end.
  [[nodiscard]] boost::asio::awaitable<Result<void>> wait_for_head();
  // Until some of the body is there, or the end (nothing then).
  [[nodiscard]] boost::asio::awaitable<Result<void>> wait_for_body();

  [[nodiscard]] CURL* easy() const { return easy_; }
  void on_done(CURLcode code);

  HttpHead head;
  std::string body;  // taken by the exchange
  bool is_done = false;
  void resume();

 private:
  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);
  static int on_progress(void* self, curl_off_t down_total, curl_off_t down, curl_off_t up_total, curl_off_t up);
  static int on_connected(void* self, char* remote, char* local, int remote_port, int local_port);
  static int on_new_socket(void* self, curl_socket_t socket, curlsocktype purpose);
  static CURLcode on_tls(CURL* easy, void* context, void* self);
  void header_line(std::string_view line);
  void set_request(const HttpRequest& request, const std::string& url);
  void set_tls(const HttpTls& tls);
  void wake();
  [[nodiscard]] boost::asio::awaitable<Result<void>> wait_until(bool head_is_enough);
  [[nodiscard]] Error error() const;

  using Clock = std::chrono::steady_clock;
  std::shared_ptr<HttpMulti> multi_;
  CURLSH* cookies_;
  CURL* easy_;
  curl_slist* headers_ = nullptr;
  char text_[CURL_ERROR_SIZE] = {};
  boost::asio::steady_timer event_;  // cancelled when something happened
  std::shared_ptr<const TlsAuthorities> authorities_;
  const HttpRequest* request_ = nullptr;
  std::string url_;
  CURLcode code_ = CURLE_OK;
  bool is_added_ = false, is_connected_ = false, has_head_ = false, is_paused_ = false, woken_ = false;
  curl_off_t moved_ = 0;
  std::size_t header_lines_ = 0, header_bytes_ = 0;
  Clock::time_point last_progress_;
};

}  // namespace venturi::net
