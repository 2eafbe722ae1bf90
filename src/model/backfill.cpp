#include "model/backfill.h"

#include <algorithm>
#include <array>

namespace venturi {
namespace {

constexpr auto behaviors = std::to_array<std::string_view>({"none", "completed", "failed"});

}  // namespace

std::string_view to_string(ReprocessBehavior behavior) {
  return behaviors.at(static_cast<std::size_t>(behavior));
}

std::optional<ReprocessBehavior> parse_reprocess_behavior(std::string_view word) {
  const auto* found = std::ranges::find(behaviors, word);
  if (found == behaviors.end()) return std::nullopt;
  return static_cast<ReprocessBehavior>(found - behaviors.begin());
}

}  // namespace venturi
