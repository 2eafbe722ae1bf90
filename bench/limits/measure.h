// How a limit is measured: one thing, again and again for a given time, each time alone.
#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace venturi::bench {

using Seconds = double;

[[nodiscard]] Seconds now();

// How long each call took, sorted. At least ten calls, however long they take; no more than 8,192, so that a fast machine does
// not make this program a large one.
[[nodiscard]] std::vector<Seconds> repeat(Seconds time, const std::function<void()>& call);

[[nodiscard]] inline Seconds median(const std::vector<Seconds>& sorted) {
  return sorted[sorted.size() / 2];
}
// Calls a second, the slow ones included.
[[nodiscard]] double rate(Seconds time, const std::function<void()>& call);

// Throws std::system_error with errno.
[[noreturn]] void fail(const std::string& what);

}  // namespace venturi::bench
