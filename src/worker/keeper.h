// The small process above the supervisor that outlives it. It does three things:
//   - starts the supervisor, and starts it again when it died;
//   - before that, ends everything that the dead one left behind, grandchildren in sessions of their own included (it is a
//     sub-reaper), and brings what stands in the tries' log sockets through masking into their logs;
//   - takes SIGTERM and SIGINT: the first lets the supervisor drain, the second ends all at once and says what that was.
// The supervisor in turn watches the keeper and ends its own subtree when the keeper dies (supervisor.h).
#pragma once

#include "worker/options.h"

namespace venturi::worker {

// Returns the exit status: 0 drained or no server for too long; 1 ended at once; 3 another worker has this home.
int run_keeper(const Options& options);

}  // namespace venturi::worker
