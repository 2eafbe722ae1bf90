// Our child processes: each end is told once, to whoever watches the pid. One signalfd and waitid for all of them, which is
// cheaper for short tasks than a descriptor each. Orphans that the kernel gives us (we are a sub-reaper) are reaped silently.
#pragma once

#include <sys/types.h>

#include <functional>
#include <unordered_map>

#include "base/event_loop.h"
#include "base/fd.h"

namespace venturi::worker {

class Children {
 public:
  // Blocks SIGCHLD and SIGTERM in this process. on_term: the process was sent SIGTERM.
  Children(EventLoop& loop, std::function<void()> on_term);
  ~Children();
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;

  // `on_end` gets the wait status. A child that a warm process made may have ended before its pid was known: then the call
  // comes from in here, and only if it was expected.
  void watch(pid_t pid, std::function<void(int)> on_end);
  // A fork by somebody else is under way: unknown pids that end meanwhile are remembered.
  void expect() { ++expected_; }
  void expected_came();
  [[nodiscard]] bool knows(pid_t pid) const { return watched_.contains(pid); }
  // Waits for the end of a child that is dying, without telling its watcher. Returns its status; 0 where it was reaped before.
  int reap_now(pid_t pid);
  // Of an unknown child that ended while forks were under way; -1 where none did.
  [[nodiscard]] bool ended_early(pid_t pid) const { return early_.contains(pid); }

 private:
  void on_signal();

  EventLoop& loop_;
  Fd signals_;
  std::function<void()> on_term_;
  std::unordered_map<pid_t, std::function<void(int)>> watched_;
  std::unordered_map<pid_t, int> early_;
  int expected_ = 0;
};

}  // namespace venturi::worker
