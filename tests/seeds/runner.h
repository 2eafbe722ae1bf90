// Plays one seed after the other in a process of its own, so that one that ends the process is known too.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace venturi::seeds {

struct Played {
  std::uint64_t seeds = 0;
  std::string failure;  // of the last one, with all that there is to say; empty: none failed
};

// `next` gives the seeds, in the child: nothing ends them. So does the first that fails.
[[nodiscard]] Played play(const std::function<std::optional<std::uint64_t>()>& next, bool is_told_at_once = false);

}  // namespace venturi::seeds
