// Events of assets, as a running task sees them: those that its run was made for, those of its inlets, and its own.
//
//   for (const AssetEvent& event : context.triggering_asset_events()) { ... event.extra, event.source_dag_id ... }
//   const auto last = context.inlet_events(orders, {.ascending = false, .limit = 1});
//   context.outlet_events(orders).set_extra(Object{{"rows", 1200}});
//   context.outlet_events(files).add(Asset{"s3://in/2026-01-01"}, Object{{"rows", 3}});   // of an alias
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "venturi/asset.h"
#include "venturi/time.h"
#include "venturi/value.h"

namespace venturi::inline sdk {

struct AssetEvent {
  Asset asset{};
  Value extra{};  // an object
  Time timestamp{};
  // What made it; empty where it came through the API.
  std::string source_dag_id{}, source_run_id{}, source_task_id{};
  int source_map_index = -1;
  std::optional<std::string> partition_key{};
  std::vector<std::string> source_aliases{};  // through which it came; of triggering events

  struct CreatedRun {
    std::string dag_id{}, run_id{}, state{};
    std::optional<Time> start_date{}, end_date{};
  };
  std::vector<CreatedRun> created_dagruns{};  // that took it; of inlet events
};

struct InletEventsQuery {
  std::optional<Time> after{}, before{};  // both included
  bool ascending = true;                  // the oldest first
  int limit = 0;                          // 0: all; of more than 10,000 an error, which says to ask for fewer
};

namespace detail {
class ContextData;
}

// What a task says of the event of one of its outlets, which there is once it succeeds; of an alias, of which assets.
class OutletEvents {
 public:
  OutletEvents(detail::ContextData& data, const AssetOrAlias& outlet) : data_(&data), outlet_(outlet) {}

  // What the event carries: an object. Throws std::invalid_argument for an alias.
  void set_extra(const Value& extra) const;
  // An event for each of these partitions, in place of the one that the run is for. Throws std::invalid_argument for an alias,
  // and for a key that is empty or longer than 250 bytes.
  void add_partitions(const std::vector<std::string>& keys) const;
  // An event of the asset; one that nobody has named before is there from then on. Throws std::invalid_argument where the
  // outlet is no alias.
  void add(const Asset& asset, const Value& extra = {}) const;

 private:
  detail::ContextData* data_;
  AssetOrAlias outlet_;
};

}  // namespace venturi::inline sdk
