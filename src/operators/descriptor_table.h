// Room for the descriptors of thousands of connections, made while the process is single-threaded. Linux doubles the table when
// it is full, and in a process with threads it waits for all processors to have seen that (synchronize_rcu): up to 70 ms in
// which the loop stands still, each time at 64, 128, 256, ... descriptors.
#pragma once

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

namespace venturi::operators {

inline void grow_descriptor_table(rlim_t wanted = 16'384) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < 2) return;
  const int high = ::fcntl(0, F_DUPFD_CLOEXEC, static_cast<int>(std::min(limit.rlim_cur, wanted)) - 1);
  if (high >= 0) ::close(high);
}

}  // namespace venturi::operators
