// Partition mappers of the program's own, for tests/e2e/mappers_test.py.
#include <venturi/dag.h>
#include <venturi/partition_mapper.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

using namespace venturi;

namespace {

const Asset sales{"s3://e2e/sales"};

// "eu-berlin" is for "eu". Some keys need a file in the DAGs folder, which is the working directory.
struct RegionMapper : OwnPartitionMapper {
  std::vector<std::string> to_downstream(const std::string& key) const override {
    const std::string region = key.substr(0, key.find('-'));
    if (!std::filesystem::exists("well.txt")) {
      while (region == "hanging") ::pause();
      if (region == "dying") std::abort();
    }
    if (region == key) throw std::invalid_argument("no region is named");
    return {region};
  }
  std::optional<Time> to_partition_date(const std::string& region) const override {
    return region == "eu" ? parse_time("2026-03-01T00:00:00Z") : std::nullopt;
  }
};

struct UpperMapper : OwnPartitionMapper {
  std::vector<std::string> to_downstream(const std::string& key) const override {
    std::string upper;
    for (const char c : key) upper += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return {upper, upper + "!"};
  }
};

template <class M>
void add(DagBag& bag, std::string_view dag_id, const M& mapper) {
  bag.add(dag_id, {.schedule = PartitionedAssetTimetable{.assets = sales, .default_partition_mapper = mapper},
                   .is_paused_upon_creation = false})
      .empty("work");
}

}  // namespace

VENTURI_DAGS(bag) {
  bag.add("e2e_sales", {.schedule = PartitionedAtRuntime{}, .is_paused_upon_creation = false})
      .empty("load", {.outlets = {sales}});
  add(bag, "e2e_regions", RegionMapper());
  add(bag, "e2e_chain", ChainMapper({AllowedKeyMapper({"eu-berlin"}), RegionMapper(), UpperMapper()}));
  add(bag, "e2e_rollup", RollupMapper(RegionMapper(), SegmentWindow({"eu-berlin", "eu-paris"})));
}
