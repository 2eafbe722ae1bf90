#include "seeds/server.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "seeds/world.h"
#include "server/scheduler.h"

namespace venturi::seeds {

using namespace std::chrono_literals;

namespace {

constexpr auto lazy_delay = 5ms;
constexpr auto retry_every = 1s;
constexpr Duration longest_sleep = 60s;
// Few, so that work is cut into slices that other work passes between.
constexpr int units_in_batch = 16;

}  // namespace

Server::Server(World& world) : world_(world) {
  auto reader = world_.store().open_reader();
  auto active = world_.store().load_active();
  if (!reader || !active) throw std::runtime_error((reader ? active.error() : reader.error()).text());
  reader_ = std::move(*reader);
  epoch_ = active->epoch;
  worker_id_ = active->worker_id;
  // Where a worker was known before, what was committed may have been sent to it.
  sent_below_ = worker_id_.empty() ? 1 : active->next_sequence;
  engine::Config config = world_.config;
  config.epoch = epoch_;
  config.uuid_salt = ++world_.starts;
  engine_ = world_.parts.make_engine(config, server::to_snapshot(std::move(*active)));
  for (const auto& outstanding : engine().outstanding()) {
    if (outstanding.token.sequence < sent_below_) continue;
    if (auto launch = engine().launch_of(outstanding.token)) waiting_.emplace(outstanding.token, std::move(*launch));
  }
  seen_dags();
}

// The lanes come to the files one after the other.
void Server::seen_dags() {
  for (const auto& [dag_id, file] : world_.dags) {
    world_.time.after(world_.random.up_to(2s), life_, [this, dag_id] {
      const auto found = world_.dags.find(dag_id);
      if (found != world_.dags.end()) command(found->second.event());
    });
  }
}

// ---- batches -------------------------------------------------------------------------------------------------------------

Time Server::tell_time() {
  return told_time_ = world_.time.wall();
}

void Server::step(const engine::Event& event) {
  engine_->step(event, tell_time());
  urgent_ = true;
}

void Server::step_lazily(const engine::Event& event) {
  engine_->step(event, tell_time());
  lazy_ = true;
}

store::Batch& Server::writes() {
  open_->has_rows = true;
  urgent_ = true;
  return open_->batch;
}

void Server::when_durable(std::function<void()> call) {
  if (everything_is_durable()) return call();
  open_->calls.push_back(std::move(call));
  urgent_ = true;
}

bool Server::everything_is_durable() const {
  return !committing_ && !urgent_ && !lazy_ && !engine().has_work();
}

void Server::end_of_turn() {
  if (!committing_) {
    if (engine().has_work()) {
      engine_->work(tell_time(), units_in_batch);
      urgent_ = true;
    }
    if (urgent_) {
      begin_commit();
    } else if (lazy_) {
      world_.time.after(lazy_delay, life_, [this] {
        if (lazy_) urgent_ = true;
      });
    }
  }
  arm_timer();
}

void Server::begin_commit() {
  urgent_ = lazy_ = false;
  engine::Batch from_engine = engine_->take();
  committing_ = std::exchange(open_, std::make_unique<Filling>());
  const bool has_rows = committing_->has_rows || !from_engine.changes.empty();
  engine::Changes changes = from_engine.changes;
  server::add_changes(committing_->batch, std::move(changes));
  committing_->batch.now = world_.time.wall();
  world_.taken(committing_->batch, from_engine);
  committing_->effects = std::move(from_engine.effects);
  begun_commit(committing_->effects);
  if (!has_rows) return world_.time.after({}, life_, [this] { committed(); });
  write_batch();
}

void Server::write_batch() {
  world_.time.after(world_.random.up_to(10ms), life_, [this] {
    if (const auto done = world_.commit(committing_->batch); !done) {
      world_.time.after(retry_every, life_, [this] { write_batch(); });
      return;
    }
    world_.time.after(world_.random.up_to(1ms), life_, [this] { committed(); });
  });
}

void Server::committed() {
  const std::unique_ptr<Filling> durable = std::move(committing_);
  for (const auto& call : durable->calls) call();
  release(std::move(durable->effects));
}

void Server::release(std::vector<engine::Effect> effects) {
  for (engine::Effect& effect : effects) {
    std::visit(
        [this]<class E>(E& e) {
          if constexpr (std::is_same_v<E, engine::Launch>)
            launch(std::move(e));
          else if constexpr (std::is_same_v<E, engine::Kill>)
            kill(e);
          else if constexpr (std::is_same_v<E, engine::Deliver>)
            deliver(e);
          else if constexpr (std::is_same_v<E, engine::LookBack> || std::is_same_v<E, engine::FindDates> ||
                             std::is_same_v<E, engine::FindRuntimes> || std::is_same_v<E, engine::FindOutcomes>)
            world_.time.after(world_.random.up_to(5ms), life_, [this, e] { answer(e); });
          else if constexpr (std::is_same_v<E, engine::AskTimetable> ||
                             std::is_same_v<E, engine::AskWeights>)  // a process has to be started, and some hang
            world_.time.after(world_.random.up_to(world_.random.one_in(8) ? 20s : 50ms), life_, [this, e] { answer(e); });
          else if constexpr (std::is_same_v<E, engine::Answer>)
            world_.story.tell("the server answers command {}: {}", e.command, e.error ? e.error->what : "done");
        },
        effect);
  }
}

// Timers go by the steady clock, and look at the one on the wall when they are over.
void Server::arm_timer() {
  const auto at = engine().wake_at();
  if (!at) return wakes_at_.reset();
  const Duration due = world_.time.now() + std::clamp<Duration>(*at - world_.time.wall(), 0us, longest_sleep);
  if (wakes_at_ && *wakes_at_ <= due && *wakes_at_ > world_.time.now()) return;
  wakes_at_ = due;
  world_.time.after(due - world_.time.now(), life_, [this, due] {
    if (wakes_at_ != due) return;
    wakes_at_.reset();
    if (const auto wake = engine().wake_at(); wake && *wake <= world_.time.wall()) {
      world_.story.tell("the engine wakes");
      step(engine::Tick{});
    }
  });
}

}  // namespace venturi::seeds
