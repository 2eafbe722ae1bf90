#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "sdk/program.h"
#include "sdk/serialize.h"
#include "venturi/dag.h"
#include "venturi/weight.h"

namespace venturi {
namespace {

using testing::HasSubstr;

// Less with each try, and nothing is known of manual runs.
struct Decreasing : PriorityWeightStrategy {
  int step = 1;
  explicit Decreasing(int s = 1) : step(s) {}
  int get_weight(const TaskInstanceInfo& ti) const override {
    if (ti.run_type == "manual") throw std::invalid_argument("no weight for " + ti.run_id + " of " + ti.dag_id);
    return ti.priority_weight - step * ti.try_number + static_cast<int>(ti.conf.get_int("more")) + ti.map_index + 1;
  }
};

class OwnWeight : public ::testing::Test {
 protected:
  OwnWeight() {
    Dag dag = bag_.add("weighed", {.default_args = {.weight_rule = Decreasing(10)}});
    dag.empty("a", {.priority_weight = 100});
    dag.empty("b", {.weight_rule = Decreasing(1)});
    dag.empty("c", {.weight_rule = WeightRule::upstream});
  }
  std::string answer(const std::string& run_type, Array task_instances) {
    const Value result =
        internal::answer_questions(bag_, Object{{"questions", Array{Object{{"about", "get_weight"},
                                                                           {"dag_id", "weighed"},
                                                                           {"run", Object{{"run_id", "one"},
                                                                                          {"run_type", run_type},
                                                                                          {"logical_date", nullptr},
                                                                                          {"run_after", "2026-03-01T00:00:00Z"},
                                                                                          {"conf", Object{{"more", 1000}}}}},
                                                                           {"task_instances", std::move(task_instances)}}}}});
    return to_json(result.at("answers").as_array().at(0));
  }
  static Value ti(const std::string& task_id, int try_number, int map_index = -1) {
    return Object{{"task_id", task_id}, {"map_index", map_index}, {"try_number", try_number}, {"max_tries", 3}};
  }
  DagBag bag_;
};

TEST_F(OwnWeight, IsSerializedByItsClass) {
  std::vector<std::string> rules;
  for (const auto& task : bag_.state().find("weighed")->tasks)
    rules.push_back(internal::serialize_task(*task).at("__var").get_string("weight_rule"));
  EXPECT_THAT(rules, testing::ElementsAre("venturi.program.Decreasing", "venturi.program.Decreasing", "upstream"));
}

TEST_F(OwnWeight, EachTaskInstanceIsAskedAboutWithItsOwnRule) {
  EXPECT_EQ(answer("scheduled", {ti("a", 0), ti("a", 2), ti("b", 3), ti("b", 0, 4)}), R"({"weights":[1100,1080,998,1006]})");
}

TEST_F(OwnWeight, WhatItThrowsIsTheAnswer) {
  EXPECT_EQ(answer("manual", {ti("a", 0)}), R"({"error":"std::invalid_argument: no weight for one of weighed","thrown":true})");
  EXPECT_THAT(answer("scheduled", {ti("c", 0)}), HasSubstr("task c has no weight rule of the program's own"));
  EXPECT_THAT(answer("scheduled", {ti("nobody", 0)}), HasSubstr("task nobody has no weight rule"));
}

}  // namespace
}  // namespace venturi
