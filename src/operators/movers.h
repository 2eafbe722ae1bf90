// The mover process (venturi-operators --venturi-movers): a warm process like a DAG program's. It answers ForkTask with a child
// made by clone3(CLONE_PARENT), which finds its operator in StartupDetails' extra key `operator` and speaks the plain task
// protocol over descriptor 0. Single-threaded, because a fork takes one thread along.
#pragma once

#include "base/fd.h"
#include "operators/registry.h"

namespace venturi::operators {

// Until the control socket is closed. Returns the program's exit code; a child never returns.
[[nodiscard]] int serve_movers(const Registry& registry, Fd control);

// The whole life of one mover: StartupDetails from `requests`, the operator, its outcome. Returns the exit code of its process;
// ends it by SIGTERM where that stopped it.
[[nodiscard]] int run_mover(const Registry& registry, int requests, Fd log);

// How many threads this process has, by /proc.
[[nodiscard]] int count_threads();

}  // namespace venturi::operators
