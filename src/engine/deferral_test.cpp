// Tries that wait without a process until a trigger fires.
#include <gmock/gmock.h>

#include "engine/testing/engine_fixture.h"

namespace venturi::engine {
namespace {

using namespace std::chrono_literals;
using testing::DagBuilder;
using ::testing::IsEmpty;
using testing::World;

TryDeferred until(const Launch& launch, Time at, Time fires_at, std::optional<Duration> timeout = {}) {
  return {launch.ti.token, at, "a.Trigger", Object{{"moment", 1}}, fires_at, "fired", timeout, "goes_on", Object{{"rows", 3}}};
}

Launch begin(World& w, int retries = 0) {
  DagBuilder d;
  d.task("t").retries = retries;
  w.step(DagSeen{d.build()});
  w.trigger("d");
  Launch launch = w.take_launch("t");
  w.step(TryStarted{launch.ti.token, w.now, 1});
  return launch;
}

TEST(Deferral, TheSameTryGoesOnWhenTheTriggerFires) {
  World w;
  const Launch first = begin(w);
  w.step(until(first, w.now, w.now + 30s));
  EXPECT_EQ(w.state("t"), "deferred");
  EXPECT_EQ(w.ti("t").end_date, std::nullopt);
  EXPECT_EQ(w.engine->outstanding().size(), 0U);
  w.restart();
  w.step(Tick{});
  EXPECT_EQ(w.state("t"), "deferred");
  w.pass(30s);
  w.restart();
  w.step(Tick{});
  const auto list = w.engine->outstanding();
  ASSERT_EQ(list.size(), 1U);
  const Launch second = *w.engine->launch_of(list[0].token);
  EXPECT_EQ(second.ti.try_number, 1);
  EXPECT_EQ(second.ti.id, first.ti.id);
  EXPECT_EQ(second.ti.start_date, w.now - 30s);
  EXPECT_EQ(second.ti.deferral,
            Value(Object{{"next_method", "goes_on"}, {"next_kwargs", Object{{"rows", 3}, {"event", "fired"}}}}));
  w.step(TrySucceeded{second.ti.token, w.now});
  EXPECT_EQ(w.run_state(), "success");
}

TEST(Deferral, ALaunchThatNeverStartedStillGoesOn) {
  World w;
  w.step(until(begin(w), w.now, w.now + 30s));
  w.pass(30s);
  w.step(TryNeverStarted{w.take_launch("t").ti.token});
  EXPECT_EQ(w.take_launch("t").ti.deferral.get_string("next_method"), "goes_on");
}

TEST(Deferral, TimesOutAndFailsAsTheRetryRuleSays) {
  World w;
  w.step(until(begin(w, 1), w.now, w.now + 30s, 10s));
  w.pass(10s);
  const Launch told = w.take_launch("t");
  EXPECT_EQ(told.ti.deferral,
            Value(Object{{"next_method", "__fail__"}, {"next_kwargs", Object{{"error", "Trigger timeout"}}}}));
  TryFailed failure;
  failure.token = told.ti.token;
  failure.at = w.now;
  w.step(failure);
  EXPECT_EQ(w.state("t"), "up_for_retry");
  w.pass(24h);
  const Launch again = w.take_launch("t");
  EXPECT_EQ(again.ti.try_number, 2);
  EXPECT_TRUE(again.ti.deferral.is_null()) << "a new try begins at the beginning";
}

TEST(Deferral, ATriggerThatFiresBeforeItsTimeoutCounts) {
  World w;
  w.step(until(begin(w), w.now, w.now + 10s, 30s));
  w.pass(10s);
  EXPECT_EQ(w.take_launch("t").ti.deferral.get_string("next_method"), "goes_on");
}

TEST(Deferral, IsForgottenWithTheTry) {
  World w;
  w.step(until(begin(w), w.now, w.now + 10s));
  w.clear(1);
  const Launch cleared = w.take_launch("t");
  EXPECT_TRUE(cleared.ti.deferral.is_null());
  w.step(until(cleared, w.now, w.now + 10s));
  w.step(StopRun{w.next_command(), "d", w.runs().at(1).run_id, "by hand"});
  EXPECT_EQ(w.state("t"), "failed");
  w.pass(10s);
  EXPECT_THAT(w.launched(), IsEmpty());
}

}  // namespace
}  // namespace venturi::engine
