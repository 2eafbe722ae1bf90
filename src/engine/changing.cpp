// Task instances of an active run that are cleared or marked, one after the other, in slices that other runs pass between. From
// the first one on the run's row says what is meant, and a start begins with it anew: what was done already is as it shall be.
//
//   ClearTasks, MarkTasks ─▶ begin_change ─▶ continue_change … ─▶ end_change: the run goes on
//
// Meanwhile the run launches, judges and ends nothing; what its tries say is written down, and counted behind that. What has
// ended and is cleared is taken out of the counts again, so that a change costs what it changes, and not what the run is large.
#include "engine/changing.h"

#include <algorithm>
#include <utility>

#include "engine/engine_state.h"
#include "engine/mapping.h"

namespace venturi::engine {
namespace {

constexpr std::size_t most_told = 10'000;
// Slots that are left alone and cost about as much as one that changes.
constexpr int passed_in_a_unit = 64;

Value value_of(const Change& change) {
  Array tasks, not_chosen;
  for (const TaskSelection::Named& one : change.selection.tasks) {
    Object task{{"task_id", one.task_id}};
    if (one.map_index) task.set("map_index", *one.map_index);
    tasks.emplace_back(std::move(task));
  }
  for (const std::string& task_id : change.not_chosen) not_chosen.emplace_back(task_id);
  Object value{{"tasks", std::move(tasks)},
               {"upstream", change.selection.upstream},
               {"downstream", change.selection.downstream},
               {"only_failed", change.selection.only_failed},
               {"only_running", change.selection.only_running},
               {"user", change.user},
               {"not_chosen", std::move(not_chosen)}};
  if (change.to) value.set("state", std::string(to_string(*change.to)));
  return value;
}

std::string by(const std::string& user) {
  return user.empty() ? std::string() : " by " + user;
}

}  // namespace

Result<Change> make_change(TaskSelection selection, std::optional<TaskState> to, std::string user, const Dag& dag) {
  Change change;
  if (to) {
    auto marked = SelectedTasks::to_mark(selection, dag);
    if (!marked) return std::unexpected(std::move(marked.error()));
    change.marked = std::move(*marked);
  }
  auto cleared = to ? SelectedTasks::failed_below(selection, dag) : SelectedTasks::of(selection, dag);
  if (!cleared) return std::unexpected(std::move(cleared.error()));
  change.cleared = std::move(*cleared);
  change.to = to;
  change.selection = std::move(selection);
  change.user = std::move(user);
  return change;
}

Change change_of(const DagRun& row, const Dag& dag) {
  TaskSelection selection{.upstream = row.change.get_bool("upstream"),
                          .downstream = row.change.get_bool("downstream"),
                          .only_failed = row.change.get_bool("only_failed"),
                          .only_running = row.change.get_bool("only_running")};
  for (const Value& task : row.change.at("tasks").as_array()) {
    const Value* map_index = task.get("map_index");
    selection.tasks.push_back({task.at("task_id").as_string(), {}});
    if (map_index != nullptr) selection.tasks.back().map_index = static_cast<std::int32_t>(map_index->as_int());
  }
  const Value* state = row.change.get("state");
  auto change = make_change(std::move(selection), state == nullptr ? std::nullopt : parse_task_state(state->as_string()),
                            row.change.get_string("user"), dag);
  for (const Value& task_id : row.change.at("not_chosen").as_array()) change->not_chosen.push_back(task_id.as_string());
  return std::move(*change);
}

std::string cause_of_marks(const Change& change) {
  return "marked " + std::string(to_string(change.to.value())) + by(change.user);
}

std::string cause_of_clears(const Change& change) {
  if (!change.to) return "cleared" + by(change.user);
  return "cleared, since " + change.selection.tasks.front().task_id + " was " + cause_of_marks(change);
}

void tell(Change& change, const Run& run, SlotIndex index) {
  // Whoever clears looks for the markers among them.
  if (change.before.size() < most_told || run.declared(index).task_type == "ExternalTaskMarker")
    change.before.push_back(run.task_instance(index));
  ++change.changed;
}

Answer answer_of(Change& change, std::int64_t command, const DagRun& run) {
  return {.command = command, .error = {}, .run = run, .task_instances = std::move(change.before), .changed = change.changed};
}

// A row that is not active has no word of it: its run stays as it ended.
void Engine::State::begin_change(Run& run, Change change) {
  run.change = std::move(change);
  if (!run.change->to) find_not_chosen(run);
  if (!is_finished(run.row.state)) {
    run.row.change = value_of(*run.change);
    mark(run);
  }
  go_on_with_change(run);
  past_changed(run);
}

// Also after a start.
void Engine::State::go_on_with_change(Run& run) {
  for (const std::string& task_id : run.change->not_chosen) {
    run.change->stays_skipped.resize(run.dag->tasks.size());
    run.change->stays_skipped[run.dag->find_task(task_id).value()] = true;
  }
  // What is to be expanded is asked for its rule again, as what stands above it may be cleared.
  std::erase_if(run.expansions, [&](const Expansion& expansion) {
    if (expansion.next > 0 || constant_length(run.dag->tasks[expansion.task])) return false;
    run.progress[expansion.task].will_expand = false;
    run.to_judge.push_back(expansion.task);
    return true;
  });
  find_place(run);  // it has none any more
  add_work(run);
}

// A branch above it that is not cleared has not chosen it, and holds to that (Airflow's NotPreviouslySkippedDep): it was
// skipped though its rule would have let it run.
void Engine::State::find_not_chosen(Run& run) {
  Change& change = *run.change;
  const auto tasks = static_cast<TaskIndex>(run.progress.size());
  std::vector<bool> holds(tasks);
  for (TaskIndex task = 0; task < tasks; ++task) {
    const TaskSlot& branch = run.slots[run.first_slot(task)];
    holds[task] = branch.state == TaskState::success && !change.clears(branch) &&
                  run.dag->tasks[task].serialized.get_bool("_can_skip_downstream");
  }
  if (std::ranges::find(holds, true) == holds.end()) return;
  for (TaskIndex task = 0; task < tasks; ++task) {
    const SlotIndex first = run.first_slot(task);
    const TaskSlot& slot = run.slots[first];
    if (slot.is_absent || slot.state != TaskState::skipped || slot.try_number > 0 || !change.clears(slot)) continue;
    const bool has_branch =
        std::ranges::any_of(run.declared(first).upstream, [&](TaskIndex above) { return above < tasks && holds[above]; });
    if (has_branch && verdict_of(run, first) == Verdict::run) change.not_chosen.push_back(run.dag->tasks[task].task_id);
  }
}

// One slot that changes, or some that are passed over. Units of work done.
int Engine::State::continue_change(Run& run, Time now) {
  Change& change = *run.change;
  for (int passed = 0; passed < passed_in_a_unit; ++passed) {
    if (change.next == run.slots.size()) {
      end_change(run, now);
      return 1;
    }
    if (change_slot(run, change.next++, now)) return 2;  // its row, and that of the try which it had
  }
  return 1;
}

bool Engine::State::change_slot(Run& run, SlotIndex index, Time now) {
  Change& change = *run.change;
  TaskSlot& slot = run.slots[index];
  if (slot.is_absent) return false;
  const bool is_marked = change.marks(slot);
  if (is_marked || (!change.to && change.clears(slot))) {
    if (change.command) tell(change, run, index);
  } else if (!change.clears(slot)) {
    return false;
  }
  if (is_marked) mark_instance(run, index, *change.to, cause_of_marks(change), now);
  if (!change.clears(slot)) return true;
  const bool stays_skipped = slot.state == TaskState::skipped && slot.try_number == 0 && !change.stays_skipped.empty() &&
                             change.stays_skipped[slot.task];
  clear_instance(run, index, cause_of_clears(change), now);
  if (stays_skipped) mark_instance(run, index, TaskState::skipped, "its branch has not chosen it", now);
  return true;
}

void Engine::State::end_change(Run& run, Time now) {
  Change change = std::move(*std::exchange(run.change, std::nullopt));
  if (!run.row.change.is_null()) {
    run.row.change = {};
    mark(run);
  }
  if (change.command) effects.emplace_back(answer_of(change, *change.command, run.row));
  past_changed(run);  // also of one that stays as it ended: who asked meanwhile saw half of it
  if (is_finished(run.row.state)) return;
  find_place(run);
  add_work(run);
  if (run.row.state == RunState::running && !has_work(run)) end_if_done(run, now);
}

}  // namespace venturi::engine
