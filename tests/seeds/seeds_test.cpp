// A fixed number of seeds: the same ones each time, so that what fails here is what was changed. `make seeds` plays new ones.
#include <gtest/gtest.h>

#include "base/sanitized.h"
#include "seeds/runner.h"

namespace venturi::seeds {
namespace {

constexpr std::uint64_t seeds_in_a_part = sanitized ? 5 : 60;

// In parts, for those who run several tests at once.
class Seeds : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(Seeds, ViolateNoInvariant) {
  std::uint64_t next = GetParam() * seeds_in_a_part;
  const std::uint64_t end = next + seeds_in_a_part;
  const Played played =
      play([&]() -> std::optional<std::uint64_t> { return next < end ? std::optional(next++) : std::nullopt; });
  EXPECT_EQ(played.failure, "");
  EXPECT_EQ(played.seeds, seeds_in_a_part);
}

INSTANTIATE_TEST_SUITE_P(Fixed, Seeds, ::testing::Range<std::uint64_t>(0, 6));

}  // namespace
}  // namespace venturi::seeds
