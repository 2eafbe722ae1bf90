// The shell around the engine: takes events, commits what follows from them, and only then lets it have an effect.
//
//   events of a turn ─▶ engine ─▶ open batch ──(writer idle)──▶ commit ─▶ answers that waited for it, effects
//
// While a batch is being committed the next one is filled, so under load one fsync serves many tasks. Everything here is the
// loop's thread; end_of_turn() is called by the owner when all events of a wake-up were handled.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/event_loop.h"
#include "base/job_thread.h"
#include "base/time.h"
#include "engine/engine.h"
#include "store/store.h"

namespace venturi::server {

// The engine's snapshot as the store keeps it, and the other way round a batch of changes as rows.
[[nodiscard]] engine::Snapshot to_snapshot(store::ActiveState state);
void add_changes(store::Batch& batch, engine::Changes changes);

class Scheduler {
 public:
  struct Handlers {
    std::function<void(engine::Launch)> launch;
    std::function<void(const engine::Kill&)> kill;
    std::function<void(const engine::Deliver&)> deliver;
    std::function<void(const DagRun&)> run_ended;
    // A question to the store; missing where nothing runs.
    std::function<void(const engine::LookBack&)> look_back = {};
    std::function<void(const engine::FindRuntimes&)> find_runtimes = {};
    std::function<void(const engine::FindOutcomes&)> find_outcomes = {};
    std::function<void(const engine::FindDates&)> find_dates = {};
    std::function<void(const engine::AskTimetable&)> ask_timetable = {};
    std::function<void(const engine::AskWeights&)> ask_weights = {};
    std::function<void(const engine::AskMapper&)> ask_mapper = {};
    std::function<void(const store::Batch&)> committed = {};  // may be missing
    // The store cannot be written (text: why), or can again (empty).
    std::function<void(const std::string&)> store_trouble;
  };
  using OnAnswer = std::function<void(const engine::Answer&)>;

  Scheduler(EventLoop& loop, const Clock& clock, store::Store& store, engine::Config config, engine::Snapshot snapshot,
            Handlers handlers);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // To be committed with the next batch.
  void step(const engine::Event& event);
  // May ride on a later batch, within 5 ms.
  void step_lazily(const engine::Event& event);
  // An event with a command number; `on_answer` is called when its outcome is durable.
  template <class Event>
    requires requires(Event event) { event.command; }
  void command(Event event, OnAnswer on_answer) {
    event.command = next_command_++;
    commands_.emplace(event.command, std::move(on_answer));
    step(event);
  }

  // The batch that is being filled, for rows that the engine knows nothing of.
  [[nodiscard]] store::Batch& writes();
  // Calls when all that was stepped and written so far is durable; at once, from here, where it is already.
  void when_durable(std::function<void()> call);
  // Calls behind the next batch, also where nothing is left to be written.
  void after_batch(std::function<void()> call);

  void end_of_turn();
  // No further batch is begun.
  void stop() { stopped_ = true; }
  [[nodiscard]] bool everything_is_durable() const;

  [[nodiscard]] engine::Engine& engine() { return engine_; }
  [[nodiscard]] Time now() const { return clock_.now(); }
  // A run of this id was made, ended or deleted in a batch that is not durable yet: neither the store nor the engine's active
  // runs need know how it is.
  [[nodiscard]] bool is_in_flight(std::string_view dag_id, std::string_view run_id) const;
  // The same of runs with any of these dates.
  [[nodiscard]] bool is_in_flight(const engine::FindDates& question) const;

 private:
  struct Filling {
    store::Batch batch;
    std::vector<std::function<void()>> calls;
    std::vector<engine::Effect> effects;
    bool has_rows = false;  // something was put into `batch` from outside
  };

  void begin_commit();
  void write_batch();
  void committed(const Result<void>& done);
  void release(std::vector<engine::Effect> effects);
  void arm_timer();

  EventLoop& loop_;
  const Clock& clock_;
  store::Store& store_;
  Handlers handlers_;
  engine::Engine engine_;
  std::unique_ptr<Filling> open_ = std::make_unique<Filling>(), committing_;
  bool urgent_ = false, lazy_ = false, stopped_ = false, in_trouble_ = false;
  std::optional<EventLoop::TimerId> lazy_timer_, wake_timer_, retry_timer_;
  std::optional<Time> wake_timer_at_;
  std::int64_t next_command_ = 1;
  std::unordered_map<std::int64_t, OnAnswer> commands_;
  std::shared_ptr<Scheduler*> alive_ = std::make_shared<Scheduler*>(this);
  JobThread writer_;
};

}  // namespace venturi::server
