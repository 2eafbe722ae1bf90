#include "venturi/partition_mapper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "sdk/program.h"
#include "sdk/serialize.h"
#include "venturi/dag.h"

namespace venturi {
namespace {

using ::testing::ElementsAre;

struct RegionMapper : OwnPartitionMapper {
  std::string suffix;
  explicit RegionMapper(std::string s = {}) : suffix(std::move(s)) {}
  std::vector<std::string> to_downstream(const std::string& key) const override {
    if (key.empty()) throw std::invalid_argument("no region");
    return {key.substr(0, key.find('-')) + suffix};
  }
  std::optional<Time> to_partition_date(const std::string& downstream_key) const override {
    return downstream_key == "eu" ? std::nullopt : parse_time("2026-03-01T00:00:00Z");
  }
  Object serialize() const override { return {{"suffix", suffix}}; }
};

class OwnPartitionMappers : public ::testing::Test {
 protected:
  OwnPartitionMappers() {
    const Asset a("s3://a"), b("s3://b");
    bag_.add("own",
             {.schedule =
                  PartitionedAssetTimetable{
                      .assets = a & b,
                      .default_partition_mapper = RegionMapper(),
                      .partition_mapper_config = {{b, ChainMapper({IdentityMapper(),
                                                                   ProductMapper({RegionMapper("!"), StartOfDayMapper()})})}}}})
        .empty("t");
    bag_.add("none", {.schedule = PartitionedAssetTimetable{.assets = a}}).empty("t");
  }
  std::string answer(const std::string& dag_id, const std::string& mapper, const std::string& key) {
    const Value result = internal::answer_questions(
        bag_,
        Object{{"questions", Array{Object{{"about", "to_downstream"}, {"dag_id", dag_id}, {"mapper", mapper}, {"key", key}}}}});
    return to_json(result.at("answers").as_array().at(0));
  }
  DagBag bag_;
};

TEST_F(OwnPartitionMappers, AreSerializedByTheirClass) {
  const Value timetable = internal::serialize_timetable(bag_.state().find("own")->options);
  EXPECT_EQ(to_json(timetable.at("__var").at("default_partition_mapper")),
            R"({"__type":"venturi.program.RegionMapper","__var":{"suffix":""}})");
  EXPECT_THAT(to_json(timetable.at("__var").at("partition_mapper_config")),
              ::testing::HasSubstr(R"({"__type":"venturi.program.RegionMapper","__var":{"suffix":"!"}})"));
  EXPECT_EQ(to_json(PartitionMapper(RegionMapper("x")).max_downstream_keys(2).serialized()),
            R"({"__type":"venturi.program.RegionMapper","__var":{"suffix":"x","max_downstream_keys":2}})");
}

TEST_F(OwnPartitionMappers, AreAskedWhereTheyStand) {
  EXPECT_EQ(answer("own", "default_partition_mapper", "eu-berlin"), R"({"keys":["eu"],"dates":[null]})");
  EXPECT_EQ(answer("own", "partition_mapper_config.0.mappers.1.mappers.0", "eu-berlin"),
            R"({"keys":["eu!"],"dates":["2026-03-01T00:00:00Z"]})");
  EXPECT_EQ(answer("own", "default_partition_mapper", ""), R"({"error":"std::invalid_argument: no region","thrown":true})");
  EXPECT_EQ(answer("own", "partition_mapper_config.1", "eu"),
            R"({"error":"DAG own has no partition mapper of the program's own at partition_mapper_config.1"})");
  EXPECT_EQ(answer("none", "default_partition_mapper", "eu"),
            R"({"error":"DAG none has no partition mapper of the program's own at default_partition_mapper"})");
}

}  // namespace
}  // namespace venturi
