// The order of a DAG's tasks, and what each weighs in the queue.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "model/dag.h"

namespace venturi {

struct TopologicalOrder {
  std::vector<TaskIndex> order;  // all tasks, each after its upstreams; among those that are ready in order of declaration
  std::vector<TaskIndex> cycle;  // empty, or tasks of which each is upstream of the next and the last of the first
};

// `downstream` by declaration: the tasks below each, without duplicates.
[[nodiscard]] TopologicalOrder order_tasks(const std::vector<std::vector<TaskIndex>>& downstream);

// airflow.task.weight_rule: what counts into the weight of a task besides its own priority_weight.
enum class WeightRule : std::uint8_t { absolute, downstream, upstream };
[[nodiscard]] std::optional<WeightRule> parse_weight_rule(std::string_view word);

// To 32 bits, as Airflow does before the database sees it.
[[nodiscard]] int clip_weight(std::int64_t weight);

// Sets priority_weight of each task, which holds the task's own, to what it is by its rule: with `downstream` the sum over the
// task and all that are below it, directly or not, each counted once; with `upstream` over those above. Tasks are in
// topological order; rules has one for each.
void apply_weight_rules(std::vector<Task>& tasks, const std::vector<WeightRule>& rules);

// Sets setups, guarded and decides_run of each task. Tasks are in topological order.
void apply_setups(std::vector<Task>& tasks);

// Fills Dag::edge_sets, and has tasks share equal lists. What the other functions here set is set before.
void apply_edge_sets(Dag& dag);

// Fills Task::sizes from Task::mapped_over.
void apply_mapping(std::vector<Task>& tasks);

}  // namespace venturi
