#include "venturi/asset.h"

#include "sdk/asset.h"

namespace venturi::inline sdk {
namespace {

// Side by side, what is joined in the same way is one list: a & b & c.
void add_object(Array& objects, const char* type, const AssetExpression& of) {
  const Value& value = of.serialized();
  if (value.get_string("__type") != type) return objects.push_back(value);
  for (const Value& object : value.at("objects").as_array()) objects.push_back(object);
}

Value leaf(const char* type, const AssetOrAlias& asset) {
  Object all{{"__type", type}};
  for (const auto& [name, value] : asset.members().as_object()) all.add(name, value);
  return all;
}

}  // namespace

AssetOrAlias::AssetOrAlias(const Asset& asset) : is_alias_(false), members_(internal::asset_members(asset)) {}
AssetOrAlias::AssetOrAlias(const AssetAlias& alias)
    : is_alias_(true), members_(Object{{"name", alias.name}, {"group", alias.group.empty() ? "asset" : alias.group}}) {}

AssetExpression::AssetExpression(const Asset& asset) : serialized_(leaf("asset", asset)) {
  if (asset.watchers.empty()) return;
  Array watchers;
  for (const AssetWatcher& watcher : asset.watchers) {
    watchers.push_back(
        Object{{"name", watcher.name},
               {"trigger", Object{{"classpath", watcher.trigger.classpath},
                                  {"kwargs", watcher.trigger.kwargs.is_object() ? watcher.trigger.kwargs : Value(Object{})}}}});
  }
  serialized_.as_object().set("watchers", std::move(watchers));
}
AssetExpression::AssetExpression(const AssetAlias& alias) : serialized_(leaf("asset_alias", alias)) {}

AssetExpression::AssetExpression(const char* type, const std::vector<AssetExpression>& of) {
  Array objects;
  for (const AssetExpression& object : of) add_object(objects, type, object);
  serialized_ = Object{{"__type", type}, {"objects", std::move(objects)}};
}

AssetExpression AssetExpression::all(const std::vector<AssetExpression>& of) {
  return {"asset_all", of};
}
AssetExpression AssetExpression::any(const std::vector<AssetExpression>& of) {
  return {"asset_any", of};
}
AssetExpression operator&(const AssetExpression& a, const AssetExpression& b) {
  return AssetExpression::all({a, b});
}
AssetExpression operator|(const AssetExpression& a, const AssetExpression& b) {
  return AssetExpression::any({a, b});
}

namespace internal {

Object asset_members(const Asset& asset) {
  return Object{{"name", asset.name.empty() ? asset.uri : asset.name},
                {"uri", asset.uri.empty() ? asset.name : asset.uri},
                {"group", asset.group.empty() ? "asset" : asset.group},
                {"extra", asset.extra.is_object() ? asset.extra : Value(Object{})}};
}

}  // namespace internal
}  // namespace venturi::inline sdk
