#include "engine/engine.h"

#include <algorithm>
#include <tuple>
#include <type_traits>
#include <utility>

#include "engine/engine_state.h"
#include "schedule/time_zone.h"

namespace venturi::engine {

namespace {

// What an event does at once of the work that it makes: enough for the next task of an ordinary DAG to be launched in the same
// step, little enough for a batch to stay small.
constexpr int units_with_an_event = 64;
// So much of one run's work is done before it is the next one's turn.
constexpr int units_in_turn = 16;

}  // namespace

Engine::Engine(Config config, Snapshot snapshot) : state_(std::make_unique<State>(config)) {
  state_->load(std::move(snapshot));
}
Engine::~Engine() = default;

// ---- after a start -------------------------------------------------------------------------------------------------------

void Engine::State::load(Snapshot snapshot) {
  next_run = snapshot.next_run;
  next_task_instance = snapshot.next_task_instance;
  next_outbox = snapshot.next_outbox;
  next_sequence = snapshot.next_sequence;
  load_pools(std::move(snapshot.pools));

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
  std::map<RunNo, std::vector<const XComLength*>> lengths;
  for (const XComLength& length : snapshot.xcom_lengths) lengths[length.run].push_back(&length);
  std::size_t next_row = 0;
  for (DagRun& row : snapshot.runs) {
    Run& run = load_run(std::move(row), versions);
    load_slots(run, snapshot.task_instances, next_row);
    load_lengths(run, lengths[run.row.no]);
    take_up(run);
  }
  for (OutboxEntry& entry : snapshot.outbox) {
    if (entry.next_attempt_at) timers.add({*entry.next_attempt_at, Timer::Kind::delivery_due, entry.no, 0});
    const std::int64_t no = entry.no;
    outbox.emplace(no, Owed{std::move(entry), nullptr});
  }
}

Run& Engine::State::load_run(DagRun row, const std::map<std::string, std::shared_ptr<const Dag>, std::less<>>& versions) {
  auto run = std::make_unique<Run>();
  run->machine = &machine_of(row.dag_id);
  run->dag = versions.at(row.dag_version_id);
  run->row = std::move(row);
  Run& r = *runs.emplace(run->row.no, std::move(run)).first->second;
  r.machine->active.insert(r.row.no);
  if (r.row.state == RunState::queued) r.machine->queued.insert(r.row.no);
  r.slots.reserve(static_cast<std::size_t>(r.row.created_task_instances));
  return r;
}

// Of rows in order of their numbers, from `next` on. A number without a row is that of a task whose dates exclude the run.
void Engine::State::load_slots(Run& run, std::vector<TaskInstance>& rows, std::size_t& next) {
  for (std::int32_t i = 0; i < run.row.created_task_instances; ++i) {
    if (next < rows.size() && rows[next].no == run.row.first_task_instance + i) {
      load_slot(run, std::move(rows[next++]));
    } else {
      TaskSlot& slot = run.slots.emplace_back();
      slot.task = static_cast<TaskIndex>(i);
      slot.is_absent = true;
    }
  }
}

void Engine::State::load_slot(Run& r, TaskInstance ti) {
  const auto index = static_cast<SlotIndex>(r.slots.size());
  TaskSlot& slot = r.slots.emplace_back();
  slot.task = index < r.dag->tasks.size() ? index : r.dag->find_task(ti.task_id).value();
  slot.map_index = ti.map_index;
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
}

// All that follows from the states of a run's task instances: after a start, and anew where some were cleared.
void Engine::State::take_up(Run& r) {
  const bool is_new = r.progress.empty();  // what it takes of gates is not counted yet; clearing it changes nothing of that
  if (r.place) places.erase(*std::exchange(r.place, std::nullopt));
  slots_used -= static_cast<int>(r.under_way);
  r.unfinished = static_cast<std::uint32_t>(r.dag->tasks.size());
  r.waiting = r.bad_leaves = r.under_way = r.patient = 0;
  r.progress.clear();
  r.judgings.clear();
  r.finished.clear();
  r.to_judge.clear();
  r.engine_ends.clear();
  r.expansions.clear();
  r.ready = {};
  for (SlotIndex i = 0; i < r.slots.size(); ++i) take_up_slot(r, i, is_new);
  connect_run(r);
}

void Engine::State::take_up_slot(Run& r, SlotIndex index, bool is_new) {
  TaskSlot& slot = r.slots[index];
  const Task& declared = r.declared(index);
  const bool is_first = index < r.dag->tasks.size();  // of its task
  if (is_first) {
    r.progress.emplace_back().expected = static_cast<std::uint32_t>(declared.upstream.size());
    r.progress.back().pool = &pool_of(declared.pool);
  }
  if (slot.is_absent) {
    --r.unfinished;
    return;
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
      if (is_first && slot.map_index < 0) r.to_judge.push_back(index);
      break;
    case TaskState::queued:
    case TaskState::running:
    case TaskState::restarting:
      ++r.under_way;
      ++slots_used;
      if (is_new) count_under_way(r, index, 1);
      outstanding.emplace(slot.token, Attempt{&r, index});
      break;
    case TaskState::scheduled:
      // The row does not say whether the next launch goes on with a try; a token that was given to it, and no end, do.
      slot.same_try = slot.token.sequence != 0 && !slot.end_date;
      if (declared.engine_ends_it())
        r.engine_ends.push_back(index);
      else
        r.ready.push({declared.priority_weight, index});
      break;
    case TaskState::deferred:
      if (is_new) count_deferred(r, index, 1);
      break;
    case TaskState::up_for_reschedule:
    case TaskState::up_for_retry:
      slot.same_try = slot.state == TaskState::up_for_reschedule;
      timers.add({*slot.next_try_at, Timer::Kind::task_due, r.row.no, index});
      break;
    default:
      break;
  }
}

// What follows from a run's rows together.
void Engine::State::connect_run(Run& run) {
  load_expansions(run);
  for (const TaskSlot& slot : run.slots) {
    if (!slot.counted) continue;
    const Task& declared = run.dag->tasks[slot.task];
    for (const TaskIndex below : declared.downstream) {
      if (below >= run.progress.size()) continue;
      TaskProgress& progress = run.progress[below];
      if (slot.map_index < 0 || !declared.is_in_group_of(run.dag->tasks[below]))
        progress.upstreams.count(slot.state, 1);
      else if (const auto i = static_cast<std::size_t>(slot.map_index); i < progress.by_index.size())
        progress.by_index[i].count(slot.state, 1);
    }
  }
}

// The rest of a start, which needs to know the time.
void Engine::State::resume(Time now) {
  for (DagMachine* m : machines_by_number) start_runs(*m, now);
  std::vector<RunNo> numbers;
  for (const auto& [no, run] : runs) numbers.push_back(no);
  for (const RunNo no : numbers) {
    Run& run = *runs.at(no);
    if (run.row.state != RunState::running) continue;
    if (run.dag->dagrun_timeout && run.row.start_date) {
      timers.add({*run.row.start_date + *run.dag->dagrun_timeout, Timer::Kind::run_timeout, no, 0});
    }
    if (run.dag->fail_fast && std::ranges::any_of(run.slots, [](const TaskSlot& t) { return t.state == TaskState::failed; })) {
      begin_sweep(run, {.cause = "the DAG fails fast, and a task failed", .run_ends_as = {}, .command = {}});
    }
    find_place(run);
    add_work(run);
    end_if_done(run, now);
  }
  for (DagMachine* m : machines_by_number) schedule(*m, now);
}

// ---- events --------------------------------------------------------------------------------------------------------------

void Engine::State::on_timer(const Timer& timer, Time now) {
  switch (timer.kind) {
    case Timer::Kind::dag_due: {
      DagMachine& m = *machines_by_number[static_cast<std::size_t>(timer.number)];
      if (m.timer != timer.at || m.is_due) return;
      m.is_due = true;
      due.push_back(&m);
      return;
    }
    case Timer::Kind::run_timeout: {
      const auto found = runs.find(timer.number);
      if (found == runs.end() || found->second->row.state != RunState::running) return;
      return begin_sweep(*found->second, {.of_running = TaskState::skipped,
                                          .reason = EndReason::dagrun_timeout,
                                          .cause = "dagrun_timeout was over",
                                          .spares_teardowns = false,
                                          .run_ends_as = RunState::failed,
                                          .command = {}});
    }
    case Timer::Kind::task_due: {
      const auto found = runs.find(timer.number);
      if (found == runs.end()) return;
      Run& run = *found->second;
      const TaskSlot& slot = run.slots[timer.slot];
      const bool waits = slot.state == TaskState::up_for_retry || slot.state == TaskState::up_for_reschedule;
      if (!waits || *slot.next_try_at != timer.at || run.sweep) return;
      return make_ready(run, timer.slot, slot.state == TaskState::up_for_retry ? "retry_delay is over" : "its time has come");
    }
    case Timer::Kind::delivery_due: {
      const auto found = outbox.find(timer.number);
      if (found == outbox.end() || found->second.under_way || found->second.entry.next_attempt_at != timer.at) return;
      return deliver(found->second);
    }
  }
  (void)now;
}

void Engine::State::answer(std::int64_t command, std::optional<Error> error, std::optional<DagRun> run) {
  effects.emplace_back(Answer{command, std::move(error), std::move(run)});
}

// Small work that follows from an event belongs to it.
void Engine::State::settle(Time now) {
  work(now, units_with_an_event);
}

void Engine::State::work(Time now, int budget) {
  while (budget > 0 && (!busy.empty() || !due.empty())) {
    if (!due.empty()) {
      DagMachine& m = *due.front();
      due.pop_front();
      make_scheduled_run(m, now);  // the next one that is missing has its turn after the other DAGs'
      budget -= 4;                 // about what a run costs beside its task instances
    }
    if (!busy.empty()) {
      const auto found = runs.find(busy.front());
      busy.pop_front();
      if (found == runs.end()) continue;
      Run& run = *found->second;
      run.is_busy = false;
      budget -= work_on(run, now, std::min(budget, units_in_turn));
      if (!is_finished(run.row.state)) add_work(run);
    }
  }
  fill_slots(now);
}

void Engine::step(const Event& event, Time now) {
  State& s = *state_;
  if (!std::exchange(s.is_resumed, true)) s.resume(now);
  std::visit(
      [&]<class E>(const E& e) {
        if constexpr (std::is_same_v<E, DagSeen>)
          s.dag_seen(e, now);
        else if constexpr (std::is_same_v<E, DagGone>)
          s.dag_gone(e);
        else if constexpr (std::is_same_v<E, SetPaused>)
          s.set_paused(e, now);
        else if constexpr (std::is_same_v<E, TriggerRun>)
          s.trigger(e, now);
        else if constexpr (std::is_same_v<E, TryStarted>)
          s.try_started(e);
        else if constexpr (std::is_same_v<E, TrySucceeded>)
          s.try_succeeded(e);
        else if constexpr (std::is_same_v<E, TryFailed>)
          s.try_failed(e, now);
        else if constexpr (std::is_same_v<E, TrySkipped>)
          s.try_skipped(e);
        else if constexpr (std::is_same_v<E, TryRescheduled>)
          s.try_rescheduled(e);
        else if constexpr (std::is_same_v<E, SkipDownstream>)
          s.skip_downstream(e, now);
        else if constexpr (std::is_same_v<E, XComChanged>)
          s.take_length(e);
        else if constexpr (std::is_same_v<E, TryNeverStarted>)
          s.try_never_started(e, now);
        else if constexpr (std::is_same_v<E, TryLost>)
          s.try_lost(e, now);
        else if constexpr (std::is_same_v<E, StopRun>)
          s.stop_run(e);
        else if constexpr (std::is_same_v<E, ClearTasks>)
          s.clear(e, now);
        else if constexpr (std::is_same_v<E, OutboxDone>)
          s.delivered(e);
        else if constexpr (std::is_same_v<E, OutboxFailed>)
          s.delivery_failed(e, now);
        else if constexpr (std::is_same_v<E, SetPool>)
          s.set_pool(e);
        else if constexpr (std::is_same_v<E, DeletePool>)
          s.delete_pool(e);
        else if constexpr (std::is_same_v<E, PastFound>)
          s.past_found(e);
        else
          static_assert(std::is_same_v<E, Tick>);
      },
      event);
  while (const auto timer = s.timers.take_due(now)) s.on_timer(*timer, now);
  s.settle(now);
}

bool Engine::has_work() const {
  return !state_->busy.empty() || !state_->due.empty();
}
void Engine::work(Time now, int budget) {
  state_->work(now, budget);
}

Batch Engine::take() {
  Batch batch;
  batch.changes = state_->take_changes();
  batch.effects = std::exchange(state_->effects, {});
  return batch;
}

// ---- questions -----------------------------------------------------------------------------------------------------------

std::optional<Time> Engine::wake_at() const {
  if (!state_->is_resumed) return Time{};  // at once
  return state_->timers.earliest();
}

std::vector<Engine::Outstanding> Engine::outstanding() const {
  std::vector<Outstanding> list;
  list.reserve(state_->outstanding.size());
  for (const auto& [token, attempt] : state_->outstanding) {
    TaskInstance ti = attempt.run->task_instance(attempt.slot);
    const bool started = ti.state == TaskState::running || ti.state == TaskState::restarting;
    list.push_back({token, started, std::move(ti)});
  }
  return list;
}

std::uint64_t Engine::horizon() const {
  for (const auto& [token, attempt] : state_->outstanding) {
    if (token.epoch == state_->config.epoch) return token.sequence;
  }
  return state_->next_sequence;
}

bool Engine::counts(LaunchToken token) const {
  return state_->outstanding.contains(token);
}

bool Engine::is_restarting(LaunchToken token) const {
  const auto found = state_->outstanding.find(token);
  return found != state_->outstanding.end() && found->second.run->slots[found->second.slot].state == TaskState::restarting;
}

bool Engine::has_xcom_length(LaunchToken token, const std::string& key) const {
  const auto found = state_->outstanding.find(token);
  return found != state_->outstanding.end() && found->second.run->lengths.contains({found->second.slot, key});
}

const Task* Engine::task_of(LaunchToken token) const {
  const auto found = state_->outstanding.find(token);
  return found == state_->outstanding.end() ? nullptr : &found->second.run->declared(found->second.slot);
}

std::optional<Launch> Engine::launch_of(LaunchToken token) const {
  const auto found = state_->outstanding.find(token);
  if (found == state_->outstanding.end()) return std::nullopt;
  return state_->launch_effect(*found->second.run, found->second.slot);
}

std::vector<Deliver> Engine::take_due_deliveries() {
  std::vector<Deliver> list;
  for (auto& [no, owed] : state_->outbox) {
    if (owed.under_way || owed.entry.next_attempt_at) continue;  // with a time: its timer brings it
    const DagMachine* m = state_->find_machine(owed.entry.dag_id);
    list.push_back({owed.entry, owed.dag ? owed.dag : m != nullptr ? m->dag : nullptr});
    owed.under_way = true;
  }
  return list;
}

bool Engine::owes_callbacks(RunNo run) const {
  return std::ranges::any_of(state_->outbox, [run](const auto& owed) { return owed.second.entry.run == run; });
}

bool Engine::is_active(std::string_view dag_id, std::string_view run_id) const {
  return state_->find_active(dag_id, run_id) != nullptr;
}

bool Engine::has_run(std::string_view dag_id, std::string_view run_id) const {
  return is_active(dag_id, run_id) || std::ranges::any_of(state_->ended_runs, [&](const auto& run) {
           return run->row.dag_id == dag_id && run->row.run_id == run_id;
         });
}

std::shared_ptr<const Dag> Engine::find_dag(std::string_view dag_id) const {
  const DagMachine* m = state_->find_machine(dag_id);
  return m == nullptr || m->is_gone ? nullptr : m->dag;
}

std::vector<std::shared_ptr<const Dag>> Engine::dags() const {
  std::vector<std::shared_ptr<const Dag>> list;
  for (const auto& [dag_id, m] : state_->machines) {
    if (!m->is_gone && m->dag) list.push_back(m->dag);
  }
  return list;
}

Snapshot Engine::snapshot() const {
  const State& s = *state_;
  Snapshot snapshot;
  std::map<std::string, std::shared_ptr<const Dag>> older;
  for (const auto& [name, pool] : s.pools) {
    if (pool.is_stored) snapshot.pools.push_back(pool.row);
  }
  for (const auto& [no, run] : s.runs) {
    snapshot.runs.push_back(run->row);
    for (SlotIndex i = 0; i < run->slots.size(); ++i) {
      if (!run->slots[i].is_absent) snapshot.task_instances.push_back(run->task_instance(i));
    }
    for (const auto& [of, length] : run->lengths) {
      const TaskSlot& slot = run->slots[of.first];
      snapshot.xcom_lengths.push_back({no, run->dag->tasks[slot.task].task_id, slot.map_index, of.second, length});
    }
    older.emplace(run->dag->version_id, run->dag);
  }
  std::ranges::sort(snapshot.xcom_lengths, {},
                    [](const XComLength& l) { return std::tie(l.run, l.task_id, l.map_index, l.key); });
  for (const auto& [dag_id, m] : s.machines) {
    snapshot.dag_states.push_back(m->row);
  }
  snapshot.dags = dags();
  for (const auto& dag : snapshot.dags) older.erase(dag->version_id);
  for (auto& [version, dag] : older) snapshot.older_versions.push_back(dag);
  for (const auto& [no, owed] : s.outbox) snapshot.outbox.push_back(owed.entry);
  snapshot.next_run = s.next_run;
  snapshot.next_task_instance = s.next_task_instance;
  snapshot.next_outbox = s.next_outbox;
  snapshot.next_sequence = s.next_sequence;
  return snapshot;
}

}  // namespace venturi::engine
