// on_kill(): the worker ends a try by SIGTERM, and by SIGKILL five seconds later. The signal's handler may do next to nothing,
// so it wakes a thread, which calls on_kill() and then ends the process by the same signal, as without on_kill(). Signals are
// not blocked for it: what the operator starts would inherit that, and not be ended by the worker's signal to the process
// group.
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <thread>

#include "base/errno_error.h"
#include "base/fd.h"
#include "venturi/own_operator.h"

namespace venturi::inline sdk::detail {
namespace {

constexpr int signals[] = {SIGTERM, SIGALRM};            // SIGALRM: execution_timeout under a stock Airflow (task_run.cpp)
constexpr std::uint64_t over = std::uint64_t{1} << 32U;  // added to the counter: the operator has ended

std::atomic<int> wake_up{-1};
std::atomic<pid_t> owner{0};
std::atomic<int> came{0};

void on_signal(int number) {
  if (::getpid() != owner.load()) {  // a child of the operator's that did not exec: it ends as it would
    std::signal(number, SIG_DFL);
    ::raise(number);
    return;
  }
  const int error = errno;
  came.store(number);
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t n = ::write(wake_up.load(), &one, sizeof one);
  errno = error;
}

void end_by(int number) {
  std::fflush(nullptr);
  struct sigaction action{};
  action.sa_handler = SIG_DFL;
  ::sigaction(number, &action, nullptr);
  ::kill(::getpid(), number);
}

}  // namespace

struct KillWatch::State {
  Fd event;
  struct sigaction before[2]{};
  std::thread thread;
};

KillWatch::KillWatch(void (*on_kill)(void* op), void* op) : state_(new State) {
  state_->event = Fd(::eventfd(0, EFD_CLOEXEC));
  if (!state_->event) throw errno_error("a counter for on_kill()");
  wake_up.store(state_->event.get());
  owner.store(::getpid());
  state_->thread = std::thread([on_kill, op, fd = state_->event.get()] {
    std::uint64_t count = 0;
    while (::read(fd, &count, sizeof count) < 0 && errno == EINTR) {}
    if (count >= over || came.load() == 0) return;
    try {
      on_kill(op);
    } catch (const std::exception& e) {
      std::fprintf(stderr, "on_kill() failed: %s\n", e.what());
    } catch (...) {
      std::fprintf(stderr, "on_kill() failed\n");
    }
    end_by(came.load());
  });
  struct sigaction action{};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  for (std::size_t i = 0; i < std::size(signals); ++i) ::sigaction(signals[i], &action, &state_->before[i]);
}

KillWatch::~KillWatch() {
  for (std::size_t i = 0; i < std::size(signals); ++i) ::sigaction(signals[i], &state_->before[i], nullptr);
  [[maybe_unused]] const ssize_t n = ::write(state_->event.get(), &over, sizeof over);
  state_->thread.join();  // on_kill() goes on to its end, and ends the process
  wake_up.store(-1);
  delete state_;
}

}  // namespace venturi::inline sdk::detail
