#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "schedule/timetable.h"

namespace venturi::schedule {
namespace {

// Airflow's MAX_RETRY_DELAY.
constexpr std::int64_t longest_backoff_seconds = 86'400;

// The SHA-1 of the text, a number of 160 bits, modulo `divisor`. Nothing secret hangs on it: it spreads the retries.
std::int64_t sha1_modulo(std::string_view text, std::int64_t divisor) {
  std::array<unsigned char, 20> digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL could not compute SHA-1");
  }
  std::int64_t rest = 0;
  for (const unsigned char byte : digest) rest = (rest * 256 + byte) % divisor;
  return rest;
}

// Python's str() of a datetime, or of None.
std::string python_text(std::optional<Time> t) {
  if (!t) return "None";
  std::string text = format_time_offset(*t);
  std::ranges::replace(text, 'T', ' ');
  return text;
}

}  // namespace

Duration retry_delay(std::string_view dag_id, std::string_view task_id, std::optional<Time> logical_date, int try_number,
                     Duration delay, double exponential_backoff, std::optional<Duration> max_delay) {
  if (exponential_backoff <= 0 || exponential_backoff == 1) return delay;
  // In floating point, as in Python, where an overflow counts as the longest delay.
  const double wanted = std::ceil(to_seconds(delay) * std::pow(exponential_backoff, try_number - 1));
  std::int64_t seconds = longest_backoff_seconds;
  if (wanted < static_cast<double>(longest_backoff_seconds)) {
    const auto shortest = std::max<std::int64_t>(static_cast<std::int64_t>(wanted), 1);
    std::string text(dag_id);
    text.append("#")
        .append(task_id)
        .append("#")
        .append(python_text(logical_date))
        .append("#")
        .append(std::to_string(try_number));
    seconds = std::min(shortest + sha1_modulo(text, shortest), longest_backoff_seconds);
  }
  const Duration backoff = std::chrono::seconds(seconds);
  return max_delay && max_delay->count() != 0 ? std::min(*max_delay, backoff) : backoff;
}

}  // namespace venturi::schedule
