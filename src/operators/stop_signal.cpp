#include "operators/stop_signal.h"

#include <sys/signalfd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

#include "base/errno_error.h"

namespace venturi::operators {

StopSignal::StopSignal() {
  sigset_t term;
  ::sigemptyset(&term);
  ::sigaddset(&term, SIGTERM);
  if (::sigprocmask(SIG_BLOCK, &term, nullptr) != 0) throw errno_error("sigprocmask");
  fd_ = Fd(::signalfd(-1, &term, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd_) throw errno_error("signalfd");
}

void StopSignal::wait_for(int readable) const {
  pollfd ready[2] = {{readable, POLLIN, 0}, {fd_.get(), POLLIN, 0}};
  while (::poll(ready, 2, -1) < 0) {
    if (errno != EINTR) throw errno_error("poll");
  }
  if (ready[1].revents != 0) throw Stopped();
}

}  // namespace venturi::operators
