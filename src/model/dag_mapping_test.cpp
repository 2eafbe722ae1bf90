// Mapped task groups in a serialized DAG.
#include <gmock/gmock.h>

#include "base/json.h"
#include "model/dag.h"

namespace venturi {
namespace {

using ::testing::ElementsAre;

// list >> g.a >> g.inner.b, in a mapped group g with a plain group in it.
Result<Dag> read(const std::string& of_a, const std::string& of_g, const std::string& of_inner = "") {
  const std::string text = R"({"__version": 3, "dag": {"dag_id": "d", "tasks": [
    {"__type": "operator", "__var": {"task_id": "list", "downstream_task_ids": ["g.a"]}},
    {"__type": "operator", "__var": {"task_id": "g.a", "downstream_task_ids": ["g.inner.b"])" +
                           of_a + R"(}},
    {"__type": "operator", "__var": {"task_id": "g.inner.b"}}],
    "task_group": {"_group_id": null, "children": {"list": ["operator", "list"], "g": ["taskgroup", {"_group_id": "g", "children": {
      "g.a": ["operator", "g.a"], "g.inner": ["taskgroup", {"_group_id": "inner", "children": {"g.inner.b": ["operator", "g.inner.b"]})" +
                           of_inner + R"(}]})" + of_g + "}]}}}}";
  return read_serialized_dag(parse_json(text).value());
}
const std::string mapped = R"(, "is_mapped": true, "expand_input": {"type": "dict-of-lists", "value":
  {"__type": "dict", "__var": {"file": {"__type": "xcomref", "__var": {"task_id": "list", "key": "return_value"}}}}})";

TEST(MappedGroups, TheirTasksAreMappedTogether) {
  const auto dag = read("", mapped);
  ASSERT_TRUE(dag) << dag.error().text();
  const Task& list = dag->tasks.at(0);
  const Task& a = dag->tasks.at(1);
  const Task& b = dag->tasks.at(2);
  EXPECT_TRUE(a.is_mapped());
  EXPECT_TRUE(a.is_in_group_of(b));
  EXPECT_FALSE(list.is_in_group_of(list));
  EXPECT_EQ(b.mapped_over.at(0).task, 0u);
  EXPECT_THAT(list.mapped_keys, ElementsAre("return_value"));
  EXPECT_THAT(list.sizes, ElementsAre(2u)) << "a stands directly below it";
}

TEST(MappedGroups, WhatAirflowRefusesIsRefused) {
  const auto refusal = [](const Result<Dag>& dag) { return dag ? std::string() : dag.error().text(); };
  EXPECT_EQ(
      refusal(read(R"(, "trigger_rule": "always")", mapped)),
      "dag d, task g.a: trigger_rule always is not allowed in a mapped task group (its tasks cannot run before it is known "
      "how many there are: take another rule, such as all_done)");
  EXPECT_EQ(refusal(read(R"(, "_is_mapped": true, "expand_input": {"type": "dict-of-lists", "value": {"x": [1]}})", mapped)),
            "dag d, task g.a: a mapped task in a mapped task group is not supported (take one of the two expand() away, or map "
            "the group over all combinations)");
  EXPECT_EQ(refusal(read("", mapped, mapped)),
            "dag d, task group inner: a mapped task group within a mapped one is not supported (map the outer one over all "
            "combinations: expand() takes several lists)");
  EXPECT_EQ(refusal(read("", R"(, "is_mapped": true)")),
            "dag d, task group g: a mapped task without lists that it is mapped over (only expand() with lists by name, and "
            "expand_kwargs() with a list, are known)");
}

TEST(MappedGroups, ListsMayBeConcatenatedFilledAndMapped) {
  const auto dag = read("", R"(, "is_mapped": true, "expand_input": {"type": "dict-of-lists", "value": {
    "x": {"__type": "xcomref", "__var": {"type": "zip", "fillvalue": 0, "args": [{"task_id": "list", "key": "k"}, [1, 2]]}},
    "y": {"__type": "xcomref", "__var": {"type": "concat", "args": [[1], {"type": "map", "arg": {"task_id": "list", "key": "m"}, "callables": ["f"]}]}}}})");
  ASSERT_TRUE(dag) << dag.error().text();
  const auto& axes = dag->tasks.at(1).mapped_over;
  EXPECT_EQ(axes.at(0).join, MappedList::Join::zip_longest);
  EXPECT_EQ(axes.at(0).parts.at(1).length, 2);
  EXPECT_EQ(axes.at(1).join, MappedList::Join::concat);
  EXPECT_EQ(axes.at(1).parts.at(0).length, 1);
  EXPECT_EQ(axes.at(1).parts.at(1).key, "m");
  EXPECT_THAT(dag->tasks.at(0).mapped_keys, ElementsAre("k", "m"));
}

// Airflow's a.zip(b, fillvalue=None).map(f).concat(c.zip(d)).
TEST(MappedGroups, JoinedListsMayBeJoinedAgain) {
  const auto dag =
      read("", R"(, "is_mapped": true, "expand_input": {"type": "list-of-dicts", "value": {"__type": "xcomref", "__var":
    {"type": "concat", "args": [
      {"type": "map", "callables": ["f"], "arg": {"type": "zip", "fillvalue": null, "args": [{"task_id": "list", "key": "k"}, [1, 2]]}},
      {"type": "zip", "args": [[1], [2]]}]}}})");
  ASSERT_TRUE(dag) << dag.error().text();
  const MappedList& axis = dag->tasks.at(1).mapped_over.at(0);
  EXPECT_EQ(axis.join, MappedList::Join::concat);
  EXPECT_EQ(axis.parts.at(0).join, MappedList::Join::zip_longest) << "a fill value of None is one";
  EXPECT_EQ(axis.parts.at(1).join, MappedList::Join::zip);
  std::vector<std::int32_t> lengths;
  axis.for_each_source([&](const MappedList& source) { lengths.push_back(source.length); });
  EXPECT_THAT(lengths, ElementsAre(0, 2, 1, 1));
}

}  // namespace
}  // namespace venturi
