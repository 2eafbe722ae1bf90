#include "net/http_multi.h"

#include <sys/epoll.h>

#include <boost/asio/query.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/errno_error.h"
#include "net/http_transfer.h"

namespace venturi::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// Idle connections that are kept for the next request: those of RequestTurn::most requests to some servers. libcurl looks
// through all that there are to a server.
constexpr long most_idle = 256;
constexpr int most_events = 32;

// Where the loop keeps its client.
class MultiService : public asio::execution_context::service {
 public:
  static inline asio::execution_context::id id;
  explicit MultiService(asio::execution_context& context)
      : asio::execution_context::service(context),
        multi(std::make_shared<HttpMulti>(static_cast<asio::io_context&>(context))) {}  // there is no other kind of loop here
  const std::shared_ptr<HttpMulti> multi;

 private:
  void shutdown() noexcept override { multi->close(); }
};

void initialize_libcurl() {
  static const CURLcode done = ::curl_global_init(CURL_GLOBAL_DEFAULT);
  if (done != CURLE_OK) throw std::runtime_error(std::string("libcurl: ") + ::curl_easy_strerror(done));
}

}  // namespace

std::shared_ptr<HttpMulti> HttpMulti::of(const asio::any_io_executor& executor) {
  return asio::use_service<MultiService>(asio::query(executor, asio::execution::context)).multi;
}

// ready_ also makes sure that Asio's own services are older than this one, and go after it.
HttpMulti::HttpMulti(asio::io_context& io)
    : sockets_(::epoll_create1(EPOLL_CLOEXEC)), ready_(io), timer_(io), share_(nullptr), multi_(nullptr) {
  if (!sockets_) throw errno_error("epoll_create1");
  initialize_libcurl();
  share_ = ::curl_share_init();
  multi_ = ::curl_multi_init();
  if (multi_ == nullptr || share_ == nullptr) throw std::bad_alloc();
  ready_.assign(sockets_.get());
  ::curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  ::curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &HttpMulti::on_socket);
  ::curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  ::curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &HttpMulti::on_timer);
  ::curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  ::curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, most_idle);
}

void HttpMulti::run_on(const asio::any_io_executor& executor) {
  (void)ready_.release();
  ready_ = asio::posix::stream_descriptor(executor);
  ready_.assign(sockets_.get());
  timer_ = asio::steady_timer(executor);
}

HttpMulti::~HttpMulti() {
  close();
  ::curl_share_cleanup(share_);  // transfers that used it are gone, since they hold this
}

void HttpMulti::close() {
  if (multi_ == nullptr) return;
  ::curl_multi_cleanup(std::exchange(multi_, nullptr));
  if (ready_.is_open()) (void)ready_.release();
  error_code ignored;
  timer_.cancel(ignored);
}

void HttpMulti::add(HttpTransfer& transfer) {
  if (multi_ == nullptr) throw std::runtime_error("the HTTP client's loop is over");
  if (const CURLMcode error = ::curl_multi_add_handle(multi_, transfer.easy()); error != CURLM_OK)
    throw std::runtime_error(std::string("libcurl: ") + ::curl_multi_strerror(error));
}

void HttpMulti::remove(HttpTransfer& transfer) {
  if (multi_ != nullptr) ::curl_multi_remove_handle(multi_, transfer.easy());
}

void HttpMulti::resume(HttpTransfer& transfer) {
  if (multi_ == nullptr) return;
  error_text_[0] = '\0';
  ::curl_easy_pause(transfer.easy(), CURLPAUSE_CONT);
  collect();
}

int HttpMulti::on_timer(CURLM*, long milliseconds, void* self) {
  auto& multi = *static_cast<HttpMulti*>(self);
  error_code ignored;
  if (milliseconds < 0) {
    multi.timer_.cancel(ignored);
    return 0;
  }
  // Never at once: libcurl may be in the middle of something.
  multi.timer_.expires_after(std::chrono::milliseconds(milliseconds));
  multi.timer_.async_wait([weak = multi.weak_from_this()](const error_code& error) {
    const auto alive = weak.lock();
    if (!error && alive) alive->act(CURL_SOCKET_TIMEOUT, 0);
  });
  return 0;
}

int HttpMulti::on_socket(CURL*, curl_socket_t fd, int what, void* self, void*) {
  return static_cast<HttpMulti*>(self)->watch(fd, what) ? 0 : -1;
}

bool HttpMulti::watch(curl_socket_t fd, int what) {
  if (what == CURL_POLL_REMOVE) {
    if (::epoll_ctl(sockets_.get(), EPOLL_CTL_DEL, fd, nullptr) == 0) --watched_;
    if (watched_ == 0 && ready_.is_open()) ready_.cancel();
    return true;
  }
  epoll_event event{};
  event.data.fd = fd;
  if ((what & CURL_POLL_IN) != 0) event.events |= EPOLLIN;
  if ((what & CURL_POLL_OUT) != 0) event.events |= EPOLLOUT;
  if (::epoll_ctl(sockets_.get(), EPOLL_CTL_MOD, fd, &event) != 0) {
    if (errno != ENOENT || ::epoll_ctl(sockets_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return false;
    ++watched_;
  }
  wait();
  return true;
}

// As long as there are sockets: an idle client does not keep its loop running.
void HttpMulti::wait() {
  if (waiting_ || watched_ == 0 || multi_ == nullptr) return;
  waiting_ = true;
  ready_.async_wait(asio::posix::stream_descriptor::wait_read, [weak = weak_from_this()](const error_code&) {
    const auto self = weak.lock();
    if (!self) return;
    self->waiting_ = false;
    self->on_ready();
    self->wait();
  });
}

// As many as fit into a short turn; the others are still ready in the next one.
void HttpMulti::on_ready() {
  std::array<epoll_event, most_events> events;
  const int n = ::epoll_wait(sockets_.get(), events.data(), most_events, 0);
  for (int i = 0; i < n && multi_ != nullptr; ++i) {
    const auto& [bits, data] = events[static_cast<std::size_t>(i)];
    int mask = 0;
    if ((bits & (EPOLLIN | EPOLLHUP)) != 0) mask |= CURL_CSELECT_IN;
    if ((bits & EPOLLOUT) != 0) mask |= CURL_CSELECT_OUT;
    if ((bits & EPOLLERR) != 0) mask |= CURL_CSELECT_ERR;
    act(data.fd, mask);  // one that has been closed meanwhile is none of libcurl's
  }
}

void HttpMulti::act(curl_socket_t fd, int mask) {
  if (multi_ == nullptr) return;
  int running = 0;
  error_text_[0] = '\0';
  ::curl_multi_socket_action(multi_, fd, mask, &running);
  collect();
}

void HttpMulti::collect() {
  int left = 0;
  bool is_alone = true;  // else nobody knows whose the text is
  while (const CURLMsg* message = ::curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    void* transfer = nullptr;
    ::curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    is_alone = is_alone && left == 0;
    static_cast<HttpTransfer*>(transfer)->on_done(message->data.result, is_alone ? error_text_ : "");
  }
}

}  // namespace venturi::net
