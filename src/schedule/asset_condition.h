// What a DAG that is scheduled on assets waits for: an expression over assets, as Airflow serializes it
// (serialization/encoders.py, encode_asset_like):
//
//   {"__type": "asset", "name", "uri", "group", "extra"}     {"__type": "asset_alias", "name", "group"}
//   {"__type": "asset_ref", "name"} or {..., "uri"}          {"__type": "asset_all" | "asset_any", "objects": [...]}
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "venturi/value.h"

namespace venturi::schedule {

class AssetCondition {
 public:
  enum class Kind : std::uint8_t { asset, alias, ref, all, any };

  [[nodiscard]] static Result<AssetCondition> from_serialized(const Value& value);
  [[nodiscard]] Value serialize() const;

  [[nodiscard]] Kind kind() const { return kind_; }
  // Of assets, aliases and references; a reference has only one of the two.
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& uri() const { return uri_; }
  [[nodiscard]] const std::string& group() const { return group_; }
  [[nodiscard]] const Value& extra() const { return extra_; }

  // `has_event` is asked for assets, aliases and references: of the alias, whether any of the assets behind it has one. All of
  // nothing holds, any of nothing does not, as in Airflow.
  [[nodiscard]] bool holds(const std::function<bool(const AssetCondition& leaf)>& has_event) const;
  // Each asset, alias and reference, in order; one that stands in it twice is named twice.
  void each_leaf(const std::function<void(const AssetCondition& leaf)>& visit) const;

 private:
  Kind kind_ = Kind::asset;
  std::string name_, uri_, group_;
  Value extra_;
  std::vector<AssetCondition> objects_;
};

}  // namespace venturi::schedule
