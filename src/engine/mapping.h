// How many instances a mapped task has, and which items they take: private to the engine, but for items_at().
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/run.h"

namespace venturi::engine {

// Of one task in one run. The store keeps a run's task instances by consecutive numbers, and this many fit
// (task_instance_numbers).
inline constexpr std::uint32_t most_instances = 1'000'000;

struct Length {
  bool is_open = false;                    // something that it is mapped over has not ended yet
  std::optional<std::uint32_t> instances;  // nothing: it cannot be known any more
};
[[nodiscard]] Length length_of(const Run& run, TaskIndex task);
// Where it is known without a run: all lists are constants.
[[nodiscard]] std::optional<std::uint32_t> constant_length(const Task& task);
using ListLength = std::optional<std::int64_t>;  // nothing: there is none
// Of a list that may be joined, by how long its sources are, which are asked for in order (MappedList::for_each_source).
template <class LengthOf>
[[nodiscard]] ListLength length_of_list(const MappedList& list, const LengthOf& length_of_source) {
  if (list.join == MappedList::Join::none) return length_of_source(list);
  ListLength length;
  for (const MappedList& part : list.parts) {
    const ListLength next = length_of_list(part, length_of_source);
    if (!next) return std::nullopt;
    if (!length)
      length = next;
    else if (list.join == MappedList::Join::concat)
      length = *length + *next;
    else
      length = list.join == MappedList::Join::zip ? std::min(*length, *next) : std::max(*length, *next);
  }
  return length;
}

// Which item of each source the instance takes, by how many they have (MappedList::for_each_source); -1: none of it.
[[nodiscard]] std::vector<std::int64_t> items_at(const std::vector<MappedList>& axes, const std::vector<std::int64_t>& lengths,
                                                 std::int64_t map_index);
// Launch::items of an instance.
[[nodiscard]] std::vector<std::int64_t> items_of(const Run& run, SlotIndex slot);

}  // namespace venturi::engine
