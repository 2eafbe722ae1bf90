#pragma once

#include <chrono>

namespace venturi::lanes {

// The most that work on many files takes of the loop at once: what waits there meanwhile is the small runs of others.
inline constexpr std::chrono::milliseconds loop_slice{4};

}  // namespace venturi::lanes
