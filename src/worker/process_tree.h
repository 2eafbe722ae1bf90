// Finding and ending processes that are not our children (any more): what a task left behind.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace venturi::worker {

// The environment variable that everything made by a worker carries; its value is the home.
inline constexpr const char* worker_mark = "VENTURI_WORKER";

// Direct children, zombies included.
[[nodiscard]] std::vector<pid_t> children_of(pid_t pid);

// Kills all descendants of the calling process and reaps them, until there are none: whatever sessions they made, as long as
// the caller is a sub-reaper. Processes that cannot die now (an unreachable disk) are left behind after a while: with SIGKILL
// pending they never run code of their own again.
void kill_descendants();

// Kills every process that carries the mark of this home, except the caller and what it descends from: what a worker left
// behind that was killed together with its keeper.
void kill_marked(const std::string& home);

}  // namespace venturi::worker
