#include "net/http_transfer.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <new>

#include "net/http_client.h"
#include "net/http_error.h"

namespace venturi::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// Airflow's TCPKeepAliveAdapter.
constexpr int keep_alive_idle = 120, keep_alive_interval = 30, keep_alive_count = 20;
// Of all heads of an answer (those before it too: "100 Continue") and what follows its body. libcurl refuses lines over 100 KB.
constexpr std::size_t most_header_lines = 1000, most_header_bytes = 256UL << 10U;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\r' || text.back() == '\n' || text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  return text;
}

}  // namespace

std::string_view HttpHead::header(std::string_view name) const {
  for (auto entry = headers.rbegin(); entry != headers.rend(); ++entry) {
    if (entry->first == name) return entry->second;
  }
  return {};
}

HttpTransfer::HttpTransfer(const asio::any_io_executor& executor)
    : multi_(HttpMulti::of(executor)), easy_(::curl_easy_init()), event_(executor) {
  if (easy_ == nullptr) throw std::bad_alloc();
}

HttpTransfer::~HttpTransfer() {
  stop();
  ::curl_easy_cleanup(easy_);
  ::curl_slist_free_all(headers_);
}

// libcurl's table of cookies is half a KiB: only redirects need it.
void HttpTransfer::keep_cookies() {
  if (std::exchange(keeps_cookies_, true)) return;
  ::curl_easy_setopt(easy_, CURLOPT_COOKIEFILE, "");        // no file: that there are cookies
  ::curl_easy_setopt(easy_, CURLOPT_COOKIELIST, "RELOAD");  // from now on, the head that is being read included
}

HttpCookies HttpTransfer::cookies() const {
  curl_slist* list = nullptr;
  ::curl_easy_getinfo(easy_, CURLINFO_COOKIELIST, &list);
  return HttpCookies(list);
}

void HttpTransfer::take(const HttpCookies& cookies) {
  if (cookies != nullptr) keep_cookies();
  for (const curl_slist* cookie = cookies.get(); cookie != nullptr; cookie = cookie->next)
    ::curl_easy_setopt(easy_, CURLOPT_COOKIELIST, cookie->data);
}

void HttpTransfer::start(const HttpRequest& request, const std::string& url,
                         std::shared_ptr<const TlsAuthorities> authorities) {
  request_ = &request;
  url_ = &url;
  authorities_ = std::move(authorities);
  set_request(request, url);
  if (url.starts_with("http://") && request.proxy.empty())
    set_no_tls();
  else
    set_tls(request.tls);
  last_progress_ = Clock::now();
  multi_->add(*this);
  is_added_ = true;
}

void HttpTransfer::stop() {
  if (is_added_) multi_->remove(*this);
  is_added_ = false;
}

void HttpTransfer::set_request(const HttpRequest& request, const std::string& url) {
  const auto set = [this](CURLoption option, auto value) { ::curl_easy_setopt(easy_, option, value); };
  set(CURLOPT_PRIVATE, static_cast<void*>(this));
  text_.resize(CURL_ERROR_SIZE);
  set(CURLOPT_ERRORBUFFER, text_.data());
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // a cancelled request does not wait for the thread that resolves its name
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_PROXY, request.proxy.c_str());  // empty: none, whatever the environment says
  if (!request.proxy.empty()) set(CURLOPT_NOPROXY, request.no_proxy.c_str());
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(CURLOPT_SHARE, multi_->share());
  set(CURLOPT_BUFFERSIZE, static_cast<long>(request.read_bytes));
  const auto connect = request.connect_timeout.count() > 0 ? request.connect_timeout : default_connect_timeout;
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect.count()));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.total_timeout.count()));
  if (request.decompress) set(CURLOPT_ACCEPT_ENCODING, "");
  if (request.method == "HEAD") set(CURLOPT_NOBODY, 1L);
  const bool wants_body = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (request.body || wants_body) {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body ? request.body->size() : 0));
    set(CURLOPT_POSTFIELDS, request.body ? request.body->c_str() : "");  // not copied: the request outlives the transfer
  }
  const bool is_libcurls_own = request.method == (request.body || wants_body ? "POST" : "GET");
  if (request.method != "HEAD" && !is_libcurls_own) set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (request.login) {
    set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    set(CURLOPT_USERNAME, request.login->user.c_str());
    set(CURLOPT_PASSWORD, request.login->password.c_str());
  } else if (!request.bearer.empty()) {
    set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BEARER));
    set(CURLOPT_XOAUTH2_BEARER, request.bearer.c_str());
  }
  const auto add = [this](const std::string& line) {
    if (curl_slist* longer = ::curl_slist_append(headers_, line.c_str())) headers_ = longer;
  };
  if (request.body || wants_body) {
    add("Expect:");        // no round trip before a body
    add("Content-Type:");  // none but what the request says
  }
  for (const auto& [name, value] : request.headers) add(value.empty() ? name + ";" : name + ": " + value);
  set(CURLOPT_HTTPHEADER, headers_);
  set(CURLOPT_HEADERFUNCTION, &HttpTransfer::on_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(CURLOPT_WRITEFUNCTION, &HttpTransfer::on_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, &HttpTransfer::on_progress);
  set(CURLOPT_XFERINFODATA, static_cast<void*>(this));
  set(CURLOPT_PREREQFUNCTION, &HttpTransfer::on_connected);
  set(CURLOPT_PREREQDATA, static_cast<void*>(this));
  set(CURLOPT_SOCKOPTFUNCTION, &HttpTransfer::on_new_socket);
  set(CURLOPT_SOCKOPTDATA, static_cast<void*>(this));
}

// libcurl's defaults, several copies of which each request and each connection would keep.
void HttpTransfer::set_no_tls() {
  for (const CURLoption option : {CURLOPT_CAINFO, CURLOPT_CAPATH, CURLOPT_PROXY_CAINFO, CURLOPT_PROXY_CAPATH})
    ::curl_easy_setopt(easy_, option, static_cast<const char*>(nullptr));
}

void HttpTransfer::set_tls(const HttpTls& tls) {
  const auto set = [this](CURLoption option, auto value) { ::curl_easy_setopt(easy_, option, value); };
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_SSL_VERIFYPEER, tls.verify ? 1L : 0L);
  set(CURLOPT_SSL_VERIFYHOST, tls.verify ? 2L : 0L);
  // A folder is looked into for the one authority that is needed; a file would be parsed as a whole, in the loop. What is given
  // as a file was read beside the loop; its path stands here all the same, since libcurl compares connections by it.
  set(CURLOPT_CAINFO, static_cast<const char*>(nullptr));
  set(CURLOPT_CAPATH, tls.ca_file.empty() ? system_authorities_folder() : tls.ca_file.c_str());
  if (authorities_) {
    set(CURLOPT_SSL_CTX_FUNCTION, &HttpTransfer::on_tls);
    set(CURLOPT_SSL_CTX_DATA, static_cast<void*>(this));
  }
  if (!tls.certificate.empty()) {
    set(CURLOPT_SSLCERT, tls.certificate.c_str());
    set(CURLOPT_SSLKEY, (tls.key.empty() ? tls.certificate : tls.key).c_str());
    set(CURLOPT_KEYPASSWD, "");  // nobody is there to be asked
  }
}

// ---- libcurl's callbacks -------------------------------------------------------------------------------------------------

CURLcode HttpTransfer::on_tls(CURL*, void* context, void* self) {
  const auto* transfer = static_cast<HttpTransfer*>(self);
  ::SSL_CTX_set1_cert_store(static_cast<SSL_CTX*>(context), transfer->authorities_->store());
  return CURLE_OK;
}

int HttpTransfer::on_new_socket(void*, curl_socket_t socket, curlsocktype) {
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &keep_alive_idle, sizeof keep_alive_idle);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &keep_alive_interval, sizeof keep_alive_interval);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &keep_alive_count, sizeof keep_alive_count);
  return CURL_SOCKOPT_OK;
}

int HttpTransfer::on_connected(void* self, char*, char*, int, int) {
  auto* transfer = static_cast<HttpTransfer*>(self);
  transfer->is_connected_ = true;
  transfer->last_progress_ = Clock::now();
  ::curl_easy_setopt(transfer->easy_, CURLOPT_ERRORBUFFER, transfer->multi_->error_text());
  transfer->text_ = std::string();  // with its buffer: {} would keep it
  transfer->wake();
  return CURL_PREREQFUNC_OK;
}

int HttpTransfer::on_progress(void* self, curl_off_t, curl_off_t down, curl_off_t, curl_off_t up) {
  auto* transfer = static_cast<HttpTransfer*>(self);
  if (down + up != transfer->moved_) {
    transfer->moved_ = down + up;
    transfer->last_progress_ = Clock::now();
  }
  return 0;
}

std::size_t HttpTransfer::on_header(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto* transfer = static_cast<HttpTransfer*>(self);
  transfer->last_progress_ = Clock::now();
  transfer->header_bytes_ += size * count;
  if (++transfer->header_lines_ > most_header_lines || transfer->header_bytes_ > most_header_bytes) return 0;
  transfer->header_line({bytes, size * count});
  return size * count;
}

void HttpTransfer::header_line(std::string_view line) {
  if (has_head_) return;  // trailers
  const std::string_view text = trimmed(line);
  if (text.starts_with("HTTP/")) {
    head = {};
    head.url = *url_;
    const std::size_t blank = std::min(text.find(' '), text.size());
    const std::string_view rest = trimmed(text.substr(blank));
    head.status = std::atoi(std::string(rest.substr(0, 3)).c_str());
    head.reason = trimmed(rest.substr(std::min<std::size_t>(3, rest.size())));
    if (head.status >= 300 && head.status < 400) keep_cookies();
    return;
  }
  if (text.empty()) {
    has_head_ = head.status >= 200;  // what comes before is "100 Continue" and its kin
    if (has_head_) wake();
    return;
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return;
  std::string name(trimmed(text.substr(0, colon)));
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  head.headers.emplace_back(std::move(name), trimmed(text.substr(colon + 1)));
}

std::size_t HttpTransfer::on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto* transfer = static_cast<HttpTransfer*>(self);
  transfer->last_progress_ = Clock::now();
  if (transfer->body.size() >= HttpExchange::part_bytes) {
    transfer->is_paused_ = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  transfer->body.append(bytes, size * count);
  transfer->wake();
  return size * count;
}

void HttpTransfer::on_done(CURLcode code, const char* text) {
  is_done = true;
  code_ = code;
  ::curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, static_cast<char*>(nullptr));  // it is text_, which goes
  text_ = is_connected_ ? text : std::string(text_.c_str());
  wake();
}

// ---- the wait --------------------------------------------------------------------------------------------------------------

void HttpTransfer::wake() {
  woken_ = true;
  event_.cancel();
}

void HttpTransfer::resume() {
  if (!std::exchange(is_paused_, false)) return;
  last_progress_ = Clock::now();
  multi_->resume(*this);
}

Error HttpTransfer::error() const {
  const bool has_long_line = code_ == CURLE_OUT_OF_MEMORY && header_lines_ > 0;  // libcurl 7.88 has no other word for it
  if (header_lines_ > most_header_lines || header_bytes_ > most_header_bytes || has_long_line) {
    return {ErrorKind::invalid,
            "the head of the answer has no end: more than " + std::to_string(most_header_lines) + " lines, or " +
                std::to_string(most_header_bytes >> 10U) + " KiB",
            shown_request(*request_, *url_), "is this the server that was meant?"};
  }
  long os_error = 0;
  ::curl_easy_getinfo(easy_, CURLINFO_OS_ERRNO, &os_error);
  return http_error({code_, text_, os_error, has_head_}, *request_, *url_);
}

bool HttpTransfer::has(Part part) const {
  return part == Part::head ? has_head_ : !body.empty();
}

Result<void> HttpTransfer::outcome(Part part) const {
  if (has(part)) return {};
  if (is_silent_) {
    const char* what = part == Part::head ? "no answer within " : "the answer stopped for ";
    return fail(ErrorKind::exhausted, what + in_seconds(request_->idle_timeout), shown_request(*request_, *url_),
                "timeout says how long a silence is waited for");
  }
  if (code_ != CURLE_OK) return std::unexpected(error());
  return {};
}

HttpTransfer::Clock::time_point HttpTransfer::end_of_patience() const {
  const auto idle = request_->idle_timeout;
  return is_connected_ && idle.count() > 0 ? last_progress_ + idle : Clock::time_point::max();
}

// Thousands of frames like this one lie in memory: what is made of the end is made by others.
asio::awaitable<void> HttpTransfer::wait_for(Part part) {
  while (!has(part) && !is_done && !is_silent_) {
    woken_ = false;
    event_.expires_at(end_of_patience());
    error_code waited;
    co_await event_.async_wait(asio::redirect_error(asio::use_awaitable, waited));
    if (woken_) continue;
    if (waited) throw boost::system::system_error(waited);  // the coroutine was cancelled
    is_silent_ = Clock::now() >= end_of_patience();
  }
}

}  // namespace venturi::net
