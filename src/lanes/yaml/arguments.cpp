#include "lanes/yaml/arguments.h"

#include <algorithm>

#include "base/time.h"
#include "lanes/yaml/template_check.h"

namespace venturi::lanes::yaml {
namespace {

constexpr std::string_view xcom_word = "xcom";
constexpr std::string_view key_word = "key";
constexpr std::string_view item_word = "item";

bool may_be_template(std::string_view text) {
  return text.contains("{{") || text.contains("{%") || text.contains("{#");
}

}  // namespace

bool is_reference(const YamlNode& node) {
  if (!node.is_mapping()) return false;
  const auto is_one_of = [&](std::initializer_list<std::string_view> words) {
    return std::ranges::all_of(node.members,
                               [&](const auto& m) { return std::ranges::find(words, m.first->text) != words.end(); });
  };
  return (node.find(xcom_word) != nullptr && is_one_of({xcom_word, key_word})) ||
         (node.find(item_word) != nullptr && is_one_of({item_word}));
}

// All numbers that operators take are times, in seconds.
bool is_duration(const catalog::ArgumentInfo& info) {
  return info.type == catalog::ArgumentType::number || info.name == "delta" || info.name == "time_to_wait";
}

std::optional<Value> ArgumentReader::any(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::scalar) return node.value;
  if (node.is_sequence()) {
    Array array;
    array.reserve(node.items.size());
    for (const YamlNode* item : node.items) {
      auto value = any(*item);
      if (!value) return value;
      array.push_back(std::move(*value));
    }
    return array;
  }
  if (reference_ && is_reference(node)) return reference_(node);
  Object object;
  object.reserve(node.members.size());
  for (const auto& [key, member] : node.members) {
    auto value = any(*member);
    if (!value) return value;
    object.add(key->text, std::move(*value));
  }
  if (!reference_) return object;
  return Object{{"__type", "dict"}, {"__var", std::move(object)}};
}

std::optional<Value> ArgumentReader::read(const catalog::ArgumentInfo& info, const YamlNode& node) {
  if (node.is_null()) return std::nullopt;
  if (reference_ && is_reference(node)) return reference_(node);
  const bool is_text = node.value.is_string();
  if (is_duration(info) && !(is_text && info.templated && may_be_template(node.value.as_string()))) {
    const auto duration = values_.duration({info.name, node});
    return duration ? std::optional<Value>(to_seconds(*duration)) : std::nullopt;
  }
  if (!fits(info, node)) return std::nullopt;
  if (info.templated) check_templates(info.name, node);
  return any(node);
}

void ArgumentReader::check_templates(std::string_view name, const YamlNode& node) {
  if (node.value.is_string()) {
    if (const auto problem = template_problem(node.value.as_string()))
      problems_.add(node.mark, "the template of " + quoted(name) + " cannot be parsed: " + *problem);
  }
  for (const YamlNode* item : node.items) check_templates(name, *item);
  for (const auto& [key, member] : node.members) check_templates(name, *member);
}

bool ArgumentReader::fits(const catalog::ArgumentInfo& info, const YamlNode& node) {
  const Given given{info.name, node};
  switch (info.type) {
    case catalog::ArgumentType::any:
    case catalog::ArgumentType::number:
      return true;
    case catalog::ArgumentType::string:
      return values_.text(given).has_value();
    case catalog::ArgumentType::integer:
      if (!node.value.is_int()) values_.refuse(given, "an integer");
      return node.value.is_int();
    case catalog::ArgumentType::boolean:
      return values_.flag(given).has_value();
    case catalog::ArgumentType::object:
      if (!node.is_mapping()) values_.refuse(given, "a mapping");
      return node.is_mapping();
    case catalog::ArgumentType::list:
      if (!node.is_sequence()) values_.refuse(given, "a list");
      return node.is_sequence();
    case catalog::ArgumentType::string_list: {
      if (!node.is_sequence()) return values_.texts(given).has_value();
      return std::ranges::all_of(node.items, [&](const YamlNode* item) {
        return (reference_ && is_reference(*item)) || values_.text({info.name, *item}).has_value();
      });
    }
  }
  return true;
}

}  // namespace venturi::lanes::yaml
