// All chance of a seed comes from here: the same seed is the same story on every machine.
#pragma once

#include <cstdint>
#include <iterator>
#include <random>

#include "base/time.h"

namespace venturi::seeds {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  // 0 to n-1. The standard's distributions differ between libraries.
  [[nodiscard]] int below(int n) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(n)); }
  [[nodiscard]] int between(int low, int high) { return low + below(high - low + 1); }
  [[nodiscard]] bool one_in(int n) { return below(n) == 0; }
  [[nodiscard]] Duration up_to(Duration longest) {
    return Duration(static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(longest.count() + 1)));
  }
  template <class Container>
  [[nodiscard]] const auto& one_of(const Container& all) {
    return *std::next(std::begin(all), below(static_cast<int>(std::size(all))));
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace venturi::seeds
