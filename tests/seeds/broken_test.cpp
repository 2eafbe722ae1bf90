// Each invariant can fail: something is broken on purpose, and this invariant, and no other, says so.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <type_traits>
#include <utility>

#include "seeds/engine_inside.h"
#include "seeds/world.h"

namespace venturi::seeds {
namespace {

using engine::EngineInside;

// The first violation among some seeds.
Failure first_failure(const Parts& parts) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    if (auto failure = World(seed, parts).run()) return *failure;
  }
  return {0, "none", ""};
}

#define EXPECT_VIOLATES(parts, name)            \
  const Failure failure = first_failure(parts); \
  EXPECT_EQ(failure.invariant, name) << failure.text

template <class Broken>
Parts with_engine() {
  Parts parts;
  parts.make_engine = [](const engine::Config& config, engine::Snapshot snapshot) {
    return std::make_unique<Broken>(config, std::move(snapshot));
  };
  return parts;
}
template <class Broken>
Parts with_server() {
  Parts parts;
  parts.make_server = [](World& world) { return std::make_unique<Broken>(world); };
  return parts;
}
template <class Broken>
Parts with_worker() {
  Parts parts;
  parts.make_worker = [](World& world, Worker::Disk& disk) { return std::make_unique<Broken>(world, disk); };
  return parts;
}

// ---- the worker ----------------------------------------------------------------------------------------------------------

struct AcceptsAll : Worker {
  using Worker::Worker;
  [[nodiscard]] bool accepts(LaunchToken) const override { return true; }
};
TEST(BrokenWorker, AcceptsATokenTwice) {
  EXPECT_VIOLATES(with_worker<AcceptsAll>(), "a_launch_token_is_accepted_once");
}

struct KnowsNothing : Worker {
  using Worker::Worker;
  [[nodiscard]] TokenState state_of(LaunchToken) override { return TokenState::unknown; }
};
TEST(BrokenWorker, ForgetsWhatItRuns) {
  EXPECT_VIOLATES(with_worker<KnowsNothing>(), "a_try_is_lost_by_a_crash_only");
}

// ---- the server ----------------------------------------------------------------------------------------------------------

struct ReleasesBeforeCommit : Server {
  using Server::Server;
  void begun_commit(std::vector<engine::Effect>& effects) override { release(std::exchange(effects, {})); }
};
TEST(BrokenServer, LaunchesBeforeTheCommit) {
  EXPECT_VIOLATES(with_server<ReleasesBeforeCommit>(), "a_launch_follows_its_commit");
}

struct AnswersBeforeCommit : Server {
  using Server::Server;
  [[nodiscard]] bool answers_before_commit() const override { return true; }
};
TEST(BrokenServer, AnswersBeforeTheCommit) {
  EXPECT_VIOLATES(with_server<AnswersBeforeCommit>(), "an_answer_follows_its_commit");
}

// ---- the engine ----------------------------------------------------------------------------------------------------------

// A try that was lost is taken for one that never started.
struct LaunchesLostAgain : EnginePort {
  using EnginePort::EnginePort;
  void step(const engine::Event& event, Time now) override {
    if (const auto* lost = std::get_if<engine::TryLost>(&event))
      return EnginePort::step(engine::TryNeverStarted{lost->token}, now);
    EnginePort::step(event, now);
  }
};
TEST(BrokenEngine, RunsALostTryAgain) {
  EXPECT_VIOLATES(with_engine<LaunchesLostAgain>(), "a_try_runs_once");
}

// What the launch before says counts for the one that followed it.
struct TakesOldTokens : EnginePort {
  using EnginePort::EnginePort;
  void step(const engine::Event& event, Time now) override {
    if (const auto* failed = std::get_if<engine::TryFailed>(&event); failed != nullptr && !engine_.counts(failed->token)) {
      for (const auto& outstanding : engine_.outstanding()) {
        engine::TryFailed other = *failed;
        other.token = outstanding.token;
        return EnginePort::step(other, now);
      }
    }
    EnginePort::step(event, now);
  }
};
TEST(BrokenEngine, TakesTheWordOfALaunchThatWasFenced) {
  EXPECT_VIOLATES(with_engine<TakesOldTokens>(), "nothing_writes_after_it_was_fenced");
}

struct IsGenerous : EnginePort {
  IsGenerous(engine::Config config, engine::Snapshot snapshot) : EnginePort(more(config), std::move(snapshot)) {}
  static engine::Config more(engine::Config config) {
    config.parallelism += 2;
    return config;
  }
};
TEST(BrokenEngine, ExceedsALimit) {
  EXPECT_VIOLATES(with_engine<IsGenerous>(), "limits_are_never_exceeded");
}

struct IsStingy : EnginePort {
  IsStingy(engine::Config config, engine::Snapshot snapshot) : EnginePort(less(config), std::move(snapshot)) {}
  static engine::Config less(engine::Config config) {
    config.parallelism = std::max(1, config.parallelism / 2);
    return config;
  }
};
TEST(BrokenEngine, LeavesATaskReady) {
  EXPECT_VIOLATES(with_engine<IsStingy>(), "no_ready_task_starves");
}

struct Miscounts : EnginePort {
  using EnginePort::EnginePort;
  void step(const engine::Event& event, Time now) override {
    EnginePort::step(event, now);
    auto& runs = EngineInside::state(engine_).runs;
    if (std::holds_alternative<engine::TryFailed>(event) && !runs.empty()) ++runs.begin()->second->waiting;
  }
};
TEST(BrokenEngine, Miscounts) {
  EXPECT_VIOLATES(with_engine<Miscounts>(), "counters_equal_a_full_recount");
}

// It forgets up to where a DAG's runs took the events.
struct TakesEventsTwice : EnginePort {
  using EnginePort::EnginePort;
  void step(const engine::Event& event, Time now) override {
    EnginePort::step(event, now);
    auto& state = EngineInside::state(engine_);
    for (const auto& [dag_id, machine] : state.machines) {
      if (machine->row.last_asset_event < 2 || !machine->row_dirty) continue;
      --machine->row.last_asset_event;
    }
  }
};
TEST(BrokenEngine, GivesAnAssetEventToTwoRuns) {
  EXPECT_VIOLATES(with_engine<TakesEventsTwice>(), "an_asset_event_is_consumed_once");
}

struct LosesAnEvent : EnginePort {
  using EnginePort::EnginePort;
  [[nodiscard]] engine::Batch take() override {
    engine::Batch batch = engine_.take();
    auto& events = batch.changes.asset_events;
    if (!events.empty() && !events.back().source_task_id.empty()) events.pop_back();
    return batch;
  }
};
TEST(BrokenEngine, MakesNoEventOfASuccess) {
  EXPECT_VIOLATES(with_engine<LosesAnEvent>(), "an_asset_event_is_consumed_once");
}

struct CollectsNothing : EnginePort {
  using EnginePort::EnginePort;
  [[nodiscard]] engine::Batch take() override {
    engine::Batch batch = engine_.take();
    if (!batch.changes.partitioned_events.empty()) batch.changes.partitioned_events.pop_back();
    return batch;
  }
};
TEST(BrokenEngine, CollectsNoEventOfAPartition) {
  EXPECT_VIOLATES(with_engine<CollectsNothing>(), "an_asset_event_is_consumed_once");
}

struct ForgetsARow : EnginePort {
  using EnginePort::EnginePort;
  [[nodiscard]] engine::Batch take() override {
    engine::Batch batch = engine_.take();
    std::erase_if(batch.changes.task_instances, [](const TaskInstance& ti) { return ti.state == TaskState::up_for_retry; });
    return batch;
  }
};
TEST(BrokenEngine, ForgetsARow) {
  EXPECT_VIOLATES(with_engine<ForgetsARow>(), "the_state_rebuilt_equals_the_state_in_memory");
}

// The store refuses such a batch.
struct GivesAnIdTwice : EnginePort {
  using EnginePort::EnginePort;
  [[nodiscard]] engine::Batch take() override {
    engine::Batch batch = engine_.take();
    if (!batch.changes.runs.empty()) {
      batch.changes.runs.push_back(batch.changes.runs.back());
      batch.changes.runs.back().no += 1'000;
    }
    return batch;
  }
};
TEST(BrokenEngine, GivesTwoRunsOneId) {
  EXPECT_VIOLATES(with_engine<GivesAnIdTwice>(), "nothing_throws");
}

// When all is calm nobody asks about what was not sent.
struct LosesALaunch : EnginePort {
  using EnginePort::EnginePort;
  [[nodiscard]] engine::Batch take() override {
    engine::Batch batch = engine_.take();
    std::erase_if(batch.effects, [](const engine::Effect& effect) {
      const auto* launch = std::get_if<engine::Launch>(&effect);
      return launch != nullptr && launch->ti.token.sequence % 7 == 0;
    });
    return batch;
  }
};
TEST(BrokenEngine, LosesALaunch) {
  EXPECT_VIOLATES(with_engine<LosesALaunch>(), "everything_ends");
}

}  // namespace
}  // namespace venturi::seeds
