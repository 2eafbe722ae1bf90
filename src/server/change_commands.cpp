// Commands that clear and mark runs and their task instances.
#include <memory>
#include <utility>

#include "server/change_run.h"
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
class SeveralRuns : public std::enable_shared_from_this<SeveralRuns> {
 public:
  using Change = std::function<void(const std::string& run_id, OnChanged on_changed)>;

  SeveralRuns(std::vector<std::string> run_ids, Change change, OnResult on_result)
      : run_ids_(std::move(run_ids)), change_(std::move(change)), on_result_(std::move(on_result)) {}

  void next() {
    if (at_ == run_ids_.size()) {
      return on_result_(
          Value(Object{{"type", "CommandResult"}, {"run", std::move(run_)}, {"task_instances", std::move(rows_)}}));
    }
    change_(run_ids_[at_++], [self = shared_from_this()](Result<engine::Answer> answer) { self->take(answer); });
  }

 private:
  void take(const Result<engine::Answer>& answer) {
    if (!answer) return on_result_(std::unexpected(answer.error()));
    const DagRun& run = answer->run.value();
    for (const TaskInstance& ti : answer->task_instances) {
      rows_.emplace_back(Object{{"run_id", run.run_id},
                                {"task_id", ti.task_id},
                                {"map_index", ti.map_index},
                                {"state", ti.state == TaskState::none ? Value() : Value(std::string(to_string(ti.state)))}});
    }
    run_ = dag_run_value(run);
    next();
  }

  std::vector<std::string> run_ids_;
  Change change_;
  OnResult on_result_;
  std::size_t at_ = 0;
  Value run_;
  Array rows_;
};

void each_run(store::Reader& reader, const Value& command, SeveralRuns::Change change, const OnResult& on_result) {
  auto run_ids = runs_around(reader, command.at("dag_id").as_string(), command.at("run_id").as_string(),
                             command.get_bool("future"), command.get_bool("past"));
  if (!run_ids) return on_result(std::unexpected(std::move(run_ids.error())));
  std::make_shared<SeveralRuns>(std::move(*run_ids), std::move(change), on_result)->next();
}

}  // namespace

void Commands::clear(const Value& command, const OnResult& on_result) {
  if (!need_dag(command, on_result)) return;
  engine::ClearTasks event;
  event.dag_id = command.at("dag_id").as_string();
  event.user = command.get_string("user");
  event.dry_run = command.get_bool("dry_run");
  event.selection.tasks = named_tasks(command);
  event.selection.upstream = command.get_bool("upstream");
  event.selection.downstream = command.get_bool("downstream");
  event.selection.only_failed = command.get_bool("only_failed");
  event.selection.only_running = command.get_bool("only_running");
  each_run(
      reader_, command,
      [this, event](const std::string& run_id, OnChanged on_changed) {
        engine::ClearTasks of_run = event;
        of_run.run_id = run_id;
        change_run(scheduler_, reader_, std::move(of_run), std::move(on_changed));
      },
      on_result);
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
  each_run(
      reader_, command,
      [this, event](const std::string& run_id, OnChanged on_changed) {
        engine::MarkTasks of_run = event;
        of_run.run_id = run_id;
        change_run(scheduler_, reader_, std::move(of_run), std::move(on_changed));
      },
      on_result);
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

}  // namespace venturi::server
