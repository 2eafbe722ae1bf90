// Assets: data that tasks make and that other DAGs are scheduled on, in Airflow's words.
//
//   const Asset orders{"s3://lake/orders"};                        // or Asset{.uri = ..., .name = "orders"}
//   dag.task<load>({.outlets = {orders}});                         // its success is an event of the asset
//   VENTURI_DAG(report, {.schedule = orders & customers}) { ... }  // a run when both have had one
//   VENTURI_DAG(either, {.schedule = orders | customers}) { ... }
//   .schedule = AssetOrTimeSchedule{.timetable = "@daily", .assets = orders}
//
// A task that finds out while it runs which assets it makes has an alias among its outlets, and adds them:
//
//   const AssetAlias files{"incoming_files"};
//   dag.task<fetch>({.outlets = {files}});       // context.outlet_events(files).add(Asset{"s3://in/2026-01-01"})
//   VENTURI_DAG(import, {.schedule = files}) { ... }  // a run for each event of an asset that came through the alias
#pragma once

#include <string>
#include <vector>

#include "venturi/value.h"

namespace venturi::inline sdk {

// What a watcher of an asset waits for (Airflow's event triggers): one of venturi/event_triggers.h, which a host of the worker
// carries out.
struct EventTrigger {
  std::string classpath{};
  Value kwargs{};  // an object
};
// Makes an event of the asset each time that its trigger fires, while a DAG that is not paused is scheduled on the asset.
struct AssetWatcher {
  std::string name{};  // among the asset's
  EventTrigger trigger{};
};

struct Asset {
  std::string uri{};
  std::string name{};   // the uri where it is left out
  std::string group{};  // "asset"
  Value extra{};        // an object, or nothing
  std::vector<AssetWatcher> watchers{};

  Asset() = default;
  Asset(const char* asset_uri) : uri(asset_uri) {}
  Asset(std::string asset_uri, std::string asset_name = {}, std::string asset_group = {}, Value asset_extra = {},
        std::vector<AssetWatcher> asset_watchers = {})
      : uri(static_cast<std::string&&>(asset_uri)),
        name(static_cast<std::string&&>(asset_name)),
        group(static_cast<std::string&&>(asset_group)),
        extra(static_cast<Value&&>(asset_extra)),
        watchers(static_cast<std::vector<AssetWatcher>&&>(asset_watchers)) {}
  // With `watchers`, as in Airflow's Asset(..., watchers=[...]).
  Asset(std::string asset_uri, std::vector<AssetWatcher> asset_watchers)
      : uri(static_cast<std::string&&>(asset_uri)), watchers(static_cast<std::vector<AssetWatcher>&&>(asset_watchers)) {}
};

struct AssetAlias {
  std::string name{};
  std::string group{};  // "asset"
};

// What a task makes or reads: an asset, or an alias for such as it finds while it runs.
class AssetOrAlias {
 public:
  AssetOrAlias(const Asset& asset);
  AssetOrAlias(const AssetAlias& alias);
  AssetOrAlias(const char* uri) : AssetOrAlias(Asset(uri)) {}
  [[nodiscard]] bool is_alias() const { return is_alias_; }
  [[nodiscard]] const Value& members() const { return members_; }  // {"name", "uri", "group", "extra"}, of an alias two of them

 private:
  bool is_alias_;
  Value members_;
};

// All of several assets, or any of them; they may be expressions themselves. An alias stands for any of its assets: it waits
// for ever while it has none.
class AssetExpression {
 public:
  AssetExpression(const Asset& asset);
  AssetExpression(const AssetAlias& alias);
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
