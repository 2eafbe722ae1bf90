// A child in the memory of its parent, which waits until the child executes another program or ends: nothing is copied, however
// large the parent is. posix_spawn does the same, but knows neither limits nor PDEATHSIG.
#pragma once

#include <sys/types.h>

namespace venturi {

// `child` runs on a stack of its own and in our memory: it may only make system calls, and touch what was made for it before.
// What it returns is its exit code, where it did not execute anything. Signals are blocked in it until it unblocks them: none
// may run a handler of ours in our memory. The new process, or -1 with errno; `pidfd`, where it is not null, takes a descriptor
// of it.
[[nodiscard]] pid_t vfork_child(int (*child)(void*), void* argument, int* pidfd = nullptr);

// For functions that run there: the sanitizers must not touch the parent's memory from the child.
#define VENTURI_IN_VFORK_CHILD __attribute__((no_sanitize("address", "undefined", "thread")))

}  // namespace venturi
