// Priority weights. Each task below counts once, however many ways lead to it, so sums of sums would be wrong. The sets of
// descendants are found for 64 tasks at a time: each of them is a bit in a mask that is handed from task to task, against the
// order. That is a walk over the edges above those 64, and needs no memory for whole sets.
#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "model/dag_graph.h"

namespace venturi {
namespace {

constexpr std::size_t block_size = 64;

// Adds, to each task, the weights of all tasks from which it is reached by `next` (never the task itself). `next` leads
// strictly to lower positions; position p is tasks[at(p)].
template <class At, class Next>
void add_reachers(const std::vector<Task>& tasks, const std::vector<std::int64_t>& own, std::vector<std::int64_t>& sums, At at,
                  Next next) {
  std::vector<std::uint64_t> masks(tasks.size());
  for (std::size_t begin = 0; begin < tasks.size(); begin += block_size) {
    const std::size_t end = std::min(begin + block_size, tasks.size());
    bool any = false;
    for (std::size_t p = begin; p < end; ++p) any = any || !next(tasks[at(p)]).empty();
    if (!any) continue;
    const std::int64_t first = own[at(begin)];
    bool all_same = true;  // nearly always: 1
    for (std::size_t p = begin; p < end; ++p) all_same = all_same && own[at(p)] == first;
    for (std::size_t p = end; p-- > 0;) {
      const std::size_t task = at(p);
      std::uint64_t mask = std::exchange(masks[task], 0);
      if (all_same) {
        sums[task] += first * std::popcount(mask);
      } else {
        for (std::uint64_t rest = mask; rest != 0; rest &= rest - 1) {
          sums[task] += own[at(begin + static_cast<std::size_t>(std::countr_zero(rest)))];
        }
      }
      if (p >= begin) mask |= std::uint64_t{1} << (p - begin);
      if (mask == 0) continue;
      for (const TaskIndex reached : next(tasks[task])) masks[reached] |= mask;
    }
  }
}

}  // namespace

int clip_weight(std::int64_t weight) {
  using Limits = std::numeric_limits<std::int32_t>;
  return static_cast<int>(std::clamp<std::int64_t>(weight, Limits::min(), Limits::max()));
}

std::optional<WeightRule> parse_weight_rule(std::string_view word) {
  if (word == "downstream") return WeightRule::downstream;
  if (word == "upstream") return WeightRule::upstream;
  if (word == "absolute") return WeightRule::absolute;
  return std::nullopt;
}

void apply_weight_rules(std::vector<Task>& tasks, const std::vector<WeightRule>& rules) {
  std::vector<std::int64_t> own;
  own.reserve(tasks.size());
  for (const Task& task : tasks) own.push_back(task.priority_weight);
  std::vector<std::int64_t> below = own, above = own;
  if (std::ranges::find(rules, WeightRule::downstream) != rules.end()) {
    add_reachers(
        tasks, own, below, [](std::size_t p) { return p; }, [](const Task& task) -> const TaskList& { return task.upstream; });
  }
  if (std::ranges::find(rules, WeightRule::upstream) != rules.end()) {
    add_reachers(
        tasks, own, above, [&](std::size_t p) { return tasks.size() - 1 - p; },
        [](const Task& task) -> const TaskList& { return task.downstream; });
  }
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (rules[i] == WeightRule::downstream) tasks[i].priority_weight = clip_weight(below[i]);
    if (rules[i] == WeightRule::upstream) tasks[i].priority_weight = clip_weight(above[i]);
  }
}

}  // namespace venturi
