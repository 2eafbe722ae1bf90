#include "lanes/yaml/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace venturi::lanes::yaml {
namespace {

constexpr double longest_seconds = 10'000 * 366.0 * 86400;
constexpr std::string_view duration_words = "a time span: seconds, or a text such as 30s, 5m, 1h30m or 2d";

struct Unit {
  std::string_view name;
  double seconds;
};
constexpr auto units =
    std::to_array<Unit>({{"w", 604800}, {"d", 86400}, {"h", 3600}, {"min", 60}, {"ms", 0.001}, {"m", 60}, {"s", 1}});
// The arguments of Python's timedelta.
constexpr auto timedelta_words = std::to_array<Unit>({{"weeks", 604800},
                                                      {"days", 86400},
                                                      {"hours", 3600},
                                                      {"minutes", 60},
                                                      {"seconds", 1},
                                                      {"milliseconds", 0.001},
                                                      {"microseconds", 0.000001}});

Duration of_seconds(double seconds) {
  return std::chrono::round<Duration>(std::chrono::duration<double>(seconds));
}

}  // namespace

std::string_view type_of(const YamlNode& node) {
  if (node.is_mapping()) return "a mapping";
  if (node.is_sequence()) return "a list";
  if (node.value.is_null()) return "nothing";
  if (node.value.is_bool()) return "true or false";
  if (node.value.is_int()) return "an integer";
  return node.value.is_number() ? "a number" : "a text";
}

std::optional<Duration> parse_duration(std::string_view text) {
  double seconds = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc{} || text.front() < '0' || text.front() > '9') return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto unit = std::ranges::find_if(units, [&](const Unit& u) { return text.starts_with(u.name); });
    if (unit == units.end()) return std::nullopt;
    seconds += number * unit->seconds;
    text.remove_prefix(unit->name.size());
    if (text.starts_with(' ') && text.size() > 1) text.remove_prefix(1);
  }
  if (!(seconds <= longest_seconds)) return std::nullopt;
  return of_seconds(seconds);
}

void Values::refuse(Given given, std::string_view wanted, std::string hint) {
  problems_.add(given.node.mark, fmt::format("{} has to be {}, not {}", quoted(given.name), wanted, type_of(given.node)),
                std::move(hint));
}

std::optional<std::string> Values::text(Given given) {
  if (given.node.value.is_string()) return given.node.value.as_string();
  const bool is_word = given.node.kind == YamlNode::Kind::scalar && !given.node.is_null();
  refuse(given, "a text", is_word ? fmt::format("put it in quotes: \"{}\"", given.node.text.substr(0, 60)) : "");
  return std::nullopt;
}

std::optional<bool> Values::flag(Given given) {
  if (given.node.value.is_bool()) return given.node.value.as_bool();
  refuse(given, "true or false");
  return std::nullopt;
}

std::optional<std::int64_t> Values::integer(Given given, std::int64_t minimum) {
  constexpr std::int64_t maximum = 2'147'483'647;
  if (!given.node.value.is_int()) {
    refuse(given, "an integer");
    return std::nullopt;
  }
  const std::int64_t n = given.node.value.as_int();
  if (n >= minimum && n <= maximum) return n;
  problems_.add(given.node.mark, fmt::format("{} has to be from {} to {}, not {}", quoted(given.name), minimum, maximum, n));
  return std::nullopt;
}

std::optional<double> Values::number(Given given, double minimum) {
  if (!given.node.value.is_number()) {
    refuse(given, "a number");
    return std::nullopt;
  }
  const double n = given.node.value.as_double();
  if (std::isfinite(n) && n >= minimum) return n;
  problems_.add(given.node.mark, fmt::format("{} has to be a number of at least {}", quoted(given.name), minimum));
  return std::nullopt;
}

std::optional<Duration> Values::duration(Given given, std::string_view or_else) {
  const YamlNode& node = given.node;
  if (node.value.is_number()) {
    const double seconds = node.value.as_double();
    if (seconds >= 0 && seconds <= longest_seconds) return of_seconds(seconds);
  } else if (node.value.is_string()) {
    if (const auto parsed = parse_duration(node.value.as_string())) return parsed;
  } else if (node.is_mapping() && !node.members.empty()) {
    double seconds = 0;
    for (const auto& [key, member] : node.members) {
      const auto unit = std::ranges::find(timedelta_words, key->text, &Unit::name);
      if (unit == timedelta_words.end()) {
        std::vector<std::string> names;
        for (const Unit& word : timedelta_words) names.emplace_back(word.name);
        problems_.add(key->mark, "unknown unit of time " + quoted(key->text), did_you_mean(key->text, names));
        return std::nullopt;
      }
      const auto n = number({key->text, *member}, 0);
      if (!n) return std::nullopt;
      seconds += *n * unit->seconds;
    }
    if (seconds <= longest_seconds) return of_seconds(seconds);
  }
  problems_.add(node.mark, fmt::format("{} has to be {}{}", quoted(given.name), or_else, duration_words));
  return std::nullopt;
}

std::optional<std::vector<Values::Text>> Values::texts(Given given) {
  std::vector<Text> list;
  if (!given.node.is_sequence()) {
    if (!given.node.value.is_string()) {
      refuse(given, "a text or a list of texts");
      return std::nullopt;
    }
    list.push_back({given.node.value.as_string(), given.node.mark});
    return list;
  }
  for (const YamlNode* item : given.node.items) {
    auto one = text({given.name, *item});
    if (!one) return std::nullopt;
    list.push_back({std::move(*one), item->mark});
  }
  return list;
}

std::optional<std::string> Values::word(Given given, std::string_view what, std::span<const std::string_view> words) {
  auto read = text(given);
  if (!read || std::ranges::find(words, *read) != words.end()) return read;
  const std::vector<std::string> names(words.begin(), words.end());
  problems_.add(given.node.mark, fmt::format("unknown {} {}", what, quoted(*read)), did_you_mean(*read, names));
  return std::nullopt;
}

}  // namespace venturi::lanes::yaml
