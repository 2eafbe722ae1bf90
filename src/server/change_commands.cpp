// Commands that clear and mark runs and their task instances.
#include <memory>
#include <utility>

#include "server/change_run.h"
#include "server/clear_across.h"
#include "server/commands.h"
#include "server/execute_task.h"

namespace venturi::server {
namespace {

std::vector<TaskSelection::Named> named_tasks(const Value& command) {
  std::vector<TaskSelection::Named> named;
  const Value* tasks = command.get("tasks");
  if (tasks == nullptr) return named;
  for (const Value& task : tasks->as_array()) {
    const Value* map_index = task.get("map_index");
    named.push_back({task.at("task_id").as_string(), {}});
    if (map_index != nullptr) named.back().map_index = static_cast<std::int32_t>(map_index->as_int());
  }
  return named;
}

// One run after the other, and what became of them together. The first that is refused ends it: those before it are changed.
template <class Change>
class SeveralRuns : public std::enable_shared_from_this<SeveralRuns<Change>> {
 public:
  SeveralRuns(Scheduler& scheduler, store::Reader& reader, std::vector<Change> changes, OnResult on_result)
      : scheduler_(scheduler), reader_(reader), changes_(std::move(changes)), on_result_(std::move(on_result)) {}

  void next() {
    if (at_ == changes_.size()) {
      return on_result_(Value(Object{
          {"type", "CommandResult"}, {"run", std::move(run_)}, {"task_instances", std::move(rows_)}, {"changed", changed_}}));
    }
    change_run(scheduler_, reader_, std::move(changes_[at_++]),
               [self = this->shared_from_this()](Result<engine::Answer> answer) { self->take(answer); });
  }

 private:
  void take(const Result<engine::Answer>& answer) {
    if (!answer) return on_result_(std::unexpected(answer.error()));
    const DagRun& run = answer->run.value();
    for (const TaskInstance& ti : answer->task_instances) {
      rows_.emplace_back(Object{{"dag_id", run.dag_id},
                                {"run_id", run.run_id},
                                {"task_id", ti.task_id},
                                {"map_index", ti.map_index},
                                {"state", ti.state == TaskState::none ? Value() : Value(std::string(to_string(ti.state)))}});
    }
    changed_ += answer->changed;
    if (run_.is_null() || run.dag_id == changes_.front().dag_id) run_ = dag_run_value(run);
    next();
  }

  Scheduler& scheduler_;
  store::Reader& reader_;
  std::vector<Change> changes_;
  OnResult on_result_;
  std::size_t at_ = 0;
  Value run_;
  Array rows_;
  std::int64_t changed_ = 0;
};

// `change` for the runs that the command means.
template <class Change>
Result<std::vector<Change>> for_each_run(store::Reader& reader, const Value& command, const Change& change) {
  auto run_ids = runs_around(reader, command.at("dag_id").as_string(), command.at("run_id").as_string(),
                             command.get_bool("future"), command.get_bool("past"));
  if (!run_ids) return std::unexpected(std::move(run_ids.error()));
  std::vector<Change> changes(run_ids->size(), change);
  for (std::size_t i = 0; i < changes.size(); ++i) changes[i].run_id = std::move((*run_ids)[i]);
  return changes;
}

}  // namespace

void Commands::clear(const Value& command, const OnResult& on_result) {
  if (!need_dag(command, on_result)) return;
  engine::ClearTasks event;
  event.dag_id = command.at("dag_id").as_string();
  event.user = command.get_string("user");
  event.dry_run = command.get_bool("dry_run");
  event.wants_rows = event.dry_run || command.get_bool("wants_rows", true);
  event.selection.tasks = named_tasks(command);
  event.selection.upstream = command.get_bool("upstream");
  event.selection.downstream = command.get_bool("downstream");
  event.selection.only_failed = command.get_bool("only_failed");
  event.selection.only_running = command.get_bool("only_running");
  if (const Value* latest = command.get("run_on_latest_version")) event.latest_version = latest->as_bool();
  auto clears = for_each_run(reader_, command, event);
  if (!clears) return on_result(std::unexpected(std::move(clears.error())));
  find_all_to_clear(scheduler_, reader_, std::move(*clears), [this, on_result](Result<std::vector<engine::ClearTasks>> all) {
    if (!all) return on_result(std::unexpected(std::move(all.error())));
    std::make_shared<SeveralRuns<engine::ClearTasks>>(scheduler_, reader_, std::move(*all), on_result)->next();
  });
}

void Commands::set_task_state(const Value& command, const OnResult& on_result) {
  if (!need_dag(command, on_result)) return;
  engine::MarkTasks event;
  event.dag_id = command.at("dag_id").as_string();
  event.user = command.get_string("user");
  event.dry_run = command.get_bool("dry_run");
  event.tasks = named_tasks(command);
  event.upstream = command.get_bool("upstream");
  event.downstream = command.get_bool("downstream");
  const std::string word = command.at("state").as_string();
  const auto state = parse_task_state(word);
  if (state != TaskState::success && state != TaskState::failed && state != TaskState::skipped)
    return on_result(
        fail(ErrorKind::invalid, "a task cannot be marked '" + word + "'", "", "mark it success, failed or skipped"));
  if (event.tasks.empty()) return on_result(fail(ErrorKind::invalid, "no task is named", "dag " + event.dag_id, "name one"));
  event.state = *state;
  auto marks = for_each_run(reader_, command, event);
  if (!marks) return on_result(std::unexpected(std::move(marks.error())));
  std::make_shared<SeveralRuns<engine::MarkTasks>>(scheduler_, reader_, std::move(*marks), on_result)->next();
}

void Commands::set_run_state(const Value& command, const OnResult& on_result) {
  if (!need_dag(command, on_result)) return;
  engine::MarkRun event;
  event.dag_id = command.at("dag_id").as_string();
  event.run_id = command.at("run_id").as_string();
  event.user = command.get_string("user");
  const std::string word = command.at("state").as_string();
  const auto state = parse_run_state(word);
  if (!state || *state == RunState::running)
    return on_result(
        fail(ErrorKind::invalid, "a run cannot be marked '" + word + "'", "", "mark it queued, success or failed"));
  event.state = *state;
  change_run(scheduler_, reader_, std::move(event), [on_result](const Result<engine::Answer>& answer) {
    if (!answer) return on_result(std::unexpected(answer.error()));
    on_result(Value(Object{{"type", "CommandResult"}, {"run", dag_run_value(answer->run.value())}}));
  });
}

void Commands::forget_partition(const Value& command, const OnResult& on_result) {
  engine::ForgetPartition event;
  event.dag_id = command.at("dag_id").as_string();
  event.run_id = command.at("run_id").as_string();
  change_run(scheduler_, reader_, std::move(event), [on_result](const Result<engine::Answer>& answer) {
    if (!answer) return on_result(std::unexpected(answer.error()));
    on_result(Value(Object{{"type", "CommandResult"}, {"run", dag_run_value(answer->run.value())}}));
  });
}

}  // namespace venturi::server
