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

// While more runs than that have work, new ones are made in every fourth turn only.
constexpr std::size_t runs_at_once = 4;
constexpr int turns_for_new_runs = 4;

}  // namespace

Engine::Engine(Config config, Snapshot snapshot) : state_(std::make_unique<State>(config)) {
  state_->load(std::move(snapshot));
}
Engine::~Engine() = default;

// ---- events --------------------------------------------------------------------------------------------------------------

void Engine::State::on_timer(const Timer& timer, Time now) {
  switch (timer.kind) {
    case Timer::Kind::dag_due: {
      DagMachine* m = find_machine(timer.number);
      if (m == nullptr || m->timer != timer.at || m->is_due) return;
      m->is_due = true;
      due.push_back(m);
      return;
    }
    case Timer::Kind::run_due: {
      const auto found = runs.find(timer.number);
      if (found == runs.end()) return;
      DagMachine& m = *found->second->machine;
      start_runs(m, now);
      return schedule(m, now);  // it may count now
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
      if (!waits_for_time(slot.state) || *slot.next_try_at != timer.at || run.sweep) return;
      if (slot.state == TaskState::deferred) return resume_deferred(run, timer.slot);
      return make_ready(run, timer.slot, slot.state == TaskState::up_for_retry ? "retry_delay is over" : "its time has come");
    }
    case Timer::Kind::delivery_due: {
      const auto found = outbox.find(timer.number);
      if (found == outbox.end() || found->second.under_way || found->second.entry.next_attempt_at != timer.at) return;
      if (is_pending_deadline(found->second.entry)) miss_deadline(found->second);
      return deliver(found->second);
    }
    case Timer::Kind::weigh_again:
      return weigh_again(timer.number);
    case Timer::Kind::ask_again:
      if (DagMachine* m = find_machine(timer.number)) ask_again(*m, now);
  }
}

void Engine::State::answer(std::int64_t command, std::optional<Error> error, std::optional<DagRun> run) {
  effects.emplace_back(Answer{command, std::move(error), std::move(run)});
}

void Engine::State::set_hold(const Hold& e, Time now) {
  hold = e.why;
  if (!hold.empty()) return;
  for (const auto& [number, m] : machines_by_number) start_runs(*m, now);
}

// Small work that follows from an event belongs to it.
void Engine::State::settle(Time now) {
  if (hold.empty()) make_asset_runs(now);
  work(now, units_with_an_event);
}

bool Engine::State::has_work() const {
  return !busy.empty() || (hold.empty() && (!due.empty() || !busy_backfills.empty()));
}

void Engine::State::work(Time now, int budget) {
  // What there is goes before what would be new: runs that are caught up with do not pile up in front of the others.
  for (int turn = 1; budget > 0 && has_work(); ++turn) {
    const bool has_room = busy.size() <= runs_at_once || turn % turns_for_new_runs == 0;
    if (!busy.empty()) {
      const RunNo no = busy.front();
      const auto found = runs.find(no);
      busy.pop_front();
      if (visits.contains(no)) {
        budget -= work_on_visit(no, now, std::min(budget, units_in_turn));
      } else if (found != runs.end()) {
        Run& run = *found->second;
        budget -= work_on(run, now, std::min(budget, units_in_turn));
        run.is_busy = false;  // only now: in its turn it does not queue up behind itself
        if (!is_finished(run.row.state)) add_work(run);
      }
    }
    if (budget > 0 && !due.empty() && has_room && hold.empty()) {
      DagMachine& m = *due.front();
      due.pop_front();
      make_scheduled_run(m, now);  // the next one that is missing has its turn after the other DAGs'
      budget -= 4;                 // about what a run costs beside its task instances
    }
    if (budget > 0 && !busy_backfills.empty() && hold.empty()) budget -= work_on_backfill(now);
  }
  ask_for_weights(now);
  fill_slots(now);
}

void Engine::step(const Event& event, Time now) {
  State& s = *state_;
  s.present = now;
  if (!std::exchange(s.is_resumed, true)) s.resume(now);
  std::visit(
      [&]<class E>(const E& e) {
        if constexpr (std::is_same_v<E, DagSeen>)
          s.dag_seen(e, now);
        else if constexpr (std::is_same_v<E, DagGone>)
          s.dag_gone(e);
        else if constexpr (std::is_same_v<E, DeleteDag>)
          s.delete_dag(e);
        else if constexpr (std::is_same_v<E, SetPaused>)
          s.set_paused(e, now);
        else if constexpr (std::is_same_v<E, TriggerRun>)
          s.trigger(e, now);
        else if constexpr (std::is_same_v<E, TryStarted>)
          s.try_started(e);
        else if constexpr (std::is_same_v<E, TrySucceeded>)
          s.try_succeeded(e, now);
        else if constexpr (std::is_same_v<E, TryFailed>)
          s.try_failed(e, now);
        else if constexpr (std::is_same_v<E, TrySkipped>)
          s.try_skipped(e);
        else if constexpr (std::is_same_v<E, TryRescheduled>)
          s.try_rescheduled(e);
        else if constexpr (std::is_same_v<E, TryDeferred>)
          s.try_deferred(e);
        else if constexpr (std::is_same_v<E, TryDeferredInPlace>)
          s.try_deferred_in_place(e);
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
        else if constexpr (std::is_same_v<E, MarkTasks>)
          s.mark_tasks(e, now);
        else if constexpr (std::is_same_v<E, MarkRun>)
          s.mark_run(e, now);
        else if constexpr (std::is_same_v<E, ForgetPartition>)
          s.forget_partition(e);
        else if constexpr (std::is_same_v<E, MoreRows>)
          s.more_rows(e);
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
        else if constexpr (std::is_same_v<E, RuntimesFound>)
          s.runtimes_found(e);
        else if constexpr (std::is_same_v<E, OutcomesFound>)
          s.outcomes_found(e, now);
        else if constexpr (std::is_same_v<E, RunDeleted>)
          s.drop_deadlines(e.run, Time::min());
        else if constexpr (std::is_same_v<E, MakeAssetEvents>)
          s.make_asset_events(e, now);
        else if constexpr (std::is_same_v<E, ClearAssetQueue>)
          s.clear_asset_queue(e);
        else if constexpr (std::is_same_v<E, CreateBackfill>)
          s.create_backfill(e, now);
        else if constexpr (std::is_same_v<E, ChangeBackfill>)
          s.change_backfill(e, now);
        else if constexpr (std::is_same_v<E, DatesFound>)
          s.dates_found(e, now);
        else if constexpr (std::is_same_v<E, TimetableTold>)
          s.timetable_told(e, now);
        else if constexpr (std::is_same_v<E, MapperTold>)
          s.mapper_told(e, now);
        else if constexpr (std::is_same_v<E, WeightsTold>)
          s.weights_told(e, now);
        else if constexpr (std::is_same_v<E, Hold>)
          s.set_hold(e, now);
        else if constexpr (std::is_same_v<E, SetParallelism>)
          s.config.parallelism = e.parallelism;
        else
          static_assert(std::is_same_v<E, Tick>);
      },
      event);
  while (const auto timer = s.timers.take_due(now)) s.on_timer(*timer, now);
  s.settle(now);
}

bool Engine::has_work() const {
  return state_->has_work();
}
void Engine::work(Time now, int budget) {
  state_->present = now;
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
  return std::ranges::any_of(state_->outbox, [run](const auto& owed) {
    return owed.second.entry.run == run && !is_pending_deadline(owed.second.entry);
  });
}

bool Engine::is_active(std::string_view dag_id, std::string_view run_id) const {
  return state_->find_active(dag_id, run_id) != nullptr;
}

std::optional<Error> Engine::change_trouble(std::string_view dag_id, std::string_view run_id) const {
  return state_->change_trouble(dag_id, run_id);
}

bool Engine::is_changing(std::string_view dag_id, std::string_view run_id) const {
  return state_->is_changing(dag_id, run_id);
}

bool Engine::has_run(std::string_view dag_id, std::string_view run_id) const {
  return is_active(dag_id, run_id) || state_->find_visit(dag_id, run_id) != nullptr ||
         std::ranges::any_of(state_->ended_runs,
                             [&](const auto& run) { return run->row.dag_id == dag_id && run->row.run_id == run_id; });
}

std::shared_ptr<const Dag> Engine::find_dag(std::string_view dag_id) const {
  const DagMachine* m = state_->find_machine(dag_id);
  return m == nullptr || m->is_gone ? nullptr : m->dag;
}

bool Engine::is_paused(std::string_view dag_id) const {
  const DagMachine* m = state_->find_machine(dag_id);
  return m != nullptr && m->row.is_paused;
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
  for (const auto& [id, b] : s.backfills) snapshot.backfills.push_back(b.row);
  snapshot.next_backfill = s.next_backfill;
  for (const auto& [no, run] : s.runs) {
    snapshot.runs.push_back(run->row);
    for (SlotIndex i = 0; i < run->slots.size(); ++i) {
      if (!run->slots[i].is_absent || run->gone.contains(i)) snapshot.task_instances.push_back(run->task_instance(i));
    }
    for (const auto& [of, length] : run->lengths) {
      const TaskInstance ti = run->task_instance(of.first);
      snapshot.xcom_lengths.push_back({no, ti.task_id, ti.map_index, of.second, length});
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
  for (const auto& [no, asset] : s.assets_by_number) snapshot.assets.push_back(asset->row);
  for (const auto& [name, alias] : s.asset_aliases) {
    snapshot.asset_aliases.push_back(alias.row);
    for (const std::int64_t asset : alias.assets) snapshot.aliased_assets.push_back({alias.row.no, asset});
  }
  for (const auto& [dag_id, m] : s.machines) {
    for (const auto& [asset, at] : m->queued_assets) snapshot.queued_assets.push_back({dag_id, asset, at});
  }
  snapshot.next_asset = s.next_asset;
  snapshot.next_asset_event = s.next_asset_event;
  snapshot.next_asset_alias = s.next_asset_alias;
  for (const auto& [dag_id, m] : s.machines) {
    for (const auto& [key, partition] : m->partitions) {
      snapshot.partitioned_runs.push_back(partition.row);
      snapshot.partitioned_events.insert(snapshot.partitioned_events.end(), partition.events.begin(), partition.events.end());
    }
    for (const auto& [no, waiting] : m->unmapped) {
      snapshot.partitioned_runs.push_back(waiting.row);
      snapshot.partitioned_events.push_back(waiting.event);
    }
  }
  snapshot.next_partitioned_run = s.next_partitioned_run;
  // By number, as the store has them.
  std::ranges::sort(snapshot.asset_aliases, {}, &AssetAliasRecord::no);
  std::ranges::sort(snapshot.aliased_assets, {}, [](const AliasedAsset& a) { return std::pair(a.alias, a.asset); });
  std::ranges::sort(snapshot.partitioned_runs, {}, &PartitionedRun::no);
  std::ranges::sort(snapshot.partitioned_events, {},
                    [](const PartitionedEvent& e) { return std::pair(e.partitioned_run, e.event); });
  for (const auto& [no, owed] : s.outbox) snapshot.outbox.push_back(owed.entry);
  snapshot.next_run = s.next_run;
  snapshot.next_task_instance = s.next_task_instance;
  snapshot.next_outbox = s.next_outbox;
  snapshot.next_sequence = s.next_sequence;
  return snapshot;
}

}  // namespace venturi::engine
