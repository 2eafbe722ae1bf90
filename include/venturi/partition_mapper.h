// Partition mappers of one's own: a class derived from OwnPartitionMapper, with the methods of Airflow's PartitionMapper
// (airflow/partition_mappers/base.py). Not part of venturi/dag.h: include it beside that.
//
//   struct RegionMapper : OwnPartitionMapper {
//     std::vector<std::string> to_downstream(const std::string& key) const override { return {key.substr(0, key.find('-'))}; }
//   };
//
//   VENTURI_DAG(report, {.schedule = PartitionedAssetTimetable{.assets = orders, .default_partition_mapper = RegionMapper{}}})
//
// It stands wherever a mapper does: for one asset, within a ChainMapper, ProductMapper or RollupMapper (there with a
// SegmentWindow). The server asks the DAG's program for each event, in a process of its own that has [dag_processor]
// answer_timeout_s. What it throws means that the key is none for this DAG: a warning of the server's, and no run. Where it
// hangs or crashes, that is an import error of the file; the event waits, also over a restart, and the program is asked again a
// minute later, then ever more seldom, and at once when the file changes or the server starts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "venturi/partition.h"
#include "venturi/time.h"
#include "venturi/value.h"

namespace venturi::inline sdk {

class OwnPartitionMapper {
 public:
  OwnPartitionMapper() = default;
  OwnPartitionMapper(const OwnPartitionMapper&) = default;
  OwnPartitionMapper& operator=(const OwnPartitionMapper&) = default;
  virtual ~OwnPartitionMapper();

  // The keys of the runs for which an event with this key counts; none: it makes no run. The same key has to give the same.
  [[nodiscard]] virtual std::vector<std::string> to_downstream(const std::string& key) const = 0;
  // What the key of a run says of time: its partition_date.
  [[nodiscard]] virtual std::optional<Time> to_partition_date(const std::string& downstream_key) const;
  // What makes this mapper different from others of its class, for the serialized DAG. Where that changes, what was collected
  // for runs that wait is forgotten.
  [[nodiscard]] virtual Object serialize() const;
};

}  // namespace venturi::inline sdk
