// Who waits for whom where threads share a processor. Threads on the way from a task's end to the next one's start work for
// microseconds at a time, and should not wait until a slice of milliseconds of somebody else's is over. C++20: part of the SDK
// archive.
#pragma once

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>

namespace venturi {

// Since Linux 6.12 a thread of the normal policies may ask for slices of 0.1 to 100 ms (sched_setattr(2): sched_runtime); who
// has shorter ones is preferred when it wakes up. Its share of the processors stays the same. Elsewhere all stays as it is.
constexpr std::chrono::microseconds shortest_slice{100}, long_slice{20'000};

// For the calling thread, that keeps its policy and niceness; what it starts has the scheduler's slices.
inline void take_slices_of(std::chrono::microseconds slice) {
  struct {  // struct sched_attr of <linux/sched/types.h>, which newer libcs declare in <sched.h>
    std::uint32_t size, policy;
    std::uint64_t flags;
    std::int32_t niceness;
    std::uint32_t priority;
    std::uint64_t runtime, deadline, period;  // ns
  } attributes{};
  if (::syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0U) != 0) return;
  // To children of somebody who is more important than usual, the flag below would not leave that.
  if ((attributes.policy != SCHED_OTHER && attributes.policy != SCHED_BATCH) || attributes.niceness < 0) return;
  attributes.size = sizeof attributes;
  attributes.flags |= 1U;  // SCHED_FLAG_RESET_ON_FORK
  attributes.runtime = static_cast<std::uint64_t>(std::chrono::nanoseconds(slice).count());
  (void)::syscall(SYS_sched_setattr, 0, &attributes, 0U);
}

inline void take_short_slices() {
  take_slices_of(shortest_slice);
}

}  // namespace venturi
