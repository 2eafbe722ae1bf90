// Weight rules of the user's: who waits for them, and who does not. The program is played by the test.
#include <gmock/gmock.h>

#include "engine/testing/engine_fixture.h"

namespace venturi::engine {
namespace {

using namespace std::chrono_literals;
using testing::DagBuilder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using testing::World;

std::vector<std::string> asked(const AskWeights& question) {
  std::vector<std::string> names;
  for (const TaskInstance& ti : question.task_instances) names.push_back(ti.task_id + " " + std::to_string(ti.try_number));
  return names;
}

Task& weighed(DagBuilder& d, const std::string& task_id, const std::vector<std::string>& upstream = {}) {
  Task& task = d.task(task_id, upstream);
  task.weight_class = "ByName";
  task.retries = 1;
  task.retry_delay = 1min;
  return task;
}

AskWeights take(World& w) {
  EXPECT_THAT(w.weight_questions, SizeIs(1));
  return std::exchange(w.weight_questions, {}).at(0);
}

Result<std::vector<std::int32_t>> broken() {
  return fail(ErrorKind::invalid, "std::runtime_error: no idea", "dag d, ByName.get_weight");
}

std::string reason(World& w, const std::string& task_id) {
  for (const auto& [name, reason] : w.engine->unmet_dependencies("d", "one", task_id, -1).value()) {
    if (name == "Priority Weight") return reason;
  }
  return {};
}

TEST(Weights, ARunsTaskInstancesAreAskedAboutTogetherAndOnlyTheyWait) {
  World w(1);
  DagBuilder d;
  for (const char* name : {"a", "b", "c"}) weighed(d, name);
  d.task("plain");
  w.step(DagSeen{d.build()});
  w.trigger("d", "one");
  EXPECT_THAT(w.launched(), ElementsAre("plain"));
  EXPECT_THAT(reason(w, "a"), HasSubstr("its weight rule ByName has not answered yet"));
  EXPECT_EQ(reason(w, "plain"), "");
  const AskWeights question = take(w);
  EXPECT_THAT(asked(question), UnorderedElementsAre("a 0", "b 0", "c 0"));
  w.step(WeightsTold{question.question, std::vector<std::int32_t>{1, 7, 3}});
  EXPECT_EQ(w.ti("b").priority_weight, 7);
  EXPECT_FALSE(w.ti("plain").priority_weight);
  for (const char* next : {"plain", "b", "c", "a"}) w.succeed(next);
  EXPECT_EQ(w.run_state(), "success");
  EXPECT_THAT(w.weight_questions, IsEmpty());
}

TEST(Weights, ARestartAsksAgainWhereItsRowHasNone) {
  World w(1);
  DagBuilder d;
  weighed(d, "a");
  weighed(d, "b");
  w.step(DagSeen{d.build()});
  w.trigger("d", "one");
  const AskWeights lost = take(w);
  w.restart();
  w.step(Tick{});
  const AskWeights question = take(w);
  EXPECT_THAT(asked(question), ElementsAre("a 0", "b 0"));
  w.step(WeightsTold{question.question, std::vector<std::int32_t>{1, 2}});
  EXPECT_THAT(w.launched(), ElementsAre("b"));
  w.restart();
  w.step(Tick{});
  EXPECT_THAT(w.weight_questions, IsEmpty());  // they are in the rows
  w.step(TrySucceeded{w.engine->outstanding().at(0).token, w.now});
  w.succeed("a");
  EXPECT_EQ(w.run_state(), "success");
}

TEST(Weights, EachTryIsWeighedAndOneThatGoesOnIsNot) {
  World w;
  DagBuilder d;
  weighed(d, "a");
  w.step(DagSeen{d.build()});
  w.trigger("d", "one");
  w.step(WeightsTold{take(w).question, std::vector<std::int32_t>{5}});
  TryRescheduled later;
  later.token = w.take_launch("a").ti.token;
  later.at = w.now;
  later.reschedule_date = w.now + 1min;
  w.step(later);
  w.pass(1min);
  EXPECT_THAT(w.weight_questions, IsEmpty());
  w.fail("a");
  w.pass(2min);
  const AskWeights question = take(w);
  EXPECT_THAT(asked(question), ElementsAre("a 1"));
  EXPECT_FALSE(w.ti("a").priority_weight);
  w.step(WeightsTold{question.question, std::vector<std::int32_t>{9}});
  w.succeed("a");
  EXPECT_EQ(w.ti("a").priority_weight, 9);
  w.clear(1);
  EXPECT_THAT(asked(take(w)), ElementsAre("a 2"));
}

TEST(Weights, AnErrorShowsWhyItWaitsAndIsAskedAboutAgain) {
  World w;
  DagBuilder d;
  weighed(d, "a");
  w.step(DagSeen{d.build()});
  w.trigger("d", "one");
  w.step(WeightsTold{take(w).question, broken()});
  EXPECT_THAT(w.launched(), IsEmpty());
  EXPECT_THAT(reason(w, "a"), HasSubstr("its weight rule ByName failed, and is asked again at 2026-03-01T00:01:00Z: "));
  EXPECT_THAT(reason(w, "a"), HasSubstr("no idea"));
  w.pass(59s);
  EXPECT_THAT(w.weight_questions, IsEmpty());
  w.pass(1s);
  w.step(WeightsTold{take(w).question, std::vector<std::int32_t>{1, 2}});  // two for one
  EXPECT_THAT(reason(w, "a"), HasSubstr("does not fit"));
  w.pass(2min);
  w.step(WeightsTold{take(w).question, std::vector<std::int32_t>{1}});
  w.succeed("a");
  EXPECT_EQ(w.run_state(), "success");
}

TEST(Weights, WhatIsClearedOrStoppedMeanwhileTakesNoOldAnswer) {
  World w;
  DagBuilder d;
  weighed(d, "a");
  w.step(DagSeen{d.build()});
  w.trigger("d", "one");
  const AskWeights before = take(w);
  w.clear(1);
  const AskWeights after = take(w);
  w.step(WeightsTold{before.question, std::vector<std::int32_t>{1}});
  EXPECT_THAT(w.launched(), IsEmpty());
  w.step(StopRun{w.next_command(), "d", "one", "me"});
  w.step(WeightsTold{after.question, std::vector<std::int32_t>{1}});
  EXPECT_THAT(w.launched(), IsEmpty());
  EXPECT_EQ(w.run_state(), "failed");
}

}  // namespace
}  // namespace venturi::engine
