// Assets that tasks make and read, and that DAGs are scheduled on.
#include <utility>

#include "lanes/yaml/options.h"

namespace venturi::lanes::yaml {
namespace {

constexpr int deepest = 20;  // of what stands within each other

}  // namespace

std::optional<Asset> OptionReader::asset(Given given) {
  if (given.node.value.is_string()) {
    if (!given.node.value.as_string().empty()) return Asset(given.node.value.as_string());
    values_.refuse(given, "the uri of an asset");
    return std::nullopt;
  }
  if (!given.node.is_mapping()) {
    values_.refuse(given, "an asset: its uri, or a mapping",
                   "write s3://lake/orders, or {uri: s3://lake/orders, name: orders}");
    return std::nullopt;
  }
  Asset asset;
  for (const auto& [key, member] : given.node.members) {
    std::string* const text = key->text == "uri"     ? &asset.uri
                              : key->text == "name"  ? &asset.name
                              : key->text == "group" ? &asset.group
                                                     : nullptr;
    if (text != nullptr) {
      *text = values_.text({key->text, *member}).value_or("");
    } else if (key->text == "watchers") {
      if (given.name == "outlets" || given.name == "inlets") {
        problems_.add(key->mark, "watchers of an asset among the " + std::string(given.name),
                      "name them in the schedule of the DAG that they start");
      } else if (!member->is_sequence()) {
        values_.refuse({key->text, *member}, "a list",
                       "write [{name: inbox, trigger: FileDeleteTrigger, filepath: /in/orders.csv}]");
      } else {
        for (const YamlNode* item : member->items) {
          if (auto one = watcher(*item)) asset.watchers.push_back(std::move(*one));
        }
      }
    } else if (key->text == "extra") {
      if (member->is_mapping())
        asset.extra = to_value(*member);
      else
        values_.refuse({key->text, *member}, "a mapping");
    } else {
      std::vector<std::string> names;
      add_names(names, asset_keys());
      unknown_key(*key, "an asset", names);
    }
  }
  if (asset.uri.empty()) asset.uri = asset.name;
  if (!asset.uri.empty()) return asset;
  problems_.add(given.node.mark, "an asset has no uri and no name", "give it one");
  return std::nullopt;
}

// {name: inbox, trigger: FileDeleteTrigger, filepath: /in/orders.csv}
std::optional<AssetWatcher> OptionReader::watcher(const YamlNode& node) {
  const YamlNode* name = node.is_mapping() ? node.find("name") : nullptr;
  if (name == nullptr || node.find("trigger") == nullptr) {
    problems_.add(node.mark, "a watcher has no name or no trigger",
                  "write {name: inbox, trigger: FileDeleteTrigger, filepath: /in/orders.csv}");
    return std::nullopt;
  }
  std::vector<BuiltIn> triggers;
  for (const catalog::EventTriggerInfo& t : catalog::event_triggers()) triggers.push_back({t.name, t.classpath, &t.arguments});
  constexpr std::string_view beside[] = {"name"};
  auto found = built_in(node, "trigger", triggers, beside);
  auto text = values_.text({"name", *name});
  if (!found || !text) return std::nullopt;
  return AssetWatcher{.name = std::move(*text), .trigger = {std::move(found->first), std::move(found->second)}};
}

// {alias: incoming_files}, or with its group.
std::optional<AssetAlias> OptionReader::asset_alias(const YamlNode& node) {
  AssetAlias alias;
  for (const auto& [key, member] : node.members) {
    if (key->text == "alias")
      alias.name = values_.text({key->text, *member}).value_or("");
    else if (key->text == "group")
      alias.group = values_.text({key->text, *member}).value_or("");
    else
      unknown_key(*key, "an asset alias", std::vector<std::string>{"alias", "group"});
  }
  if (!alias.name.empty()) return alias;
  problems_.add(node.mark, "an asset alias has no name", "write {alias: incoming_files}");
  return std::nullopt;
}

std::vector<AssetOrAlias> OptionReader::assets(Given given) {
  std::vector<AssetOrAlias> list;
  const auto add = [&](const YamlNode& node) {
    if (node.is_mapping() && node.find("alias") != nullptr) {
      // What is behind an alias a task says in its code, and an operator has none that could.
      if (given.name == "outlets") {
        problems_.add(node.mark, "an asset alias among the outlets of an operator",
                      "name the assets themselves; a task in C++ can add assets to an alias while it runs");
      } else if (auto alias = asset_alias(node)) {
        list.emplace_back(*alias);
      }
    } else if (auto one = asset({given.name, node})) {
      list.emplace_back(*one);
    }
  };
  if (given.node.is_sequence()) {
    for (const YamlNode* item : given.node.items) add(*item);
  } else {
    add(given.node);
  }
  return list;
}

std::optional<AssetExpression> OptionReader::asset_expression(Given given, int depth) {
  if (depth > deepest) {
    problems_.add(given.node.mark, "assets stand too deep within each other", "name them in fewer lists");
    return std::nullopt;
  }
  const YamlNode* list = given.node.is_sequence() ? &given.node : nullptr;
  bool any = false;
  if (given.node.is_mapping() && given.node.members.size() == 1) {
    any = given.node.find("any") != nullptr;
    if (const YamlNode* of = any ? given.node.find("any") : given.node.find("all")) {
      if (!of->is_sequence()) {
        values_.refuse({any ? "any" : "all", *of}, "a list of assets");
        return std::nullopt;
      }
      list = of;
    }
  }
  if (list == nullptr) {
    if (given.node.is_mapping() && given.node.find("alias") != nullptr) {
      const auto alias = asset_alias(given.node);
      return alias ? std::optional<AssetExpression>(*alias) : std::nullopt;
    }
    const auto one = asset(given);
    return one ? std::optional<AssetExpression>(*one) : std::nullopt;
  }
  if (list->items.empty()) {
    values_.refuse(given, "at least one asset");
    return std::nullopt;
  }
  std::vector<AssetExpression> of;
  for (const YamlNode* item : list->items) {
    if (auto one = asset_expression({given.name, *item}, depth + 1)) of.push_back(std::move(*one));
  }
  if (of.size() != list->items.size()) return std::nullopt;
  return any ? AssetExpression::any(of) : AssetExpression::all(of);
}

}  // namespace venturi::lanes::yaml
