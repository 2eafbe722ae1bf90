#include <charconv>
#include <chrono>
#include <cmath>
#include <utility>

#include "cli/simulate_parts.h"

namespace venturi::cli {
namespace {

// An option that may be given several times, and each time with several values.
std::vector<std::string> values_of(const Arguments& arguments, std::string_view key) {
  std::vector<std::string> values;
  std::string value;
  for (const char c : arguments.text(key) + ",") {
    if (c != ',' && c != '\n') {
      value += c;
      continue;
    }
    if (!value.empty()) values.push_back(std::exchange(value, {}));
  }
  return values;
}

std::unexpected<Error> wrong(std::string_view key, const std::string& value, std::string_view example) {
  return fail(ErrorKind::invalid, "--" + std::string(key) + ": '" + value + "' cannot be read", "venturi dags simulate",
              "write it like " + std::string(example));
}

std::optional<double> read_number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

// "10%" or "0.1".
std::optional<double> read_rate(std::string_view text) {
  const bool is_percent = text.ends_with('%');
  if (is_percent) text.remove_suffix(1);
  const auto number = read_number(text);
  if (!number) return std::nullopt;
  const double rate = is_percent ? *number / 100 : *number;
  return rate >= 0 && rate <= 1 ? std::optional(rate) : std::nullopt;
}

std::optional<std::int32_t> read_whole(std::string_view text) {
  const auto number = read_number(text);
  if (!number || *number != std::floor(*number) || std::abs(*number) > 1e9) return std::nullopt;
  return static_cast<std::int32_t>(*number);
}

template <class Read>
Result<void> read_pairs(const Arguments& arguments, std::string_view key, std::string_view example, const Read& read) {
  for (const std::string& text : values_of(arguments, key)) {
    const auto sign = text.rfind('=');
    if (sign == std::string::npos || sign == 0 || !read(text.substr(0, sign), std::string_view(text).substr(sign + 1)))
      return wrong(key, text, example);
  }
  return {};
}

}  // namespace

std::optional<Duration> read_duration(std::string_view text) {
  constexpr std::pair<std::string_view, double> units[] = {{"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
  for (const auto& [unit, seconds] : units) {
    if (!text.ends_with(unit)) continue;
    const auto number = read_number(text.substr(0, text.size() - unit.size()));
    if (!number) continue;  // "5ms" ends with "s" too
    if (*number < 0 || *number * seconds > 86400.0 * 366 * 10) return std::nullopt;
    return from_seconds(*number * seconds);
  }
  return std::nullopt;
}

Result<SimulateOptions> read_simulate_options(const Arguments& arguments) {
  SimulateOptions options;
  options.dags = values_of(arguments, "dag");
  Result<void> read = read_pairs(arguments, "assume", "load=90m", [&](std::string name, std::string_view value) {
    const auto duration = read_duration(value);
    if (duration) options.durations.push_back({std::move(name), *duration});
    return duration.has_value();
  });
  if (read)
    read = read_pairs(arguments, "fail", "load=10%", [&](std::string name, std::string_view value) {
      const auto rate = read_rate(value);
      if (rate) options.failing.push_back({std::move(name), *rate});
      return rate.has_value();
    });
  if (read)
    read = read_pairs(arguments, "assume-length", "list_files=50", [&](std::string name, std::string_view value) {
      const auto length = read_whole(value);
      if (length && *length >= 0) options.lengths.push_back({std::move(name), *length});
      return length && *length >= 0;
    });
  if (read)
    read = read_pairs(arguments, "pool", "shop=4", [&](std::string name, std::string_view value) {
      const auto slots = read_whole(value);
      if (slots) options.pools.emplace_back(std::move(name), *slots);
      return slots.has_value();
    });
  if (!read) return std::unexpected(std::move(read.error()));
  const std::string text = arguments.text("default-duration");
  const auto duration = read_duration(text);
  if (!duration) return wrong("default-duration", text, "90m");
  options.default_duration = *duration;
  return options;
}

}  // namespace venturi::cli
