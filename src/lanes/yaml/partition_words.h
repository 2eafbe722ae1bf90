// The words of schedules with partitions: mappers, windows, wait policies, each with its arguments. What is read
// (partitions.cpp), what the JSON schema says and what docs/reference/yaml.md lists follow from these tables.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "lanes/yaml/keys.h"

namespace venturi::lanes::yaml {

struct PartitionWord {
  struct Argument {
    Key key;
    bool required = false;
  };
  std::string_view name, help;
  std::vector<Argument> arguments;
};

// Each is its name, or a mapping with the name under `mapper`, `window` or `wait_policy`, and its arguments beside it.
[[nodiscard]] std::span<const PartitionWord> partition_mapper_words();
[[nodiscard]] std::span<const PartitionWord> partition_window_words();
[[nodiscard]] std::span<const PartitionWord> wait_policy_words();
// Of windows.
[[nodiscard]] std::span<const std::string_view> window_direction_words();

}  // namespace venturi::lanes::yaml
