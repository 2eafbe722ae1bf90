// seeds --seconds N   new seeds for so long          seeds --seed N [--story]   one again, with --story all of its steps
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "seeds/runner.h"

namespace {

using namespace venturi::seeds;

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

int show(const Played& played, std::string_view which) {
  if (!played.failure.empty()) {
    fmt::print("{}", played.failure);
    return 1;
  }
  fmt::print("{}: no invariant was violated\n", which);
  return 0;
}

int play_for(std::chrono::seconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  std::random_device device;
  const Played played = play([&]() -> std::optional<std::uint64_t> {
    if (std::chrono::steady_clock::now() >= end) return std::nullopt;
    return device();
  });
  return show(played, fmt::format("{} seeds in {} s", played.seeds, time.count()));
}

int play_one(std::uint64_t seed, bool with_story) {
  std::optional<std::uint64_t> next = seed;
  return show(play([&] { return std::exchange(next, std::nullopt); }, with_story), fmt::format("seed {}", seed));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc >= 3 ? argv[1] : "";
  const auto value = argc >= 3 ? number(argv[2]) : std::nullopt;
  const bool with_story = argc == 4 && std::string_view(argv[3]) == "--story";
  if (value && what == "--seconds" && argc == 3) return play_for(std::chrono::seconds(*value));
  if (value && what == "--seed" && (argc == 3 || with_story)) return play_one(*value, with_story);
  fmt::print(stderr, "usage: seeds --seconds N | --seed N [--story]\n");
  return 2;
}
