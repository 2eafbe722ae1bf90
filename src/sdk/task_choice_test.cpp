// Branches and short circuits, as Airflow's SkipMixin has them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sdk/testing/try_of.h"

namespace venturi {
namespace {

using internal::Try;
using internal::try_of;
using testing::ElementsAre;
using testing::HasSubstr;

// branch ─┬─▶ left ──┬─▶ join
//         ├─▶ right ─┘
//         └─▶ join
class BranchTest : public testing::Test {
 protected:
  template <class F>
  Try of(F choose) {
    DagBag bag;
    Dag dag = bag.add("d");
    auto branch = dag.branch("branch", choose);
    auto left = dag.empty("left"), right = dag.empty("right"), join = dag.empty("join");
    branch >> Tasks{left, right} >> join;
    branch >> join;
    return try_of(bag, "d", "branch");
  }
};

Value skipped(std::initializer_list<const char*> ids) {
  Array tasks;
  for (const char* id : ids) tasks.emplace_back(Array{Value(id), Value(-1)});
  return tasks;
}

TEST_F(BranchTest, TheOthersAreSkippedAndWhatJoinsIsNot) {
  const Try t = of([] { return std::string("left"); });
  EXPECT_THAT(t.types(), ElementsAre("SetXCom", "SkipDownstreamTasks", "SucceedTask"));
  EXPECT_EQ(t.xcom("skipmixin_key"), Value(Object{{"followed", Array{Value("left"), Value("join")}}}));
  EXPECT_EQ(t.request("SkipDownstreamTasks").at("tasks"), skipped({"right"}));
  EXPECT_THAT(t.events(), ElementsAre("Branch into \"left\""));
}

TEST_F(BranchTest, SeveralAreChosenAtOnce) {
  const Try t = of([] { return std::vector<std::string>{"right", "left"}; });
  EXPECT_THAT(t.types(), ElementsAre("SetXCom", "SetXCom", "SucceedTask")) << "nothing is left to skip";
  EXPECT_EQ(t.xcom("return_value"), Value(Array{Value("right"), Value("left")}));
}

TEST_F(BranchTest, NoneSkipsAll) {
  const Try t = of([] { return std::optional<std::string>(); });
  EXPECT_EQ(t.xcom("skipmixin_key"), Value(Object{{"followed", Array{}}}));
  EXPECT_EQ(t.request("SkipDownstreamTasks").at("tasks"), skipped({"left", "right", "join"}));
}

TEST_F(BranchTest, WhatIsNotInTheDagCannotBeChosen) {
  const Try t = of([] { return std::string("nowhere"); });
  EXPECT_THAT(t.types(), ElementsAre("TaskState"));
  EXPECT_EQ(t.request("TaskState").get_string("error"),
            "the branch chose \"nowhere\", and the DAG has no such task or task group; it can choose left, right, join");
}

TEST_F(BranchTest, WhatIsNotDirectlyBelowIsWarnedOf) {
  const Try t = of([] { return std::string("branch"); });
  EXPECT_EQ(
      t.events().front(),
      "the branch chose \"branch\", and branch is not directly below it, so what is may be skipped; directly below are left, "
      "right, join");
}

// circuit ─▶ a ─▶ b
class ShortCircuitTest : public testing::Test {
 protected:
  Try of(bool goes_on, const TaskOptions& options = {}) {
    DagBag bag;
    Dag dag = bag.add("d");
    dag.short_circuit("circuit", [goes_on] { return goes_on; }, options) >> dag.empty("a") >> dag.empty("b");
    return try_of(bag, "d", "circuit");
  }
};

TEST_F(ShortCircuitTest, TrueGoesOn) {
  const Try t = of(true);
  EXPECT_THAT(t.types(), ElementsAre("SetXCom", "SucceedTask"));
  EXPECT_EQ(t.xcom("return_value"), Value(true));
}

TEST_F(ShortCircuitTest, FalseSkipsAllThatIsBelow) {
  const Try t = of(false);
  EXPECT_THAT(t.types(), ElementsAre("SetXCom", "SkipDownstreamTasks", "SucceedTask"));
  EXPECT_EQ(t.request("SkipDownstreamTasks").at("tasks"), Value(Array{Value("a"), Value("b")}));
  EXPECT_EQ(t.xcom("skipmixin_key"), Value(Object{{"skipped", Array{Value("a"), Value("b")}}}));
}

TEST_F(ShortCircuitTest, OnlyWhatIsDirectlyBelowWhereTriggerRulesCount) {
  const Try t = of(false, {.ignore_downstream_trigger_rules = false});
  EXPECT_EQ(t.request("SkipDownstreamTasks").at("tasks"), Value(Array{Value("a")}));
}

TEST(ShortCircuit, WithNothingBelowItJustSucceeds) {
  DagBag bag;
  bag.add("d").short_circuit("circuit", [] { return false; });
  EXPECT_THAT(try_of(bag, "d", "circuit").types(), ElementsAre("SetXCom", "SucceedTask"));
}

}  // namespace
}  // namespace venturi
