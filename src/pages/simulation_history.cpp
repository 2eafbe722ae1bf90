// What tasks are assumed to do: what they did in the newest runs, and what the options say over it.
#include <algorithm>
#include <map>
#include <utility>

#include "base/edit_distance.h"
#include "pages/simulation.h"

namespace venturi::pages {
namespace {

constexpr int runs_to_learn_from = 20;
constexpr std::string_view by_branch = "skipped by ";  // as the engine writes it

// The newest run that has a list says how long it is.
Result<void> learn_lengths(sim::Assumptions& assumptions, store::Reader& reader, const DagRun& run) {
  const auto lengths = reader.xcom_lengths(run.no);
  if (!lengths) return std::unexpected(lengths.error());
  for (const XComLength& length : *lengths) {
    auto& known = assumptions.tasks[{run.dag_id, length.task_id}].length;
    if (!known) known = std::max(length.length, 0);
  }
  return {};
}

Result<void> learn_branches(sim::Assumptions& assumptions, store::Reader& reader, const DagRun& run,
                            const std::vector<TaskInstance>& task_instances) {
  if (std::ranges::none_of(task_instances, [](const TaskInstance& ti) { return ti.state == TaskState::skipped; })) return {};
  const auto history = reader.history(run.no);
  if (!history) return std::unexpected(history.error());
  for (const auto& [at, transition] : *history) {
    if (transition.to != TaskState::skipped || !transition.cause.starts_with(by_branch)) continue;
    const auto ti = std::ranges::find(task_instances, transition.task_instance, &TaskInstance::no);
    if (ti == task_instances.end() || ti->state != TaskState::skipped) continue;
    auto& skips = assumptions.tasks[{run.dag_id, transition.cause.substr(by_branch.size())}].skips;
    if (std::ranges::find(skips, ti->task_id) == skips.end()) skips.push_back(ti->task_id);
  }
  return {};
}

using Durations = std::map<std::string, std::vector<Duration>>;  // by task_id

void learn_durations(Durations& durations, const std::vector<TaskInstance>& tries) {
  for (const TaskInstance& ti : tries) {
    const bool ran = ti.state == TaskState::success || ti.state == TaskState::failed;
    if (ran && ti.start_date && ti.end_date)
      durations[ti.task_id].push_back(std::max(*ti.end_date - *ti.start_date, Duration{}));
  }
}

bool is_named(const std::string& name, const Dag& dag, const Task& task) {
  return name == task.task_id || name == dag.dag_id + "." + task.task_id;
}

template <class Value, class Put>
Result<void> put_all(const std::vector<ForTask<Value>>& named, std::string_view option,
                     const std::vector<std::shared_ptr<const Dag>>& dags, const Put& put) {
  for (const auto& [name, value] : named) {
    bool is_there = false;
    std::vector<std::string> known;
    for (const auto& dag : dags) {
      for (const Task& task : dag->tasks) {
        known.push_back(task.task_id);
        known.push_back(dag->dag_id + "." + task.task_id);
        if (!is_named(name, *dag, task)) continue;
        is_there = true;
        put(sim::Assumptions::TaskKey{dag->dag_id, task.task_id}, value);
      }
    }
    if (is_there) continue;
    const std::string near = nearest(name, known);
    return fail(ErrorKind::not_found, "--" + std::string(option) + ": there is no task " + name, "venturi dags simulate",
                near.empty() ? "name it TASK, or DAG.TASK; see: venturi tasks list DAG" : "did you mean " + near + "?");
  }
  return {};
}

}  // namespace

Result<void> learn(sim::Assumptions& assumptions, store::Reader& reader, const Dag& dag) {
  store::RunFilter filter;
  filter.dag_id = dag.dag_id;
  filter.limit = runs_to_learn_from;
  const auto runs = reader.runs(filter);
  if (!runs) return std::unexpected(runs.error());
  const bool has_lists = std::ranges::any_of(dag.tasks, [](const Task& task) { return !task.mapped_keys.empty(); });
  Durations durations;
  bool is_last = true;
  for (const DagRun& run : *runs) {
    const auto task_instances = reader.task_instances(run.no);
    if (!task_instances) return std::unexpected(task_instances.error());
    learn_durations(durations, *task_instances);
    const auto earlier = reader.ended_tries(run.no);
    if (!earlier) return std::unexpected(earlier.error());
    learn_durations(durations, *earlier);
    if (has_lists) {
      if (auto learned = learn_lengths(assumptions, reader, run); !learned) return learned;
    }
    if (!is_finished(run.state) || !std::exchange(is_last, false)) continue;
    if (auto learned = learn_branches(assumptions, reader, run, *task_instances); !learned) return learned;
  }
  for (auto& [task_id, of] : durations) {
    const auto middle = of.begin() + static_cast<std::ptrdiff_t>(of.size() / 2);
    std::ranges::nth_element(of, middle);
    assumptions.tasks[{dag.dag_id, task_id}].duration = *middle;
  }
  return {};
}

Result<void> assume(sim::Assumptions& assumptions, const SimulateOptions& options,
                    const std::vector<std::shared_ptr<const Dag>>& dags) {
  auto put = put_all(options.durations, "assume", dags,
                     [&](const auto& task, Duration duration) { assumptions.tasks[task].duration = duration; });
  if (put)
    put =
        put_all(options.failing, "fail", dags, [&](const auto& task, double rate) { assumptions.tasks[task].failing = rate; });
  if (put)
    put = put_all(options.lengths, "assume-length", dags,
                  [&](const auto& task, std::int32_t length) { assumptions.tasks[task].length = length; });
  return put;
}

}  // namespace venturi::pages
