#include "net/http_multi.h"

#include <boost/asio/query.hpp>

#include <chrono>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include "net/http_transfer.h"

namespace venturi::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// Idle connections that are kept for the next request.
constexpr long most_idle = 64;

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

struct HttpMulti::Watch {
  Watch(const asio::any_io_executor& executor, curl_socket_t socket) : fd(socket), descriptor(executor, socket) {}
  // libcurl closes it.
  ~Watch() { release(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  void release() {
    if (descriptor.is_open()) (void)descriptor.release();
  }
  curl_socket_t fd;
  asio::posix::stream_descriptor descriptor;
  bool wants_read = false, wants_write = false, waits_read = false, waits_write = false;
};

std::shared_ptr<HttpMulti> HttpMulti::of(const asio::any_io_executor& executor) {
  return asio::use_service<MultiService>(asio::query(executor, asio::execution::context)).multi;
}

HttpMulti::HttpMulti(asio::io_context& io) : executor_(io.get_executor()), first_(io), timer_(io), multi_(nullptr) {
  initialize_libcurl();
  multi_ = ::curl_multi_init();
  if (multi_ == nullptr) throw std::bad_alloc();
  ::curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &HttpMulti::on_socket);
  ::curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  ::curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &HttpMulti::on_timer);
  ::curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  ::curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, most_idle);
}

void HttpMulti::run_on(const asio::any_io_executor& executor) {
  executor_ = executor;
  timer_ = asio::steady_timer(executor);
}

HttpMulti::~HttpMulti() {
  close();
}

void HttpMulti::close() {
  if (multi_ == nullptr) return;
  ::curl_multi_cleanup(std::exchange(multi_, nullptr));
  watches_.clear();
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
  static_cast<HttpMulti*>(self)->watch(fd, what);
  return 0;
}

void HttpMulti::watch(curl_socket_t fd, int what) {
  if (what == CURL_POLL_REMOVE) {
    if (const auto found = watches_.find(fd); found != watches_.end()) {
      found->second->release();
      watches_.erase(found);
    }
    return;
  }
  auto& watch = watches_[fd];
  if (!watch) watch = std::make_shared<Watch>(executor_, fd);
  watch->wants_read = (what & CURL_POLL_IN) != 0;
  watch->wants_write = (what & CURL_POLL_OUT) != 0;
  const auto kept = watch;
  wait(kept, true);
  wait(kept, false);
}

void HttpMulti::wait(const std::shared_ptr<Watch>& watch, bool reads) {
  bool& waits = reads ? watch->waits_read : watch->waits_write;
  if (waits || !(reads ? watch->wants_read : watch->wants_write)) return;
  waits = true;
  watch->descriptor.async_wait(reads ? asio::posix::stream_descriptor::wait_read : asio::posix::stream_descriptor::wait_write,
                               [weak_self = weak_from_this(), weak = std::weak_ptr(watch), reads](const error_code& error) {
                                 const auto self = weak_self.lock();
                                 const auto watch = weak.lock();
                                 if (error || !self || !watch || !watch->descriptor.is_open()) return;
                                 (reads ? watch->waits_read : watch->waits_write) = false;
                                 if (reads ? watch->wants_read : watch->wants_write)
                                   self->act(watch->fd, reads ? CURL_CSELECT_IN : CURL_CSELECT_OUT);
                                 // The same socket still, and not another one of that number?
                                 const auto found = self->watches_.find(watch->fd);
                                 if (found != self->watches_.end() && found->second == watch) self->wait(watch, reads);
                               });
}

void HttpMulti::act(curl_socket_t fd, int mask) {
  if (multi_ == nullptr) return;
  int running = 0;
  ::curl_multi_socket_action(multi_, fd, mask, &running);
  collect();
}

void HttpMulti::collect() {
  int left = 0;
  while (const CURLMsg* message = ::curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    void* transfer = nullptr;
    ::curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    static_cast<HttpTransfer*>(transfer)->on_done(message->data.result);
  }
}

}  // namespace venturi::net
