// The types of plain scalars are PyYAML's (yaml/resolver.py): yes and off are booleans, 0x1f and 1_000 are numbers, dates stay
// strings.
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "cli/yaml.h"

namespace venturi::cli {
namespace {

constexpr int deepest = 100;

std::unexpected<Error> refuse(const YAML::Mark& mark, std::string_view why) {
  std::string what = "this is no YAML";
  if (!mark.is_null()) what += ": line " + std::to_string(mark.line + 1) + ", column " + std::to_string(mark.column + 1);
  return fail(ErrorKind::invalid, what + ": " + std::string(why));
}

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
  // PyYAML wants a point in it; 1e5 is a string there.
  if (text.find('.') == std::string_view::npos) return std::nullopt;
  const std::string_view digits = text.starts_with('+') ? text.substr(1) : text;
  double number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return Value(number);
}

Value plain_scalar(const std::string& text) {
  if (text.empty() || text == "~" || is_one_of(text, {"null"})) return {};
  if (is_one_of(text, {"true", "yes", "on"})) return true;
  if (is_one_of(text, {"false", "no", "off"})) return false;
  if (auto number = integer(text)) return std::move(*number);
  if (auto number = floating(text)) return std::move(*number);
  return text;
}

Result<Value> convert(const YAML::Node& node, int depth) {
  if (depth > deepest) return refuse(node.Mark(), "it is nested too deeply");
  switch (node.Type()) {
    case YAML::NodeType::Undefined:
    case YAML::NodeType::Null:
      return Value();
    case YAML::NodeType::Scalar:
      // "!": quoted; "?": plain.
      if (node.Tag() == "!" || node.Tag() == "tag:yaml.org,2002:str") return Value(node.Scalar());
      return plain_scalar(node.Scalar());
    case YAML::NodeType::Sequence: {
      Array array;
      for (const YAML::Node& element : node) {
        auto value = convert(element, depth + 1);
        if (!value) return value;
        array.push_back(std::move(*value));
      }
      return Value(std::move(array));
    }
    case YAML::NodeType::Map: {
      Object object;
      for (const auto& entry : node) {
        const YAML::Node &key = entry.first, &member = entry.second;
        if (!key.IsScalar()) return refuse(key.Mark(), "a key is no text");
        if (object.contains(key.Scalar())) return refuse(key.Mark(), "a key stands there twice");
        auto value = convert(member, depth + 1);
        if (!value) return value;
        object.add(key.Scalar(), std::move(*value));
      }
      return Value(std::move(object));
    }
  }
  return Value();
}

}  // namespace

Result<Value> parse_yaml(std::string_view text) {
  try {
    return convert(YAML::Load(std::string(text)), 0);
  } catch (const YAML::Exception& e) {
    // Behind a colon its words quote the text.
    return refuse(e.mark, std::string_view(e.msg).substr(0, e.msg.find(':')));
  }
}

}  // namespace venturi::cli
