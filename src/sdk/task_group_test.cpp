// Task groups, setups and teardowns.
#include "venturi/task_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "sdk/dag_node.h"
#include "sdk/serialize.h"
#include "sdk/testing/try_of.h"

namespace venturi {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

void work() {}

class TaskGroupTest : public testing::Test {
 protected:
  TaskGroupTest() : dag(bag.add("d", {.default_args = {.owner = "dag", .retries = 1}})), node(*bag.state().find("d")) {}

  // What is directly below a task, after the groups are connected.
  std::vector<std::string> below(std::string_view task_id) {
    std::vector<std::string> ids;
    for (const detail::TaskNode* task : node.find(task_id)->downstream) ids.push_back(task->task_id);
    std::sort(ids.begin(), ids.end());
    return ids;
  }
  const std::vector<std::string>& mistakes() {
    internal::connect_groups(node);
    internal::check_dag(node);
    return node.mistakes;
  }

  DagBag bag;
  Dag dag;
  detail::DagNode& node;
};

TEST_F(TaskGroupTest, IdsBeginWithThoseOfTheGroups) {
  TaskGroup outer = dag.group("outer"), inner = outer.group("inner");
  EXPECT_EQ(inner.group_id(), "outer.inner");
  EXPECT_EQ(inner.task<work>().task_id(), "outer.inner.work");
  EXPECT_EQ(outer.empty("e").task_id(), "outer.e");
  EXPECT_EQ(dag.group("flat", {.prefix_group_id = false}).task<work>().task_id(), "work");
  EXPECT_EQ(dag.group_id(), "");
  EXPECT_THAT(mistakes(), IsEmpty());
}

TEST_F(TaskGroupTest, ItsDefaultArgsComeBeforeThoseAround) {
  TaskGroup outer = dag.group("outer", {.default_args = {.retries = 2, .pool = "outer"}});
  TaskGroup inner = outer.group("inner", {.default_args = {.retries = 3}});
  const TaskOptions& o = inner.task<work>({.queue = "own"}).node().options;
  EXPECT_EQ(*o.retries, 3);
  EXPECT_EQ(o.pool, "outer");
  EXPECT_EQ(o.owner, "dag");
  EXPECT_EQ(o.queue, "own");
}

// before ─▶ [ a ─▶ b, c ] ─▶ after; told before the tasks of the group are there.
TEST_F(TaskGroupTest, OrderIsThatOfItsFirstAndLastTasks) {
  auto before = dag.empty("before"), after = dag.empty("after");
  TaskGroup group = dag.group("g");
  before >> group >> after;
  auto a = group.empty("a"), b = group.empty("b");
  group.empty("c");
  a >> b;
  EXPECT_THAT(mistakes(), IsEmpty());
  EXPECT_THAT(below("before"), ElementsAre("g.a", "g.c"));
  EXPECT_THAT(below("g.a"), ElementsAre("g.b"));
  EXPECT_THAT(below("g.b"), ElementsAre("after"));
  EXPECT_THAT(below("g.c"), ElementsAre("after"));
}

TEST_F(TaskGroupTest, GroupsInGroupsAreConnectedFirst) {
  TaskGroup outer = dag.group("outer"), one = outer.group("one"), two = outer.group("two");
  outer >> dag.empty("end");
  one >> two;
  one.empty("x");
  two.empty("y");
  EXPECT_THAT(mistakes(), IsEmpty());
  EXPECT_THAT(below("outer.one.x"), ElementsAre("outer.two.y"));
  EXPECT_THAT(below("outer.two.y"), ElementsAre("end"));
}

TEST_F(TaskGroupTest, SeveralOnBothSides) {
  TaskGroup group = dag.group("g");
  group.empty("x");
  chain({dag.empty("a"), Tasks{dag.empty("b"), group}, Tasks{dag.empty("c"), dag.empty("d")}});
  EXPECT_THAT(mistakes(), IsEmpty());
  EXPECT_THAT(below("a"), ElementsAre("b", "g.x"));
  EXPECT_THAT(below("b"), ElementsAre("c", "d"));
  EXPECT_THAT(below("g.x"), ElementsAre("c", "d"));
}

TEST_F(TaskGroupTest, WhatFollowsDoesNotWaitForItsTeardowns) {
  TaskGroup group = dag.group("g");
  auto create = group.empty("create"), use = group.empty("use"), remove = group.empty("remove");
  create >> use >> remove.as_teardown(create);
  group >> dag.empty("after");
  EXPECT_THAT(mistakes(), IsEmpty());
  EXPECT_THAT(below("g.use"), ElementsAre("after", "g.remove"));
  EXPECT_THAT(below("g.remove"), IsEmpty());
  EXPECT_THAT(below("g.create"), ElementsAre("g.remove", "g.use"));
}

TEST_F(TaskGroupTest, MistakesAreNamed) {
  TaskGroup group = dag.group("g"), empty = dag.group("empty");
  auto a = group.empty("a");
  a >> group;
  group >> group;
  empty >> a;
  dag.group("g");
  dag.group("not good");
  dag.empty("same");
  dag.group("same");
  auto late = dag.empty("late", {.trigger_rule = TriggerRule::all_done});
  late.as_teardown(group);
  a.as_setup().as_teardown();
  EXPECT_THAT(
      mistakes(),
      ElementsAre(
          "task group g: it shall run after task g.a, and one of them is part of the other: take that dependency away",
          "task group g: it shall run after task group g, and one of them is part of the other: take that dependency away",
          "two task groups have the group_id g: give each an id of its own",
          "the group_id \"not good\" is not allowed: an id is made of 1 to 250 letters, digits, dashes, dots and underscores",
          "task late: a teardown has no trigger_rule of its own: it runs when all that is above it is done and a setup "
          "succeeded; take trigger_rule away",
          "task late: as_teardown() takes tasks, and task group g is none: name its setups",
          "task g.a: it cannot be a setup and a teardown at once: take one of the two away",
          "task group empty is put in order and has no tasks: give it one, or take it away",
          "task group same has the id of a task: give each an id of its own"));
}

TEST_F(TaskGroupTest, SerializedAsAirflowDoes) {
  TaskGroup group = dag.group("g", {.tooltip = "all of it"});
  auto create = group.empty("create"), remove = group.empty("remove");
  remove.as_teardown(create, {.on_failure_fail_dagrun = true});
  dag.empty("a") >> group;
  ASSERT_THAT(mistakes(), IsEmpty());
  const Value var = internal::serialize_dag(node, {"/dags/x.cpp", "/dags"}).at("dag");
  const Value& root = var.at("task_group");
  EXPECT_TRUE(root.at("_group_id").is_null());
  const Value& child = root.at("children").at("g").as_array().at(1);
  EXPECT_EQ(root.at("children").at("g").as_array().at(0), Value("taskgroup"));
  EXPECT_EQ(child.get_string("_group_id"), "g");
  EXPECT_EQ(child.get_string("tooltip"), "all of it");
  EXPECT_EQ(child.at("upstream_task_ids"), Value(Array{Value("a")}));
  EXPECT_EQ(child.at("children").at("g.create"), Value(Array{Value("operator"), Value("g.create")}));
  const Value setup = internal::serialize_task(create.node()).at("__var"),
              teardown = internal::serialize_task(remove.node()).at("__var");
  EXPECT_TRUE(setup.get_bool("is_setup"));
  EXPECT_TRUE(teardown.get_bool("is_teardown"));
  EXPECT_TRUE(teardown.get_bool("on_failure_fail_dagrun"));
  EXPECT_EQ(teardown.get_string("trigger_rule"), "all_done_setup_success");
}

TEST_F(TaskGroupTest, ABranchMayChooseAGroupBelowIt) {
  auto branch = dag.branch("branch", [] { return std::string("left"); });
  TaskGroup left = dag.group("left"), right = dag.group("right");
  left.empty("a") >> left.empty("b");
  right.empty("c");
  branch >> Tasks{left, right};
  ASSERT_THAT(mistakes(), IsEmpty());
  const internal::Try t = internal::try_of(bag, "d", "branch");
  EXPECT_EQ(t.request("SkipDownstreamTasks").at("tasks"), Value(Array{Value(Array{Value("right.c"), Value(-1)})}));
}

}  // namespace
}  // namespace venturi
