#include "base/sensor_wait.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "base/sha1.h"

namespace venturi {
namespace {

// timedelta.max.total_seconds() - 1
constexpr double longest = 86'399'999'999'999;

// Below 2^47, and so the remainder times 256 below 2^55.
std::uint64_t hash_modulo(std::string_view text, std::uint64_t divisor) {
  std::uint64_t rest = 0;
  for (const std::uint8_t byte : sha1(text)) rest = (rest * 256 + byte) % divisor;
  return rest;
}

double backoff(double poke_interval, std::string_view name, std::string_view started_at, int poke_count) {
  const double least = std::max(std::floor(std::ldexp(poke_interval, poke_count - 2)), 1.0);
  if (least >= longest) return longest;
  const auto whole = static_cast<std::uint64_t>(least);
  std::string text(name);
  text.append("#").append(started_at).append("#").append(std::to_string(poke_count));
  return std::min(least + static_cast<double>(hash_modulo(text, whole)), longest);
}

}  // namespace

double next_poke_interval(const SensorTimes& times, std::string_view name, std::string_view started_at, double run_duration,
                          int poke_count) {
  if (!times.exponential_backoff) return times.poke_interval;
  if (times.reschedule) {
    // The count of pokes is not kept from one to the next: it follows from the time.
    double passed = 0;
    for (poke_count = 0; passed <= run_duration;) passed += backoff(times.poke_interval, name, started_at, ++poke_count);
  }
  double wait = backoff(times.poke_interval, name, started_at, poke_count);
  wait = std::min(times.timeout - std::trunc(run_duration), wait);
  if (times.max_wait && *times.max_wait > 0) wait = std::min(*times.max_wait, wait);
  return wait;
}

}  // namespace venturi
