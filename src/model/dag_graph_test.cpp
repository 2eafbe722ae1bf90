// Priority weights against what Airflow computed (tests/oracle/tables/priority_weights.json), and against a plain walk.
#include "model/dag_graph.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <set>
#include <sstream>

#include "base/testing/oracle_table.h"

namespace venturi {
namespace {

TEST(PriorityWeights, AreThoseOfAirflow) {
  oracle::Table table("priority_weights");
  std::size_t tasks_checked = 0;
  table.check([&](const Value& row) {
    const Array& tasks = row.at("tasks").as_array();
    Array operators;
    for (const Value& task : tasks) {
      Array below;
      for (const Value& other : tasks) {
        for (const Value& up : other.at("up").as_array()) {
          if (up == task.at("id")) below.push_back(other.at("id"));
        }
      }
      operators.push_back(Object{{"__type", "operator"},
                                 {"__var", Object{{"task_id", task.at("id")},
                                                  {"priority_weight", task.at("priority_weight")},
                                                  {"weight_rule", task.at("weight_rule")},
                                                  {"downstream_task_ids", std::move(below)}}}});
    }
    const auto dag =
        read_serialized_dag(Object{{"__version", 3}, {"dag", Object{{"dag_id", "d"}, {"tasks", std::move(operators)}}}});
    ASSERT_TRUE(dag) << dag.error().text();
    for (const Task& task : dag->tasks) {
      EXPECT_EQ(task.priority_weight, row.at("stored").at(task.task_id).as_int()) << to_json(row) << "\n" << task.task_id;
      ++tasks_checked;
    }
  });
  if (!table.is_ours()) return;
  EXPECT_EQ(table.rows().size(), 30U);
  EXPECT_EQ(tasks_checked, 209U);
}

// All tasks that are reached from one, by walking.
std::set<TaskIndex> reached(const std::vector<Task>& tasks, TaskIndex from, bool upwards) {
  std::set<TaskIndex> found;
  std::vector<TaskIndex> open{from};
  while (!open.empty()) {
    const Task& task = tasks[open.back()];
    open.pop_back();
    for (const TaskIndex next : upwards ? task.upstream : task.downstream) {
      if (found.insert(next).second) open.push_back(next);
    }
  }
  return found;
}

TEST(PriorityWeights, CountEachTaskOnceInDagsOfAnyShape) {
  std::minstd_rand random(7);
  for (int round = 0; round < 60; ++round) {
    const auto size = static_cast<TaskIndex>(1 + random() % 200);
    const int density = static_cast<int>(random() % 6);
    const bool all_one = round % 2 == 0;
    std::vector<Task> tasks(size);
    std::vector<WeightRule> rules;
    for (TaskIndex i = 0; i < size; ++i) {
      tasks[i].priority_weight = all_one ? 1 : static_cast<int>(random() % 201) - 100;
      rules.push_back(static_cast<WeightRule>(random() % 3));
      for (int edge = 0; i > 0 && edge < density; ++edge) {
        const auto up = static_cast<TaskIndex>(random() % i);
        if (std::ranges::find(tasks[i].upstream, up) != tasks[i].upstream.end()) continue;
        tasks[i].upstream.push_back(up);
        tasks[up].downstream.push_back(i);
      }
    }
    const std::vector<Task> own = tasks;
    apply_weight_rules(tasks, rules);
    for (TaskIndex i = 0; i < size; ++i) {
      int expected = own[i].priority_weight;
      if (rules[i] != WeightRule::absolute) {
        for (const TaskIndex other : reached(own, i, rules[i] == WeightRule::upstream)) expected += own[other].priority_weight;
      }
      ASSERT_EQ(tasks[i].priority_weight, expected) << "round " << round << ", task " << i;
    }
  }
}

TEST(OrderTasks, EachAfterItsUpstreams) {
  std::minstd_rand random(11);
  for (int round = 0; round < 50; ++round) {
    const auto size = static_cast<TaskIndex>(1 + random() % 50);
    std::vector<TaskIndex> names(size);
    for (TaskIndex i = 0; i < size; ++i) names[i] = i;
    std::ranges::shuffle(names, random);
    std::vector<std::vector<TaskIndex>> downstream(size);
    for (TaskIndex i = 1; i < size; ++i) downstream[names[random() % i]].push_back(names[i]);
    const TopologicalOrder sorted = order_tasks(downstream);
    ASSERT_TRUE(sorted.cycle.empty());
    ASSERT_EQ(sorted.order.size(), size);
    std::vector<TaskIndex> place(size);
    for (TaskIndex i = 0; i < size; ++i) place[sorted.order[i]] = i;
    for (TaskIndex i = 0; i < size; ++i) {
      for (const TaskIndex below : downstream[i]) ASSERT_LT(place[i], place[below]);
    }
  }
}

TEST(OrderTasks, ACycleIsOne) {
  std::minstd_rand random(13);
  int cycles = 0;
  for (int round = 0; round < 200; ++round) {
    const auto size = static_cast<TaskIndex>(1 + random() % 12);
    std::vector<std::vector<TaskIndex>> downstream(size);
    for (TaskIndex edge = 0; edge < size; ++edge) {
      auto& list = downstream[random() % size];
      const auto to = static_cast<TaskIndex>(random() % size);
      if (std::ranges::find(list, to) == list.end()) list.push_back(to);
    }
    const TopologicalOrder sorted = order_tasks(downstream);
    EXPECT_EQ(sorted.cycle.empty(), sorted.order.size() == size);
    for (std::size_t i = 0; i < sorted.cycle.size(); ++i) {
      const auto& list = downstream[sorted.cycle[i]];
      EXPECT_NE(std::ranges::find(list, sorted.cycle[(i + 1) % sorted.cycle.size()]), list.end());
      EXPECT_GE(sorted.cycle[i], sorted.cycle.front());
    }
    if (!sorted.cycle.empty()) ++cycles;
  }
  EXPECT_GT(cycles, 50);
}

}  // namespace
}  // namespace venturi
