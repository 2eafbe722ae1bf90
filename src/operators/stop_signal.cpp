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

}  // namespace venturi::operators
