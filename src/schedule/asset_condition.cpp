#include "schedule/asset_condition.h"

#include <algorithm>
#include <array>
#include <utility>

namespace venturi::schedule {
namespace {

using Kind = AssetCondition::Kind;

constexpr auto words = std::to_array<std::pair<Kind, std::string_view>>({{Kind::asset, "asset"},
                                                                         {Kind::alias, "asset_alias"},
                                                                         {Kind::ref, "asset_ref"},
                                                                         {Kind::all, "asset_all"},
                                                                         {Kind::any, "asset_any"}});
constexpr const char* rebuild = "build the DAG program with the SDK of this Venturi";

bool has_objects(Kind kind) {
  return kind == Kind::all || kind == Kind::any;
}

}  // namespace

Result<AssetCondition> AssetCondition::from_serialized(const Value& value) {
  const std::string word = value.is_object() ? value.get_string("__type") : "";
  const auto* kind = std::ranges::find(words, word, &std::pair<Kind, std::string_view>::second);
  if (kind == words.end()) {
    return fail(
        ErrorKind::invalid,
        "an asset condition has something else than assets, aliases, references, all and any: " + to_json(value).substr(0, 200),
        "asset_condition", rebuild);
  }
  AssetCondition read;
  read.kind_ = kind->first;
  if (has_objects(read.kind_)) {
    const Value* objects = value.get("objects");
    if (objects == nullptr || !objects->is_array()) {
      return fail(ErrorKind::invalid, word + " has no list \"objects\"", "asset_condition", rebuild);
    }
    for (const Value& object : objects->as_array()) {
      auto inner = from_serialized(object);
      if (!inner) return inner;
      read.objects_.push_back(std::move(*inner));
    }
    return read;
  }
  read.name_ = value.get_string("name");
  read.uri_ = value.get_string("uri");
  read.group_ = value.get_string("group");
  read.extra_ = value.get_value("extra");
  if (read.name_.empty() && read.uri_.empty()) {
    return fail(ErrorKind::invalid, word + " has neither name nor uri", "asset_condition", rebuild);
  }
  return read;
}

Value AssetCondition::serialize() const {
  Object out{{"__type", std::ranges::find(words, kind_, &std::pair<Kind, std::string_view>::first)->second}};
  if (has_objects(kind_)) {
    Array objects;
    for (const AssetCondition& object : objects_) objects.push_back(object.serialize());
    out.set("objects", std::move(objects));
    return out;
  }
  if (kind_ != Kind::ref || !name_.empty()) out.set("name", name_);
  if (kind_ == Kind::asset || (kind_ == Kind::ref && name_.empty())) out.set("uri", uri_);
  if (kind_ != Kind::ref) out.set("group", group_);
  if (kind_ == Kind::asset) out.set("extra", extra_);
  return out;
}

bool AssetCondition::holds(const std::function<bool(const AssetCondition& leaf)>& has_event) const {
  const auto inner = [&](const AssetCondition& object) { return object.holds(has_event); };
  if (kind_ == Kind::all) return std::ranges::all_of(objects_, inner);
  if (kind_ == Kind::any) return std::ranges::any_of(objects_, inner);
  return has_event(*this);
}

void AssetCondition::each_leaf(const std::function<void(const AssetCondition& leaf)>& visit) const {
  if (!has_objects(kind_)) return visit(*this);
  for (const AssetCondition& object : objects_) object.each_leaf(visit);
}

}  // namespace venturi::schedule
