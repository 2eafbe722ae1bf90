// The state that follows from rows: after a start of all active runs, and of one run where task instances of it were cleared.
#include <algorithm>
#include <utility>

#include "engine/changing.h"
#include "engine/engine_state.h"
#include "engine/mapping.h"
#include "schedule/timetable.h"

namespace venturi::engine {

void Engine::State::load(Snapshot snapshot) {
  next_run = snapshot.next_run;
  next_task_instance = snapshot.next_task_instance;
  next_outbox = snapshot.next_outbox;
  next_sequence = snapshot.next_sequence;
  load_pools(std::move(snapshot.pools));
  load_assets(snapshot);

  std::map<std::string, std::shared_ptr<const Dag>, std::less<>> versions;
  for (auto& dag : snapshot.older_versions) versions.emplace(dag->version_id, dag);
  for (auto& dag : snapshot.dags) {
    versions.insert_or_assign(dag->version_id, dag);
    DagMachine& m = machine_of(dag->dag_id);
    m.row.is_paused = dag->is_paused_upon_creation.value_or(config.dags_are_paused_at_creation);
    m.is_gone = false;
    auto timetable = schedule::make_timetable(dag->timetable, *config.zones);
    m.timetable = timetable ? std::move(*timetable) : nullptr;
    m.dag = std::move(dag);
  }
  for (DagState& row : snapshot.dag_states) machine_of(row.dag_id).row = std::move(row);
  next_backfill = snapshot.next_backfill;
  for (Backfill& row : snapshot.backfills) know_backfill(std::move(row));
  std::map<RunNo, std::vector<const XComLength*>> lengths;
  for (const XComLength& length : snapshot.xcom_lengths) lengths[length.run].push_back(&length);
  std::size_t next_row = 0;
  for (DagRun& row : snapshot.runs) {
    const auto& dag = versions.at(row.dag_version_id);
    Run& run = load_run(std::move(row), dag, snapshot.task_instances, next_row);
    take_up_slots(run);
    load_lengths(run, lengths[run.row.no]);
    connect_run(run);
    if (run.row.change.is_null()) continue;
    run.change = change_of(run.row, *run.dag);
    go_on_with_change(run);
  }
  for (OutboxEntry& entry : snapshot.outbox) {
    if (entry.next_attempt_at) timers.add({*entry.next_attempt_at, Timer::Kind::delivery_due, entry.no, 0});
    const std::int64_t no = entry.no;
    if (is_pending_deadline(entry)) deadlines.emplace(entry.run, no);
    outbox.emplace(no, Owed{std::move(entry), nullptr});
  }
}

std::unique_ptr<Run> Engine::State::make_run(DagRun row, std::shared_ptr<const Dag> dag) {
  auto run = std::make_unique<Run>();
  run->machine = &machine_of(row.dag_id);
  run->dag = std::move(dag);
  run->row = std::move(row);
  run->unfinished = static_cast<std::uint32_t>(run->dag->tasks.size());
  run->expect_all();
  return run;
}

// Its rows begin at rows[next_row], which goes on behind them; take_up_slots() and connect_run() follow.
Run& Engine::State::load_run(DagRun row, std::shared_ptr<const Dag> dag, const std::vector<TaskInstance>& rows,
                             std::size_t& next_row) {
  const RunNo no = row.no;
  Run& r = *runs.emplace(no, make_run(std::move(row), std::move(dag))).first->second;
  enter(r);
  r.slots.reserve(static_cast<std::size_t>(r.row.created_task_instances));
  for (std::int32_t i = 0; i < r.row.created_task_instances; ++i) {
    if (next_row < rows.size() && rows[next_row].no == r.row.first_task_instance + i)
      load_slot(r, rows[next_row++]);
    else
      add_absent_slot(r);
  }
  find_first_slots(r);
  return r;
}

void Engine::State::load_slot(Run& r, TaskInstance ti) {
  const auto index = static_cast<SlotIndex>(r.slots.size());
  TaskSlot& slot = r.slots.emplace_back();
  if (r.row.is_renumbered)
    slot.task = r.dag->find_task(ti.task_id).value_or(no_task);
  else
    slot.task = index < r.dag->tasks.size() ? index : r.dag->find_task(ti.task_id).value();
  if (r.row.is_renumbered && slot.task == no_task) return leave_out(r, index, std::move(ti));
  slot.map_index = ti.map_index;
  slot.instances = static_cast<std::uint32_t>(ti.instances);
  slot.state = ti.state;
  slot.end_reason = ti.end_reason;
  slot.end_detail = ti.end_detail;
  slot.try_number = ti.try_number;
  slot.max_tries = ti.max_tries;
  slot.losses = ti.losses;
  slot.pid = ti.pid;
  slot.id = ti.id;
  slot.token = ti.token;
  slot.queued_at = ti.queued_at;
  slot.start_date = ti.start_date;
  slot.end_date = ti.end_date;
  slot.next_try_at = ti.next_try_at;
  if (!ti.error.empty()) slot.error = std::make_unique<std::string>(std::move(ti.error));
  if (!ti.deferral.is_null()) r.deferrals.emplace(index, std::move(ti.deferral));
  if (ti.priority_weight) r.weights.emplace(index, *ti.priority_weight);
}

// Before a run follows another version of its DAG, by which take_up() counts anew.
void Engine::State::let_go(Run& r) {
  if (r.place) places.erase(*std::exchange(r.place, std::nullopt));
  slots_used -= static_cast<int>(r.under_way);
  for (SlotIndex i = 0; i < r.slots.size(); ++i) {
    if (is_under_way(r.slots[i].state)) count_under_way(r, i, -1);
    if (r.slots[i].state == TaskState::deferred) count_deferred(r, i, -1);
  }
}

// All that follows from the states of a run's task instances.
void Engine::State::take_up(Run& r) {
  take_up_slots(r);
  connect_run(r);
}

void Engine::State::take_up_slots(Run& r) {
  r.unfinished = static_cast<std::uint32_t>(r.dag->tasks.size());
  r.waiting = r.bad_leaves = r.under_way = r.patient = 0;
  r.progress.clear();
  r.progress.reserve(r.dag->tasks.size());
  if (r.row.is_renumbered) {
    for (TaskIndex task = 0; task < r.dag->tasks.size(); ++task) add_progress(r, task);
  }
  r.expect_all();
  r.judgings.clear();
  r.finished.clear();
  r.to_judge.clear();
  r.engine_ends.clear();
  r.expansions.clear();
  r.ready = {};
  for (SlotIndex i = 0; i < r.slots.size(); ++i) take_up_slot(r, i);
}

void Engine::State::add_progress(Run& r, TaskIndex task) {
  const Task& declared = r.dag->tasks[task];
  TaskProgress& progress = r.progress.emplace_back();
  progress.expected = static_cast<std::uint32_t>(declared.upstream.size());
  progress.pool = &pool_of(declared.pool);
}

void Engine::State::take_up_slot(Run& r, SlotIndex index) {
  TaskSlot& slot = r.slots[index];
  if (!r.row.is_renumbered && index < r.dag->tasks.size()) add_progress(r, index);
  if (slot.is_absent) {
    if (slot.task != no_task) --r.unfinished;
    return;
  }
  const Task& declared = r.declared(index);
  if (slot.map_index >= 0) {
    TaskProgress& progress = r.progress[slot.task];
    ++progress.made;
    if (!progress.mapped) progress.mapped = std::make_unique<MappedProgress>();
    r.place_instance(progress, index);
    if (slot.state == TaskState::none) progress.to_revise = true;
  }
  slot.counted = is_finished(slot.state);
  if (declared.depends_on_past && !slot.counted) ++r.patient;
  if (slot.counted) {
    --r.unfinished;
    ++r.progress[slot.task].ended;
    if (is_bad(slot.state) && declared.decides_run) ++r.bad_leaves;
  }
  switch (slot.state) {
    case TaskState::none:
      ++r.waiting;
      if (slot.map_index < 0) r.to_judge.push_back(slot.task);
      break;
    case TaskState::queued:
    case TaskState::running:
    case TaskState::restarting:
      ++r.under_way;
      ++slots_used;
      count_under_way(r, index, 1);
      outstanding.emplace(slot.token, Attempt{&r, index});
      break;
    case TaskState::scheduled:
      // The row does not say whether the next launch goes on with a try; a token that was given to it, and no end, do.
      slot.same_try = slot.token.sequence != 0 && !slot.end_date;
      if (declared.engine_ends_it())
        r.engine_ends.push_back(index);
      else if (is_weighed(r, index))
        r.ready.push({r.priority(index), index});
      break;
    case TaskState::deferred:
      count_deferred(r, index, 1);
      if (is_launched(slot)) {
        outstanding.emplace(slot.token, Attempt{&r, index});
        break;
      }
      [[fallthrough]];
    case TaskState::up_for_reschedule:
    case TaskState::up_for_retry:
      slot.same_try = slot.state != TaskState::up_for_retry;
      timers.add({*slot.next_try_at, Timer::Kind::task_due, r.row.no, index});
      break;
    default:
      break;
  }
}

int Engine::State::connect_some(Run& run, Connecting& at) {
  constexpr std::uint32_t in_a_unit = 64;
  const auto tasks = static_cast<TaskIndex>(run.progress.size());
  const auto slots = static_cast<SlotIndex>(run.slots.size());
  if (at.task < tasks) {
    const TaskIndex until = at.task + std::min(in_a_unit, tasks - at.task);
    for (; at.task < until; ++at.task) load_expansion(run, at.task);
    return 1;
  }
  if (at.slot < slots) {
    const SlotIndex until = at.slot + std::min(in_a_unit, slots - at.slot);
    for (; at.slot < until; ++at.slot) {
      if (run.slots[at.slot].counted) count_below(run, at.slot, 1);
    }
    return 1;
  }
  return 0;
}

void Engine::State::connect_run(Run& run) {
  Connecting connecting;
  while (connect_some(run, connecting) > 0) {}
}

// The rest of a start, which needs to know the time.
void Engine::State::resume(Time now) {
  for (const auto& [number, m] : machines_by_number) {
    connect_assets(*m, now);
    if (!m->queued_assets.empty()) assets_due.insert(m->number);
  }
  for (const auto& [number, m] : machines_by_number) {
    if (m->row.awaits_outcomes && m->dag)
      ask_for_outcomes(*m, *m->dag);
    else if (std::exchange(m->row.awaits_outcomes, false))
      mark(*m);
  }
  for (const auto& [number, m] : machines_by_number) start_runs(*m, now);
  std::vector<RunNo> numbers;
  for (const auto& [no, run] : runs) numbers.push_back(no);
  for (const RunNo no : numbers) {
    Run& run = *runs.at(no);
    if (run.row.awaits_runtimes) ask_for_runtimes(run);
    add_work(run);  // of one that waits to start too: a change
    if (run.row.state != RunState::running) continue;
    if (run.dag->dagrun_timeout && run.row.start_date) {
      timers.add({*run.row.start_date + *run.dag->dagrun_timeout, Timer::Kind::run_timeout, no, 0});
    }
    if (run.row.fails_fast) fail_fast(run, "a task");
    find_place(run);
    add_work(run);
    end_if_done(run, now);
  }
  for (const auto& [number, m] : machines_by_number) {
    schedule(*m, now);
    resume_backfills(*m);
  }
}

}  // namespace venturi::engine
