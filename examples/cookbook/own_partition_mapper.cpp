// Which run an event of a partition is for, said by a class of one's own.
#include <venturi/dag.h>
#include <venturi/partition_mapper.h>

#include <map>
#include <stdexcept>
using namespace venturi;

const Asset sales{"s3://lake/sales"};

void load(const Context& context) { context.log().info("sales of ", context.partition_key().value_or("nobody")); }
void report(const Context& context) { context.log().info("report of ", context.partition_key().value_or("no region")); }

// [own_partition_mapper]
// Sales of "berlin/2026-03-13" are for "east/2026-03-13".
struct RegionMapper : OwnPartitionMapper {
  std::map<std::string, std::string> regions;  // of shops

  explicit RegionMapper(std::map<std::string, std::string> r) : regions(std::move(r)) {}

  std::vector<std::string> to_downstream(const std::string& key) const override {
    const std::size_t slash = std::min(key.find('/'), key.size());
    const auto region = regions.find(key.substr(0, slash));
    if (region == regions.end()) throw std::invalid_argument("no region has this shop");  // told, and makes no run
    return {region->second + key.substr(slash)};
  }
  Object serialize() const override { return {{"regions", to_value(regions)}}; }
};

VENTURI_DAG(own_partition_mapper, {.schedule = PartitionedAtRuntime{}}) { dag.task<load>({.outlets = {sales}}); }
VENTURI_DAG(own_partition_mapper_region,
            {.schedule = PartitionedAssetTimetable{.assets = sales,
                                                   .default_partition_mapper = RegionMapper(
                                                       {{"berlin", "east"}, {"dresden", "east"}, {"bonn", "west"}})}}) {
  dag.task<report>();
}
// [end]
//
//   venturi dags test own_partition_mapper
//   success
