// SIGTERM in a process that moves data: it ends at the next place where that is safe, with its temporary files removed.
#pragma once

#include <poll.h>

#include <exception>

#include "base/fd.h"

namespace venturi::operators {

// Thrown out of a mover when it has to stop.
class Stopped : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "it was asked to stop"; }
};

// One for each process.
class StopSignal {
 public:
  // From now on SIGTERM only makes fd() readable. Throws std::system_error.
  StopSignal();
  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] bool raised() const {
    pollfd ready{fd_.get(), POLLIN, 0};
    return ::poll(&ready, 1, 0) == 1;
  }
  void check() const {
    if (raised()) throw Stopped();
  }
  // Until the descriptor has something to read, or is at its end. Throws Stopped, and std::system_error.
  void wait_for(int readable) const;

 private:
  Fd fd_;
};

}  // namespace venturi::operators
