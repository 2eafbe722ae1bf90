#include "api/listing.h"

#include <fmt/format.h>

#include "base/json.h"

namespace venturi::api {
namespace {

// Airflow drops what is no letter or digit at the end of a prefix, for its range in the index.
std::string_view without_last_marks(std::string_view prefix) {
  const auto is_mark = [](char c) {
    const bool is_word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return !is_word && static_cast<unsigned char>(c) < 0x80U;
  };
  while (!prefix.empty() && is_mark(prefix.back())) prefix.remove_suffix(1);
  return prefix;
}

int rank(const Value& value) {
  return value.is_null() ? 0 : value.is_bool() ? 1 : value.is_int() || value.is_double() ? 2 : value.is_string() ? 3 : 4;
}
double number_of(const Value& value) {
  return value.is_int() ? static_cast<double>(value.as_int()) : value.as_double();
}

}  // namespace

std::vector<std::string> prefixes(std::string_view patterns) {
  std::vector<std::string> all;
  if (patterns == "~") return {""};
  while (true) {
    const std::size_t bar = patterns.find('|');
    std::string_view one = patterns.substr(0, bar);
    while (one.starts_with(' ')) one.remove_prefix(1);
    all.emplace_back(without_last_marks(one));
    if (bar == std::string_view::npos) return all;
    patterns.remove_prefix(bar + 1);
  }
}

bool fits_prefix(std::string_view text, std::string_view patterns) {
  return std::ranges::any_of(prefixes(patterns), [&](const std::string& prefix) { return text.starts_with(prefix); });
}

bool fits_text(const Call& call, const std::string& name, std::string_view text) {
  const auto pattern = call.text(name + "_pattern"), prefix = call.text(name + "_prefix_pattern");
  if (pattern && !fits_pattern(text, *pattern)) return false;
  return !prefix || fits_prefix(text, *prefix);
}

bool fits_dates(const Call& call, const std::string& name, const std::optional<Time>& time) {
  const auto from = call.date(name + "_gte"), after = call.date(name + "_gt"), up_to = call.date(name + "_lte"),
             before = call.date(name + "_lt");
  if (!from && !after && !up_to && !before) return true;
  return time && (!from || *time >= *from) && (!after || *time > *after) && (!up_to || *time <= *up_to) &&
         (!before || *time < *before);
}

bool fits_any(const Call& call, std::string_view name, std::string_view text) {
  const auto given = call.texts(name);
  return given.empty() || std::ranges::find(given, text) != given.end();
}

std::weak_ordering compare(const Value& a, const Value& b) {
  if (const auto by_type = rank(a) <=> rank(b); by_type != 0) return by_type;
  if (a.is_null()) return std::weak_ordering::equivalent;
  if (a.is_bool()) return a.as_bool() <=> b.as_bool();
  if (rank(a) == 2) return std::weak_order(number_of(a), number_of(b));
  return a.is_string() ? a.as_string() <=> b.as_string() : to_json(a) <=> to_json(b);
}

std::vector<ListOrder> orders_of(const Call& call, std::span<const std::string_view> names) {
  std::vector<ListOrder> orders;
  for (const std::string& given : call.texts("order_by")) {
    const bool descending = given.starts_with('-');
    std::string name = given.substr(descending ? 1 : 0);
    if (std::ranges::find(names, name) == names.end())
      throw Refusal{400, fmt::format("Ordering with '{}' is disallowed or the attribute does not exist on the model", name)};
    orders.push_back({std::move(name), descending});
  }
  return orders;
}

}  // namespace venturi::api
