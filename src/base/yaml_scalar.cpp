// yaml/resolver.py of PyYAML.
#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

#include "base/yaml.h"

namespace venturi {
namespace {

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) {
    std::string upper(word), title(word);
    for (char& c : upper) c = static_cast<char>(c - 'a' + 'A');
    title.front() = upper.front();
    return text == word || text == upper || text == title;
  });
}

std::optional<Value> integer(std::string_view text) {
  std::string digits;
  std::ranges::copy_if(text, std::back_inserter(digits), [](char c) { return c != '_'; });
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.erase(0, 1);
  if (digits.empty() || digits.front() < '0' || digits.front() > '9') return std::nullopt;
  int base = 10;
  if (digits.starts_with("0x"))
    base = 16, digits.erase(0, 2);
  else if (digits.starts_with("0b"))
    base = 2, digits.erase(0, 2);
  else if (digits.starts_with('0') && digits.size() > 1)
    base = 8, digits.erase(0, 1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return Value(negative ? -number : number);
}

std::optional<Value> floating(std::string_view text) {
  // PyYAML wants a point in it; 1e5 is a text there.
  if (text.find('.') == std::string_view::npos) return std::nullopt;
  const std::string_view digits = text.starts_with('+') ? text.substr(1) : text;
  double number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return Value(number);
}

}  // namespace

Value yaml_plain_scalar(const std::string& text) {
  if (text.empty() || text == "~" || is_one_of(text, {"null"})) return {};
  if (is_one_of(text, {"true", "yes", "on"})) return true;
  if (is_one_of(text, {"false", "no", "off"})) return false;
  if (auto number = integer(text)) return std::move(*number);
  if (auto number = floating(text)) return std::move(*number);
  return text;
}

Value to_value(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::scalar:
      return node.value;
    case YamlNode::Kind::sequence: {
      Array array;
      array.reserve(node.items.size());
      for (const YamlNode* item : node.items) array.push_back(to_value(*item));
      return array;
    }
    case YamlNode::Kind::mapping: {
      Object object;
      object.reserve(node.members.size());
      for (const auto& [key, member] : node.members) object.add(key->text, to_value(*member));
      return object;
    }
  }
  return {};
}

const YamlNode* YamlNode::find(std::string_view key) const {
  for (const auto& [name, member] : members) {
    if (name->text == key) return member;
  }
  return nullptr;
}

}  // namespace venturi
