#include "template/builtins.h"

#include <vector>

#include "base/edit_distance.h"

namespace venturi::templates {
namespace {

std::span<const std::span<const NamedNative>> filter_tables() {
  static const std::span<const NamedNative> tables[] = {text_filters, list_filters,   number_filters,
                                                        html_filters, choice_filters, date_filters};
  return tables;
}

std::string no_such(std::string_view kind, std::string_view name, std::span<const std::string_view> names) {
  std::string message = "No " + std::string(kind) + " named '" + std::string(name) + "'.";
  const std::string_view near = nearest_name(name, names);
  return near.empty() ? message : message + " Did you mean '" + std::string(near) + "'?";
}

}  // namespace

Native find_filter(std::string_view name) {
  for (const auto& table : filter_tables()) {
    if (const Native found = find_native(table, name)) return found;
  }
  return nullptr;
}

Native find_test(std::string_view name) {
  return find_native(all_tests, name);
}

Native find_global(std::string_view name) {
  return find_native(all_globals, name);
}

std::string_view nearest_name(std::string_view name, std::span<const std::string_view> names) {
  if (name.size() > 100) return {};
  std::string_view best;
  std::size_t least = name.size() / 3 + 2;
  for (const std::string_view candidate : names) {
    const std::size_t d = edit_distance(name, candidate);
    if (d < least) {
      least = d;
      best = candidate;
    }
  }
  return best;
}

std::string no_such_filter(std::string_view name) {
  std::vector<std::string_view> names;
  for (const auto& table : filter_tables()) {
    for (const NamedNative& filter : table) names.push_back(filter.name);
  }
  return no_such("filter", name, names);
}

std::string no_such_test(std::string_view name) {
  std::vector<std::string_view> names;
  for (const NamedNative& test : all_tests) names.push_back(test.name);
  return no_such("test", name, names);
}

}  // namespace venturi::templates
