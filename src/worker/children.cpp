#include "worker/children.h"

#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "base/errno_error.h"

namespace venturi::worker {
namespace {

int wait_status(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return (info.si_status & 0xff) << 8;
  return info.si_status & 0x7f;
}

}  // namespace

Children::Children(EventLoop& loop, std::function<void()> on_term) : loop_(loop), on_term_(std::move(on_term)) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGCHLD);
  sigaddset(&signals, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  signals_ = Fd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals_) throw errno_error("signalfd");
  loop_.watch(signals_.get(), EPOLLIN, [this](std::uint32_t) { on_signal(); });
}

Children::~Children() {
  loop_.unwatch(signals_.get());
}

void Children::watch(pid_t pid, std::function<void(int)> on_end) {
  const auto early = early_.find(pid);
  if (early == early_.end()) {
    watched_[pid] = std::move(on_end);
    return;
  }
  const int status = early->second;
  early_.erase(early);
  on_end(status);
}

void Children::expected_came() {
  if (--expected_ == 0) early_.clear();
}

int Children::reap_now(pid_t pid) {
  watched_.erase(pid);
  int status = 0;
  while (::waitpid(pid, &status, __WALL) < 0 && errno == EINTR) {}
  return status;
}

void Children::on_signal() {
  signalfd_siginfo info{};
  bool term = false;
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) term = term || info.ssi_signo == SIGTERM;
  if (term) on_term_();
  for (;;) {
    siginfo_t child{};
    if (::waitid(P_ALL, 0, &child, WEXITED | WNOHANG | __WALL) != 0 || child.si_pid == 0) return;
    const int status = wait_status(child);
    if (const auto found = watched_.find(child.si_pid); found != watched_.end()) {
      const auto on_end = std::move(found->second);
      watched_.erase(found);
      on_end(status);
    } else if (expected_ > 0) {
      early_[child.si_pid] = status;
    }
  }
}

}  // namespace venturi::worker
