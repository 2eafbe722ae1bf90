// How many instances a mapped task has: private to the engine.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/run.h"

namespace venturi::engine {

// Of one task in one run. The store keeps a run's task instances by consecutive numbers, and this many fit (model/dag.h,
// task_instance_numbers).
inline constexpr std::uint32_t most_instances = 1'000'000;

struct Length {
  bool is_open = false;                    // something that it is mapped over has not ended yet
  std::optional<std::uint32_t> instances;  // nothing: it cannot be known any more
};
[[nodiscard]] Length length_of(const Run& run, TaskIndex task);
// Where it is known without a run: all lists are constants.
[[nodiscard]] std::optional<std::uint32_t> constant_length(const Task& task);
// Launch::items of an instance.
[[nodiscard]] std::vector<std::int64_t> items_of(const Run& run, SlotIndex slot);

}  // namespace venturi::engine
