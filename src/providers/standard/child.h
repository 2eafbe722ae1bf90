// A started command, waited for without blocking the loop.
#pragma once

#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <chrono>

namespace venturi::providers {

class Child {
 public:
  // Of a child of ours that leads its process group. Throws std::system_error.
  Child(pid_t pid, const boost::asio::any_io_executor& executor);
  // Kills the group where the child was not reaped.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Until it ends: its status as waitpid gives it. Throws operation_aborted where the coroutine is cancelled.
  [[nodiscard]] boost::asio::awaitable<int> wait();
  // SIGTERM to its group; SIGKILL when it has ended, or after `grace`. For a coroutine that cannot be cancelled (any more).
  [[nodiscard]] boost::asio::awaitable<void> terminate(std::chrono::milliseconds grace);

 private:
  [[nodiscard]] bool reap(int& status);

  pid_t pid_;
  bool reaped_ = false;
  boost::asio::posix::stream_descriptor pidfd_;
};

}  // namespace venturi::providers
