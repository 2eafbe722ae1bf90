// What runs have to do with events of assets: which of them a run took, and which runs an event has led to.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/dag.h"
#include "model/records.h"
#include "store/store.h"

namespace venturi::server {

// What a DAG is scheduled on.
class ScheduledAssets {
 public:
  explicit ScheduledAssets(const Dag& dag);

  [[nodiscard]] bool empty() const { return assets_.empty() && aliases_.empty(); }
  [[nodiscard]] bool names(const AssetKey& asset) const;
  // By the asset's name or uri, or by an alias that it came through.
  [[nodiscard]] bool has(const AssetKey& asset, const AssetEvent& event) const;

  // Names or uris alone, where the DAG refers to an asset by one of them.
  [[nodiscard]] const std::vector<AssetKey>& assets() const { return assets_; }
  [[nodiscard]] const std::vector<std::string>& aliases() const { return aliases_; }

 private:
  std::vector<AssetKey> assets_;
  std::vector<std::string> aliases_;
};

// The events that an asset-triggered run took, in the order in which they came. `dag`: the version that it follows. `newest`:
// so many of the last ones, backwards.
[[nodiscard]] Result<std::vector<AssetEvent>> consumed_asset_events(store::Reader& reader, const Dag& dag, const DagRun& run,
                                                                    std::optional<int> newest = {});

// The runs that events have led to: of a DAG at most one.
class RunsOfEvents {
 public:
  using FindVersion = std::function<std::shared_ptr<const Dag>(const std::string& version_id)>;  // nullptr: not to be had
  // Both outlive it. Of `dags` those count that are scheduled on assets now.
  RunsOfEvents(store::Reader& reader, const std::vector<std::shared_ptr<const Dag>>& dags, FindVersion find_version);

  [[nodiscard]] Result<std::vector<DagRun>> of(const AssetKey& asset, const AssetEvent& event) const;

 private:
  store::Reader& reader_;
  FindVersion find_version_;
  std::vector<std::string> dag_ids_;
};

}  // namespace venturi::server
