#include "base/vfork.h"

#include <pthread.h>
#include <sched.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <memory>

// glibc's other name of clone(). The thread sanitizer stands in front of that one, takes the child for a fork that has its own
// memory, and breaks off.
// NOLINTNEXTLINE(bugprone-reserved-identifier)
extern "C" int __clone(int (*function)(void*), void* stack, int flags, void* argument, ...);

namespace venturi {

pid_t vfork_child(int (*child)(void*), void* argument, int* pidfd) {
  constexpr std::size_t stack_size = 64UL << 10U;
  struct alignas(16) Stack {
    std::array<std::byte, stack_size> bytes;
  };
  const auto stack = std::make_unique_for_overwrite<Stack>();
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const int flags = CLONE_VM | CLONE_VFORK | SIGCHLD | (pidfd != nullptr ? CLONE_PIDFD : 0);
  const pid_t pid = ::__clone(child, stack->bytes.data() + stack_size, flags, argument, pidfd);
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return pid;
}

}  // namespace venturi
