// One request, without its redirects, on libcurl's side: its easy handle, what the callbacks have gathered, and the wait for
// them.
#pragma once

#include <curl/curl.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/http_multi.h"
#include "net/http_request.h"
#include "net/tls_authorities.h"

namespace venturi::net {

struct HttpCookiesDeleter {
  void operator()(curl_slist* list) const { ::curl_slist_free_all(list); }
};
using HttpCookies = std::unique_ptr<curl_slist, HttpCookiesDeleter>;

class HttpTransfer {
 public:
  explicit HttpTransfer(const boost::asio::any_io_executor& executor);
  ~HttpTransfer();
  HttpTransfer(const HttpTransfer&) = delete;
  HttpTransfer& operator=(const HttpTransfer&) = delete;

  // Those that answers have set.
  [[nodiscard]] HttpCookies cookies() const;
  // Before it begins: what another one's cookies() gave.
  void take(const HttpCookies& cookies);
  // Begins, once. `url` is where it goes. Both outlive the transfer.
  void start(const HttpRequest& request, const std::string& url, std::shared_ptr<const TlsAuthorities> authorities);
  // Takes it off; what is under way is cut.
  void stop();
  enum class Part : std::uint8_t { head, body };
  // Until the head, or some of the body, is there; or the end, or a silence that is too long. outcome() says what came of it:
  // an error, or nothing, where the body may be over.
  [[nodiscard]] boost::asio::awaitable<void> wait_for(Part part);
  [[nodiscard]] Result<void> outcome(Part part) const;

  [[nodiscard]] CURL* easy() const { return easy_; }
  // `text` is libcurl's, of a transfer that was connected.
  void on_done(CURLcode code, const char* text);

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
  void keep_cookies();
  void set_request(const HttpRequest& request, const std::string& url);
  void set_tls(const HttpTls& tls);
  void set_no_tls();
  void wake();
  [[nodiscard]] bool has(Part part) const;
  [[nodiscard]] Error error() const;

  using Clock = std::chrono::steady_clock;
  [[nodiscard]] Clock::time_point end_of_patience() const;

  std::shared_ptr<HttpMulti> multi_;
  CURL* easy_;
  curl_slist* headers_ = nullptr;
  std::string text_;                 // libcurl's, of the error; its buffer until it is connected
  boost::asio::steady_timer event_;  // cancelled when something happened
  std::shared_ptr<const TlsAuthorities> authorities_;
  const HttpRequest* request_ = nullptr;
  const std::string* url_ = nullptr;
  CURLcode code_ = CURLE_OK;
  bool is_added_ = false, keeps_cookies_ = false, is_connected_ = false, has_head_ = false, is_paused_ = false,
       is_silent_ = false, woken_ = false;
  curl_off_t moved_ = 0;
  std::size_t header_lines_ = 0, header_bytes_ = 0;
  Clock::time_point last_progress_;
};

}  // namespace venturi::net
