// Assets: data that tasks make and that other DAGs are scheduled on, in Airflow's words.
//
//   const Asset orders{"s3://lake/orders"};                        // or Asset{.uri = ..., .name = "orders"}
//   dag.task<load>({.outlets = {orders}});                         // its success is an event of the asset
//   VENTURI_DAG(report, {.schedule = orders & customers}) { ... }  // a run when both have had one
//   VENTURI_DAG(either, {.schedule = orders | customers}) { ... }
//   .schedule = AssetOrTimeSchedule{.timetable = "@daily", .assets = orders}
#pragma once

#include <string>
#include <vector>

#include "venturi/value.h"

namespace venturi::inline sdk {

struct Asset {
  std::string uri{};
  std::string name{};   // the uri where it is left out
  std::string group{};  // "asset"
  Value extra{};        // an object, or nothing

  Asset() = default;
  Asset(const char* asset_uri) : uri(asset_uri) {}
  Asset(std::string asset_uri, std::string asset_name = {}, std::string asset_group = {}, Value asset_extra = {})
      : uri(static_cast<std::string&&>(asset_uri)),
        name(static_cast<std::string&&>(asset_name)),
        group(static_cast<std::string&&>(asset_group)),
        extra(static_cast<Value&&>(asset_extra)) {}
};

// All of several assets, or any of them; they may be expressions themselves.
class AssetExpression {
 public:
  AssetExpression(const Asset& asset);
  AssetExpression(const char* uri) : AssetExpression(Asset(uri)) {}
  [[nodiscard]] static AssetExpression all(const std::vector<AssetExpression>& of);
  [[nodiscard]] static AssetExpression any(const std::vector<AssetExpression>& of);
  // As a serialized DAG has it.
  [[nodiscard]] const Value& serialized() const { return serialized_; }

 private:
  AssetExpression(const char* type, const std::vector<AssetExpression>& of);
  Value serialized_;
};

[[nodiscard]] AssetExpression operator&(const AssetExpression& a, const AssetExpression& b);
[[nodiscard]] AssetExpression operator|(const AssetExpression& a, const AssetExpression& b);

}  // namespace venturi::inline sdk
