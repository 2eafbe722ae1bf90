// Building DAGs: ids, order, inputs.
#include "venturi/dag.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "sdk/dag_node.h"

namespace venturi {
namespace {

using testing::ElementsAre;

std::int64_t extract() {
  return 1;
}
template <class T>
T of_a_template() {
  return {};
}
namespace deeper {
void load(std::int64_t) {}
}  // namespace deeper

std::vector<std::string> below(const TaskRef& task) {
  std::vector<std::string> ids;
  for (const detail::TaskNode* next : task.node().downstream) ids.push_back(next->task_id);
  return ids;
}

class DagTest : public testing::Test {
 protected:
  DagBag bag_;
  Dag dag_ = bag_.add("d");
};

TEST_F(DagTest, TheFunctionsNameIsTheTasksId) {
  EXPECT_EQ(dag_.task<extract>().task_id(), "extract");
  EXPECT_EQ(dag_.task<&extract>("another").task_id(), "another");
  EXPECT_EQ(dag_.task<deeper::load>()(1).task_id(), "load");
  EXPECT_EQ(dag_.task<of_a_template<std::string>>().task_id(), "of_a_template");
  EXPECT_EQ(dag_.dag_id(), "d");
}

TEST_F(DagTest, ChainsGoOnFromTheirEnd) {
  auto a = dag_.empty("a"), b = dag_.empty("b"), c = dag_.empty("c"), d = dag_.empty("d");
  a >> Tasks{b, c} >> d;
  EXPECT_THAT(below(a), ElementsAre("b", "c"));
  EXPECT_THAT(below(b), ElementsAre("d"));
  EXPECT_THAT(below(c), ElementsAre("d"));
  EXPECT_THAT(below(d), ElementsAre());
}

TEST_F(DagTest, BackwardsTheSame) {
  auto a = dag_.empty("a"), b = dag_.empty("b"), c = dag_.empty("c"), d = dag_.empty("d");
  d << Tasks{b, c} << a;
  EXPECT_THAT(below(a), ElementsAre("b", "c"));
  EXPECT_THAT(below(b), ElementsAre("d"));
  EXPECT_THAT(below(c), ElementsAre("d"));
}

TEST_F(DagTest, ChainTakesListsInTheirOrder) {
  auto a = dag_.empty("a"), b = dag_.empty("b"), c = dag_.empty("c"), d = dag_.empty("d"), e = dag_.empty("e");
  chain({a, Tasks{b, c}, Tasks{d, e}});
  EXPECT_THAT(below(a), ElementsAre("b", "c"));
  EXPECT_THAT(below(b), ElementsAre("d", "e"));
  EXPECT_THAT(below(c), ElementsAre("d", "e"));
}

TEST_F(DagTest, TheSameDependencyTwiceCountsOnce) {
  auto a = dag_.task<extract>();
  auto b = dag_.task("sum", [](std::int64_t, std::int64_t) {})(a, a);
  a >> b;
  EXPECT_THAT(below(a), ElementsAre("sum"));
  EXPECT_EQ(b.node().inputs.size(), 2u);
}

TEST_F(DagTest, InputsAreOutputsAndConstants) {
  auto map = dag_.constant("map", std::map<std::string, std::int64_t>{{"rows", 1}});
  auto task = dag_.task("t", [](std::int64_t, std::int64_t, const std::string&, const Value&, std::optional<double>) {})(
      map.get("rows"), 7u, "text", Object{{"a", 1}}, 0.5f);
  const auto& inputs = task.node().inputs;
  ASSERT_EQ(inputs.size(), 5u);
  EXPECT_EQ(inputs[0].from, &map.node());
  EXPECT_EQ(inputs[0].key, "rows");
  EXPECT_EQ(inputs[1].constant, Value(7));
  EXPECT_EQ(inputs[2].constant, Value("text"));
  EXPECT_EQ(inputs[3].constant, Value(Object{{"a", 1}}));
  EXPECT_EQ(inputs[4].constant, Value(0.5));
}

TEST_F(DagTest, ALambdaThatCapturesEndsWithItsDag) {
  const auto shared = std::make_shared<int>(3);
  {
    DagBag bag;
    bag.add("x").task("t", [shared] {});
    EXPECT_EQ(shared.use_count(), 2);
  }
  EXPECT_EQ(shared.use_count(), 1);
}

TEST_F(DagTest, ABagWantsDifferentAndAllowedIds) {
  bag_.add("d");
  bag_.add("a b");
  EXPECT_THAT(bag_.state().mistakes, ElementsAre("two DAGs have the dag_id d: give each an id of its own",
                                                 testing::HasSubstr("the dag_id \"a b\" is not allowed")));
}

}  // namespace
}  // namespace venturi
