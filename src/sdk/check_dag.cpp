// What is wrong with a DAG, told so that its author can mend it.
#include <algorithm>
#include <stdexcept>
#include <tuple>
#include <unordered_map>

#include "sdk/dag_node.h"
#include "sdk/options.h"
#include "sdk/serialize.h"

namespace venturi::inline sdk::internal {
namespace {

using detail::add_mistake;
using detail::DagNode;
using detail::TaskInput;
using detail::TaskKind;
using detail::TaskNode;

std::string count(std::size_t n, const char* what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

void check_inputs(TaskNode& task) {
  if (task.own != nullptr) return;  // its fields are its inputs
  const std::size_t wanted = task.function->parameters, given = task.inputs.size();
  if (given == wanted) return;
  if (given == 0) {
    return add_mistake(task,
                       "its function has " + count(wanted, "parameter") +
                           " and got no input: give one for each in a second pair of parentheses, dag.task<f>()(first, ...)");
  }
  add_mistake(task, "its function has " + count(wanted, "parameter") + " and got " + count(given, "input") +
                        ": give them once, in one pair of parentheses");
}

bool has_members(const detail::Type& type) {
  return type.field_count > 0 || type.name == "map" || type.name == "Value";
}

void check_function(TaskNode& task) {
  check_inputs(task);
  if (task.kind != TaskKind::plain && !task.axes.empty()) {
    add_mistake(task,
                "branches and short circuits cannot be mapped: take expand() away, or let a mapped task decide before it");
  }
  if (task.kind == TaskKind::branch && task.downstream.empty()) {
    add_mistake(task, "nothing is below this branch that it could choose: write branch >> task for each choice");
  }
  if (!task.multiple_outputs) return;
  if (task.kind != TaskKind::plain || task.function->result == nullptr || !has_members(*task.function->result)) {
    add_mistake(task, "multiple_outputs needs a function that returns a VENTURI_STRUCT or a std::map<std::string, ...>");
  }
}

// Of a built-in operator: {"__type": "xcomref", "__var": {"type": "item", "axis": 0, "list": 0}} within a field.
bool takes_computed_item(const TaskNode& task, const Value& field) {
  if (field.is_array()) {
    return std::any_of(field.as_array().begin(), field.as_array().end(),
                       [&](const Value& item) { return takes_computed_item(task, item); });
  }
  if (!field.is_object()) return false;
  const Value* item = field.get_string("__type") == "xcomref" ? field.get("__var") : nullptr;
  const auto& axes = axes_of(task);
  if (item != nullptr && item->get_string("type") == "item") {
    const auto axis = static_cast<std::size_t>(item->get_int("axis"));
    return axis < axes.size() && is_computed(zipped_part(axes[axis].node(), static_cast<int>(item->get_int("list"))));
  }
  return std::any_of(field.as_object().begin(), field.as_object().end(),
                     [&](const auto& member) { return takes_computed_item(task, member.second); });
}
bool takes_computed_item(const TaskNode& task) {
  if (task.function != nullptr) return false;
  if (task.expands_kwargs && is_computed(task.axes.front().node())) return true;
  return std::any_of(task.fields.begin(), task.fields.end(),
                     [&](const auto& field) { return takes_computed_item(task, field.second); });
}

// The rules are Airflow's; what is taken out of a group is a list, and the types of C++ have to say so.
void check_mapping(TaskNode& task) {
  if (const detail::GroupNode* group = mapped_group_of(task)) {
    if (!task.axes.empty()) {
      add_mistake(task, "operator expansion in an expanded task group (" + group->group_id +
                            ") is not yet supported: take one of the two expand() away, or map the group over all "
                            "combinations");
    }
    if (task.options.trigger_rule.value_or(TriggerRule::all_success) == TriggerRule::always) {
      add_mistake(task,
                  "trigger_rule always is not allowed in a mapped task group, whose tasks cannot run before it is known how "
                  "many there are: take another rule, such as all_done");
    }
  }
  if (takes_computed_item(task)) {
    add_mistake(task,
                "a built-in operator takes an item of map(), which only this program can compute: make a task of the function, "
                "dag.task<function>()(expand(list)), and expand over its results");
  }
  for (const TaskInput& input : task.inputs) {
    if (input.from == nullptr || mapped_group_of(*input.from) == nullptr) continue;
    const std::string of = "the output of " + input.from->task_id;
    if (input.gathers && are_mapped_together(task, *input.from)) {
      add_mistake(task,
                  "it takes " + of + " from all instances, and stands in the same mapped task group: take it behind the group");
    } else if (!input.gathers && !are_mapped_together(task, *input.from)) {
      add_mistake(task, "it takes " + of +
                            ", of which there is one for each item that its task group is mapped over: take all of "
                            "them with gather(), or return it from the group's function");
    }
  }
}

void check_callbacks(TaskNode& task) {
  for (const Callback& callback : task.options.on_execute_callback.list()) {
    if (!callback.is_function()) {
      return add_mistake(task, "on_execute_callback takes functions: a notifier is not run before a task");
    }
  }
  if (task.function == nullptr && !task.options.on_execute_callback.list().empty()) {
    add_mistake(task, "on_execute_callback runs in the process of a task's function, and a built-in operator has none");
  }
}

template <class T>
void at_least(TaskNode& task, std::string_view name, const Option<T>& value, T least, std::string_view least_text) {
  if (value && *value < least) add_mistake(task, std::string(name) + " has to be at least " + std::string(least_text));
}

void check_dates(TaskNode& task) {
  std::optional<Time> times[2];
  for (const auto& [name, date, time] : {std::tuple("start_date", &task.options.start_date, &times[0]),
                                         std::tuple("end_date", &task.options.end_date, &times[1])}) {
    try {
      *time = time_of(*date, task.dag->options);
    } catch (const std::invalid_argument& e) {
      add_mistake(task, std::string(name) + ": " + e.what());
    }
  }
  if (times[0] && times[1] && *times[1] < *times[0]) add_mistake(task, "its end_date is before its start_date");
}

void check_options(TaskNode& task) {
  const TaskOptions& o = task.options;
  at_least(task, "retries", o.retries, 0, "0");
  at_least(task, "retries_on_loss", o.retries_on_loss, 0, "0");
  at_least(task, "retry_delay", o.retry_delay, Duration::zero(), "0");
  at_least(task, "retry_exponential_backoff", o.retry_exponential_backoff, 0.0, "0");
  at_least(task, "max_retry_delay", o.max_retry_delay, Duration::zero(), "0");
  at_least(task, "execution_timeout", o.execution_timeout, Duration(1), "a microsecond; leave it out for none");
  at_least(task, "pool_slots", o.pool_slots, 1, "1");
  at_least(task, "max_active_tis_per_dag", o.max_active_tis_per_dag, 1, "1");
  at_least(task, "max_active_tis_per_dagrun", o.max_active_tis_per_dagrun, 1, "1");
  check_dates(task);
  // As Airflow's FailFastDagInvalidTriggerRule.
  if (task.dag->options.fail_fast && o.trigger_rule.value_or(TriggerRule::all_success) != TriggerRule::all_success) {
    add_mistake(task,
                "in a DAG with fail_fast every trigger_rule is all_success, not " + std::string(to_string(*o.trigger_rule)));
  }
}

// Depth first, with the path from the first task on; the first cycle is enough.
class CycleSearch {
 public:
  explicit CycleSearch(DagNode& dag) : dag_(dag) {}
  void run() {
    for (const auto& task : dag_.tasks) {
      if (marks_[task.get()] == Mark::none && finds_cycle(*task)) return;
    }
  }

 private:
  enum class Mark : std::uint8_t { none, on_path, done };
  struct Step {
    TaskNode* task;
    std::size_t next = 0;
  };

  bool finds_cycle(TaskNode& start) {
    std::vector<Step> path{{&start}};
    marks_[&start] = Mark::on_path;
    while (!path.empty()) {
      Step& step = path.back();
      if (step.next == step.task->downstream.size()) {
        marks_[step.task] = Mark::done;
        path.pop_back();
        continue;
      }
      TaskNode* below = step.task->downstream[step.next++];
      const Mark mark = marks_[below];
      if (mark == Mark::on_path) {
        tell(path, below);
        return true;
      }
      if (mark == Mark::none) {
        marks_[below] = Mark::on_path;
        path.push_back({below});
      }
    }
    return false;
  }

  void tell(const std::vector<Step>& path, const TaskNode* closing) {
    constexpr std::size_t shown = 20;
    auto at = std::find_if(path.begin(), path.end(), [&](const Step& s) { return s.task == closing; });
    std::string text = "its tasks form a cycle: ";
    for (std::size_t n = 0; at != path.end(); ++at, ++n) {
      if (n < shown)
        text += at->task->task_id + " -> ";
      else if (n == shown)
        text += "... -> ";
    }
    dag_.mistakes.push_back(text + closing->task_id + "; take one of these dependencies away");
  }

  DagNode& dag_;
  std::unordered_map<const TaskNode*, Mark> marks_;
};

void check_deadlines(DagNode& dag) {
  using Kind = DeadlineReference::Kind;
  for (std::size_t i = 0; i < dag.options.deadline.size(); ++i) {
    const DeadlineAlert& alert = dag.options.deadline[i];
    const std::string which = "deadline " + (alert.name.empty() ? std::to_string(i + 1) : "'" + alert.name + "'");
    const DeadlineReference& reference = alert.reference;
    if (alert.callback.list().empty()) dag.mistakes.push_back(which + " has no callback: nobody would be told of it");
    if (reference.kind() == Kind::fixed_datetime) {
      try {
        if (!time_of(reference.date(), dag.options)) dag.mistakes.push_back(which + " has no date");
      } catch (const std::invalid_argument& e) {
        dag.mistakes.push_back(which + ": " + e.what());
      }
    }
    if (reference.kind() == Kind::average_runtime &&
        (reference.min_runs() < 1 || reference.max_runs() < reference.min_runs())) {
      dag.mistakes.push_back(which + " goes by the average of " + std::to_string(reference.min_runs()) + " to " +
                             std::to_string(reference.max_runs()) + " runs; say at least 1, and max_runs not below min_runs");
    }
  }
}

}  // namespace

void check_dag(DagNode& dag) {
  const auto at_least_one = [&](std::string_view name, const Option<int>& value) {
    if (value && *value < 1) dag.mistakes.push_back(std::string(name) + " has to be at least 1");
  };
  at_least_one("max_active_runs", dag.options.max_active_runs);
  at_least_one("max_active_tasks", dag.options.max_active_tasks);
  if (dag.options.max_consecutive_failed_dag_runs.value_or(0) < 0) {
    dag.mistakes.emplace_back("max_consecutive_failed_dag_runs has to be at least 0, which means as configured");
  }
  if (dag.options.dagrun_timeout && *dag.options.dagrun_timeout <= Duration::zero()) {
    dag.mistakes.emplace_back("dagrun_timeout has to be above 0; leave it out for none");
  }
  check_deadlines(dag);
  check_schedule(dag.options, dag.mistakes);
  for (const auto& task : dag.tasks) {
    if (task->function != nullptr) check_function(*task);
    check_mapping(*task);
    check_callbacks(*task);
    check_options(*task);
  }
  for (const auto& group : dag.groups) {
    const detail::GroupNode* around = group->around;
    while (around != nullptr && around->axes.empty()) around = around->around;
    if (!group->axes.empty() && around != nullptr) {
      dag.mistakes.push_back(
          "task group " + group->group_id + " is mapped, and stands in mapped task group " + around->group_id +
          ": nested mapped task groups are not yet supported; map the outer one over all combinations, expand() takes "
          "several lists");
    }
    if (dag.find(group->group_id) != nullptr) {
      dag.mistakes.push_back("task group " + group->group_id + " has the id of a task: give each an id of its own");
    }
  }
  CycleSearch(dag).run();
}

}  // namespace venturi::inline sdk::internal
