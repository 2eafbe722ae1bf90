// What speaks SSH, for operators in the loop: it blocks, so it runs in a thread of the pool for remote machines, at most 64 at
// a time in a host. When the coroutine is cancelled, the work hears of it by a descriptor, which each wait of a session looks
// at.
#pragma once

#include <sys/eventfd.h>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <type_traits>
#include <utility>

#include "base/errno_error.h"
#include "base/fd.h"
#include "net/background.h"

namespace venturi::providers {

class SshStop {
 public:
  SshStop() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!fd_) throw errno_error("eventfd");
  }
  [[nodiscard]] int fd() const { return fd_.get(); }
  void raise() const { (void)::eventfd_write(fd_.get(), 1); }

 private:
  Fd fd_;
};

// What `work(stop)` gives or throws; `stop` is for SshSession. It owns all that it uses: it may outlive the try by the moment
// in which it notices.
template <class Work, class R = std::invoke_result_t<Work&, int>>
[[nodiscard]] boost::asio::awaitable<R> beside_ssh(Work work) {
  const auto stop = std::make_shared<const SshStop>();
  struct AtEnd {
    explicit AtEnd(std::shared_ptr<const SshStop> its) : stop(std::move(its)) {}
    AtEnd(const AtEnd&) = delete;
    AtEnd& operator=(const AtEnd&) = delete;
    ~AtEnd() { stop->raise(); }
    std::shared_ptr<const SshStop> stop;
  };
  const AtEnd end(stop);
  auto job = [stop, work = std::move(work)]() mutable { return work(stop->fd()); };
  co_return co_await net::in_background(std::move(job), net::BackgroundPool::remote);
}

}  // namespace venturi::providers
