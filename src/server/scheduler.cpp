#include "server/scheduler.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "base/kill_point.h"
#include "base/log.h"
#include "base/slices.h"

namespace venturi::server {

namespace {

using namespace std::chrono_literals;

// What does not have to be durable at once (that a task runs) waits so long for something that has to.
constexpr auto lazy_delay = 5ms;
// Units of large work in one batch: together they keep the writer busy for about 5 ms.
constexpr int units_in_batch = 128;
// While the disk is full or gone, the same batch is tried again so often.
constexpr auto retry_every = 1s;
// The wall clock may be set while we wait by the steady one.
constexpr Duration longest_sleep = 60s;

}  // namespace

engine::Snapshot to_snapshot(store::ActiveState state) {
  engine::Snapshot snapshot;
  snapshot.dags = std::move(state.dags);
  snapshot.older_versions = std::move(state.older_versions);
  snapshot.dag_states = std::move(state.dag_states);
  snapshot.runs = std::move(state.runs);
  snapshot.task_instances = std::move(state.task_instances);
  snapshot.xcom_lengths = std::move(state.xcom_lengths);
  snapshot.outbox = std::move(state.outbox);
  snapshot.pools = std::move(state.pools);
  snapshot.assets = std::move(state.assets);
  snapshot.asset_aliases = std::move(state.asset_aliases);
  snapshot.aliased_assets = std::move(state.aliased_assets);
  snapshot.next_asset_alias = state.next_asset_alias;
  snapshot.queued_assets = std::move(state.queued_assets);
  snapshot.partitioned_runs = std::move(state.partitioned_runs);
  snapshot.partitioned_events = std::move(state.partitioned_events);
  snapshot.next_partitioned_run = state.next_partitioned_run;
  snapshot.next_asset = state.next_asset;
  snapshot.next_asset_event = state.next_asset_event;
  snapshot.backfills = std::move(state.backfills);
  snapshot.next_backfill = state.next_backfill;
  snapshot.next_run = state.next_run;
  snapshot.next_task_instance = state.next_task_instance;
  snapshot.next_outbox = state.next_outbox;
  snapshot.next_sequence = state.next_sequence;
  return snapshot;
}

void add_changes(store::Batch& batch, engine::Changes changes) {
  batch.dags = std::move(changes.dags);
  batch.gone_dags = std::move(changes.gone_dags);
  for (std::string& dag_id : changes.deleted_dags) batch.deleted_dags.push_back({.dag_id = std::move(dag_id), .rows = {}});
  batch.dag_states = std::move(changes.dag_states);
  batch.runs = std::move(changes.runs);
  batch.task_instances = std::move(changes.task_instances);
  batch.ended_tries = std::move(changes.ended_tries);
  batch.outbox = std::move(changes.outbox);
  batch.outbox_done = std::move(changes.outbox_done);
  batch.pools = std::move(changes.pools);
  batch.deleted_pools = std::move(changes.deleted_pools);
  batch.assets = std::move(changes.assets);
  batch.asset_aliases = std::move(changes.asset_aliases);
  batch.aliased_assets = std::move(changes.aliased_assets);
  batch.asset_events = std::move(changes.asset_events);
  batch.queued_assets = std::move(changes.queued_assets);
  batch.unqueued_assets = std::move(changes.unqueued_assets);
  batch.partitioned_runs = std::move(changes.partitioned_runs);
  batch.partitioned_events = std::move(changes.partitioned_events);
  batch.backfills = std::move(changes.backfills);
  batch.backfill_dag_runs = std::move(changes.backfill_dag_runs);
  batch.transitions = std::move(changes.transitions);
  batch.transition_runs = std::move(changes.transition_runs);
  batch.next_sequence = changes.next_sequence;
}

Scheduler::Scheduler(EventLoop& loop, const Clock& clock, store::Store& store, engine::Config config, engine::Snapshot snapshot,
                     Handlers handlers)
    : loop_(loop),
      clock_(clock),
      store_(store),
      handlers_(std::move(handlers)),
      engine_(config, std::move(snapshot)),
      writer_(loop, take_short_slices) {}

Scheduler::~Scheduler() {
  for (const auto& timer : {lazy_timer_, wake_timer_, retry_timer_}) {
    if (timer) loop_.cancel(*timer);
  }
}

void Scheduler::step(const engine::Event& event) {
  engine_.step(event, clock_.now());
  urgent_ = true;
}

void Scheduler::step_lazily(const engine::Event& event) {
  engine_.step(event, clock_.now());
  lazy_ = true;
}

store::Batch& Scheduler::writes() {
  open_->has_rows = true;
  urgent_ = true;
  return open_->batch;
}

void Scheduler::when_durable(std::function<void()> call) {
  if (everything_is_durable()) return call();
  after_batch(std::move(call));
}

void Scheduler::after_batch(std::function<void()> call) {
  open_->calls.push_back(std::move(call));
  urgent_ = true;
}

bool Scheduler::everything_is_durable() const {
  return !committing_ && !urgent_ && !lazy_ && !engine_.has_work();
}

bool Scheduler::is_in_flight(std::string_view dag_id, std::string_view run_id) const {
  const auto is_it = [&](const DagRun& run) { return run.dag_id == dag_id && run.run_id == run_id; };
  if (std::ranges::any_of(open_->batch.deleted_runs, is_it)) return true;
  if (engine_.has_run(dag_id, run_id) && !engine_.is_active(dag_id, run_id)) return true;
  return committing_ &&
         (std::ranges::any_of(committing_->batch.runs, is_it) || std::ranges::any_of(committing_->batch.deleted_runs, is_it));
}

bool Scheduler::is_in_flight(const engine::FindDates& question) const {
  return committing_ && std::ranges::any_of(committing_->batch.runs, [&](const DagRun& run) {
           return run.dag_id == question.dag_id && std::ranges::any_of(question.dates, [&](const auto& date) {
                    return run.logical_date == date.logical_date || run.run_id == date.run_id;
                  });
         });
}

void Scheduler::end_of_turn() {
  if (!committing_ && !stopped_) {
    if (engine_.has_work()) {
      engine_.work(clock_.now(), units_in_batch);
      urgent_ = true;
    }
    if (urgent_) {
      begin_commit();
    } else if (lazy_ && !lazy_timer_) {
      lazy_timer_ = loop_.after(lazy_delay, [this] {
        lazy_timer_.reset();
        if (lazy_) urgent_ = true;
      });
    }
  }
  arm_timer();
}

void Scheduler::begin_commit() {
  if (lazy_timer_) loop_.cancel(*std::exchange(lazy_timer_, std::nullopt));
  urgent_ = lazy_ = false;
  engine::Batch from_engine = engine_.take();
  committing_ = std::exchange(open_, std::make_unique<Filling>());
  const bool has_rows = committing_->has_rows || !from_engine.changes.empty();
  add_changes(committing_->batch, std::move(from_engine.changes));
  committing_->batch.now = clock_.now();
  committing_->effects = std::move(from_engine.effects);
#ifdef VENTURI_BREAK_EFFECT_BEFORE_COMMIT
  release(std::exchange(committing_->effects, {}));
#endif
  // Calls and refusals without a row wait for nothing that is not durable: the batch before this one has ended.
  if (!has_rows)
    return loop_.post([this, alive = std::weak_ptr(alive_)] {
      if (!alive.expired()) committed({});
    });
  write_batch();
}

void Scheduler::write_batch() {
  writer_.run([this, &batch = std::as_const(committing_->batch)]() -> JobThread::Then {
    kill_point("server.before_commit");
    Result<void> done = store_.commit(batch);
    if (done) kill_point("server.after_commit");
    return [this, done = std::move(done)] { committed(done); };
  });
}

void Scheduler::committed(const Result<void>& done) {
  if (!done) {
    // Nothing of it had an effect, and nothing is lost: the disk may have room again, or the file may be back.
    const ErrorKind kind = done.error().kind;
    if (kind != ErrorKind::exhausted && kind != ErrorKind::unavailable) throw std::runtime_error(done.error().text());
    if (!std::exchange(in_trouble_, true)) handlers_.store_trouble(done.error().text());
    retry_timer_ = loop_.after(retry_every, [this] {
      retry_timer_.reset();
      write_batch();
    });
    return;
  }
  if (std::exchange(in_trouble_, false)) handlers_.store_trouble({});
  const std::unique_ptr<Filling> durable = std::move(committing_);
  if (handlers_.committed) handlers_.committed(durable->batch);
  kill_point("server.before_answer");
  for (const auto& call : durable->calls) call();
  kill_point("server.before_effects");
  release(std::move(durable->effects));
}

void Scheduler::release(std::vector<engine::Effect> effects) {
  for (engine::Effect& effect : effects) {
    std::visit(
        [this]<class E>(E& e) {
          if constexpr (std::is_same_v<E, engine::Launch>) {
            handlers_.launch(std::move(e));
          } else if constexpr (std::is_same_v<E, engine::Kill>) {
            handlers_.kill(e);
          } else if constexpr (std::is_same_v<E, engine::Deliver>) {
            handlers_.deliver(e);
          } else if constexpr (std::is_same_v<E, engine::RunEnded>) {
            handlers_.run_ended(e.run);
          } else if constexpr (std::is_same_v<E, engine::LookBack>) {
            if (handlers_.look_back) handlers_.look_back(e);
          } else if constexpr (std::is_same_v<E, engine::FindRuntimes>) {
            if (handlers_.find_runtimes) handlers_.find_runtimes(e);
          } else if constexpr (std::is_same_v<E, engine::FindOutcomes>) {
            if (handlers_.find_outcomes) handlers_.find_outcomes(e);
          } else if constexpr (std::is_same_v<E, engine::FindDates>) {
            if (handlers_.find_dates) handlers_.find_dates(e);
          } else if constexpr (std::is_same_v<E, engine::AskTimetable>) {
            if (handlers_.ask_timetable) handlers_.ask_timetable(e);
          } else if constexpr (std::is_same_v<E, engine::AskWeights>) {
            if (handlers_.ask_weights) handlers_.ask_weights(e);
          } else if constexpr (std::is_same_v<E, engine::AskMapper>) {
            if (handlers_.ask_mapper) handlers_.ask_mapper(e);
          } else if constexpr (std::is_same_v<E, engine::PartitionRefused>) {
            log_warning("dag " + e.dag_id + " takes no event of asset '" + e.asset + "' for the partition '" + e.partition_key +
                        "': " + e.why);
          } else {
            const auto found = commands_.find(e.command);
            if (found == commands_.end()) return;
            const OnAnswer on_answer = std::move(found->second);
            commands_.erase(found);
            on_answer(e);
          }
        },
        effect);
  }
}

void Scheduler::arm_timer() {
  const auto at = stopped_ ? std::nullopt : engine_.wake_at();
  if (wake_timer_ && wake_timer_at_ == at) return;
  if (wake_timer_) loop_.cancel(*std::exchange(wake_timer_, std::nullopt));
  wake_timer_at_ = at;
  if (!at) return;
  const Duration delay = std::clamp<Duration>(*at - clock_.now(), 0us, longest_sleep);
  wake_timer_ = loop_.after(delay, [this] {
    wake_timer_.reset();
    if (const auto due = engine_.wake_at(); due && *due <= clock_.now()) step(engine::Tick{});
  });
}

}  // namespace venturi::server
