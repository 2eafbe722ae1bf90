// Branches and short circuits: what is skipped below them. As in Airflow's SkipMixin (sdk/bases/skipmixin.py), the choice is
// also kept as the XCom "skipmixin_key", so that tasks that are cleared later follow it.
#include <algorithm>
#include <unordered_set>

#include "sdk/task_run.h"

namespace venturi::inline sdk::internal {
namespace {

using detail::TaskNode;
using NodeSet = std::unordered_set<const TaskNode*>;

constexpr std::string_view marker_key = "skipmixin_key";

void add_all_below(const TaskNode& task, NodeSet& found) {
  std::vector<const TaskNode*> waiting{&task};
  while (!waiting.empty()) {
    const TaskNode* next = waiting.back();
    waiting.pop_back();
    for (const TaskNode* below : next->downstream) {
      if (found.insert(below).second) waiting.push_back(below);
    }
  }
}

// "a, b, c"
std::string ids_of(const std::vector<TaskNode*>& tasks) {
  std::string text;
  for (const TaskNode* task : tasks) text += (text.empty() ? "" : ", ") + task->task_id;
  return text;
}

// A task, or the first tasks of a group.
std::vector<const TaskNode*> tasks_named(const TaskNode& branch, const std::string& id) {
  if (const TaskNode* task = branch.dag->find(id)) return {task};
  for (const auto& group : branch.dag->groups) {
    if (group->group_id != id) continue;
    const std::vector<TaskNode*> first = roots_of(*group);
    return {first.begin(), first.end()};
  }
  throw std::runtime_error("the branch chose \"" + id + "\", and the DAG has no such task or task group; it can choose " +
                           ids_of(branch.downstream));
}

// The chosen ones, and all that is below them: what joins behind a branch runs whichever way was taken.
NodeSet followed_by(const TaskNode& branch, const Value& choice, detail::LogSink& log) {
  Array one;
  if (choice.is_string()) one.push_back(choice);
  const Array& ids = choice.is_array() ? choice.as_array() : one;
  NodeSet followed;
  for (const Value& id : ids) {
    for (const TaskNode* chosen : tasks_named(branch, id.as_string())) {
      if (std::find(branch.downstream.begin(), branch.downstream.end(), chosen) == branch.downstream.end()) {
        log.write(LogLevel::warning, "the branch chose \"" + id.as_string() + "\", and " + chosen->task_id +
                                         " is not directly below it, so what is may be skipped; directly below are " +
                                         ids_of(branch.downstream));
      }
      followed.insert(chosen);
      add_all_below(*chosen, followed);
    }
  }
  return followed;
}

}  // namespace

TaskRun::End TaskRun::branch(const Value& choice) {
  const NodeSet followed = followed_by(*task_, choice, data_.log_sink);
  Array skipped, kept;
  for (const TaskNode* below : task_->downstream) {
    if (followed.contains(below))
      kept.emplace_back(below->task_id);
    else
      skipped.emplace_back(Array{Value(below->task_id), Value(data_.map_index)});
  }
  data_.log_sink.write(LogLevel::info, "Branch into " + (choice.is_null() ? std::string("nothing") : to_json(choice)));
  End end = skip_below("followed", std::move(kept), std::move(skipped));
  // As in Airflow the choice itself is an XCom only where nothing was skipped.
  if (end.messages.size() == 2 && !choice.is_null())
    end.messages.insert(end.messages.begin() + 1, set_xcom("return_value", choice));
  return end;
}

TaskRun::End TaskRun::short_circuit(bool goes_on, Value result) {
  data_.log_sink.write(LogLevel::info, goes_on ? "Proceeding with downstream tasks..." : "Skipping downstream tasks");
  if (goes_on || task_->downstream.empty()) return success(std::move(result));
  std::vector<std::string> ids;
  if (task_->options.ignore_downstream_trigger_rules.value_or(true)) {
    NodeSet below;
    add_all_below(*task_, below);
    for (const TaskNode* task : below) {
      if (!task->is_teardown) ids.push_back(task->task_id);
    }
  } else {
    for (const TaskNode* task : task_->downstream) {
      if (!task->is_teardown) ids.push_back(task->task_id);
    }
  }
  std::sort(ids.begin(), ids.end());
  const Array list(ids.begin(), ids.end());
  return skip_below("skipped", list, list);
}

TaskRun::End TaskRun::skip_below(const char* marker, Array marked, Array skipped) {
  End end{.event = "success", .messages = {}, .error = {}};
  end.messages.push_back(set_xcom(marker_key, Object{{marker, std::move(marked)}}));
  if (!skipped.empty()) end.messages.emplace_back(Object{{"type", "SkipDownstreamTasks"}, {"tasks", std::move(skipped)}});
  end.messages.push_back(succeed());
  return end;
}

}  // namespace venturi::inline sdk::internal
