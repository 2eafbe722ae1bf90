// Runs that are cleared to follow their DAG as it is now, which has other tasks than they began with.
#include <gmock/gmock.h>

#include "engine/testing/engine_fixture.h"

namespace venturi::engine {
namespace {

using ::testing::Contains;
using testing::DagBuilder;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using testing::World;

class Following : public ::testing::Test {
 protected:
  void SetUp() override {
    DagBuilder d;
    d.task("a");
    d.task("b", {"a"});
    d.task("c", {"b"});
    w.step(DagSeen{d.build()});
    run = w.trigger("d", "r").no;
  }
  void restart() {
    w.restart();
    w.step(Tick{});
    for (const auto& o : w.engine->outstanding()) w.launches.push_back(w.engine->launch_of(o.token).value());
  }
  // "task: state", each with its map_index where it has one, by number.
  [[nodiscard]] std::vector<std::string> states() const {
    std::vector<std::string> all;
    for (const auto& [no, ti] : w.task_instances()) {
      const std::string index = ti.map_index < 0 ? "" : "[" + std::to_string(ti.map_index) + "]";
      all.push_back(ti.task_id + index + ": " + std::string(to_string(ti.state)));
    }
    return all;
  }
  World w;
  RunNo run = 0;
};

TEST_F(Following, TasksComeAndGo) {
  for (const char* task : {"a", "b", "c"}) w.succeed(task);
  ASSERT_EQ(w.run_state(), "success");
  DagBuilder now("d", "v2");
  now.task("first");
  now.task("c", {"first"});
  now.task("a", {"first"});
  now.task("last", {"a", "c"});
  w.step(DagSeen{now.build()});
  EXPECT_EQ(w.clear(run, {.tasks = {{"c"}}}, false, true).error, std::nullopt);
  EXPECT_THAT(states(), ElementsAre("a: success", "b: removed", "c: none", "first: queued", "last: none"))
      << "what is gone is removed, though it had succeeded, as in Airflow";
  EXPECT_EQ(w.runs().at(run).dag_version_id, "v2");
  EXPECT_THAT(w.history("b"), Contains("removed: the DAG does not have its task any more"));
  restart();
  w.succeed("first");
  EXPECT_EQ(w.state("last"), "none");
  w.succeed("c");
  restart();
  w.succeed("last");
  EXPECT_EQ(w.run_state(), "success");
  EXPECT_EQ(w.ti("c").try_number, 2);
  EXPECT_EQ(w.ti("a").try_number, 1);
}

TEST_F(Following, WhatWaitsDeferredInItsProcessIsKilled) {
  w.succeed("a");
  const Launch waits = w.take_launch("b");
  w.step(TryStarted{waits.ti.token, w.now, 1});
  w.step(TryDeferredInPlace{waits.ti.token, w.now, "a.Trigger"});
  DagBuilder now("d", "v2");
  now.task("a");
  now.task("c", {"a"});
  w.step(DagSeen{now.build()});
  w.clear(run, {.tasks = {{"a"}}}, false, true);
  EXPECT_THAT(w.kills, ElementsAre(Field(&Kill::token, waits.ti.token)));
  EXPECT_EQ(w.state("b"), "removed");
  w.step(TrySucceeded{waits.ti.token, w.now});
  EXPECT_EQ(w.state("b"), "removed") << "fenced";
  w.succeed("a");
  w.succeed("c");
  EXPECT_EQ(w.run_state(), "success");
}

TEST_F(Following, ATaskThatIsBackRunsAgain) {
  for (const char* task : {"a", "b", "c"}) w.succeed(task);
  DagBuilder without("d", "v2");
  without.task("a");
  without.task("c", {"a"});
  w.step(DagSeen{without.build()});
  w.clear(run, {.tasks = {{"a"}}}, false, true);
  w.succeed("a");
  EXPECT_EQ(w.run_state(), "success");
  ASSERT_EQ(w.state("b"), "removed");
  DagBuilder with("d", "v3");
  with.task("b");
  with.task("a", {"b"});
  with.task("c", {"a"});
  w.step(DagSeen{with.build()});
  w.clear(run, {.tasks = {{"c"}}}, false, true);
  EXPECT_THAT(states(), ElementsAre("a: success", "b: queued", "c: queued"));
  EXPECT_THAT(w.history("b"), Contains("none: its task is there again"));
  restart();
  w.succeed("b");
  w.succeed("c");
  EXPECT_EQ(w.run_state(), "success");
  EXPECT_EQ(w.ti("b").try_number, 2);
}

TEST_F(Following, WhatRunsIsKilledIfItsTaskIsGone) {
  w.succeed("a");
  const Launch launch = w.take_launch("b");
  w.step(TryStarted{launch.ti.token, w.now, 1});
  DagBuilder now("d", "v2");
  now.task("c");
  now.task("a");
  w.step(DagSeen{now.build()});
  EXPECT_FALSE(w.clear(run, {.tasks = {{"a"}}}, false, true).error);
  ASSERT_EQ(w.kills.size(), 1U);
  EXPECT_EQ(w.kills[0].token, launch.ti.token);
  EXPECT_THAT(states(), ElementsAre("a: queued", "b: removed", "c: queued"));
  w.step(TrySucceeded{launch.ti.token, w.now});  // too late
  restart();
  w.succeed("a");
  w.succeed("c");
  EXPECT_EQ(w.run_state(), "success");
}

TEST_F(Following, WhatRunsOnIsNotDisturbed) {
  const Launch launch = w.take_launch("a");
  DagBuilder now("d", "v2");
  now.task("b");
  now.task("a");
  now.task("d", {"a", "b"});
  w.step(DagSeen{now.build()});
  EXPECT_FALSE(w.clear(run, {.tasks = {{"b"}}}, false, true).error);
  EXPECT_TRUE(w.kills.empty());
  w.step(TrySucceeded{launch.ti.token, w.now});
  w.succeed("b");
  w.succeed("d");
  EXPECT_EQ(w.run_state(), "success");
}

TEST_F(Following, NothingThatWasMeantIsLeft) {
  for (const char* task : {"a", "b", "c"}) w.succeed(task);
  DagBuilder now("d", "v2");
  now.task("a");
  w.step(DagSeen{now.build()});
  EXPECT_FALSE(w.clear(run, {.tasks = {{"b"}}, .downstream = true}, false, true).error);
  EXPECT_THAT(states(), ElementsAre("a: success", "b: removed", "c: removed"));
  EXPECT_EQ(w.run_state(), "success");
}

// As in Airflow: `task_ids` are those of the version that the run followed.
TEST_F(Following, ANewTaskCannotBeNamedYet) {
  for (const char* task : {"a", "b", "c"}) w.succeed(task);
  DagBuilder now("d", "v2");
  now.task("a");
  now.task("new");
  w.step(DagSeen{now.build()});
  EXPECT_THAT(w.clear(run, {.tasks = {{"new"}}}, false, true).error->text(), HasSubstr("there is no task new"));
  EXPECT_EQ(w.runs().at(run).dag_version_id, "v1");
}

TEST_F(Following, ATaskIsMappedAndIsNotAnyMore) {
  for (const char* task : {"a", "b", "c"}) w.succeed(task);
  DagBuilder mapped("d", "v2");
  mapped.task("a").mapped_keys = {"return_value"};
  mapped.task("b", {"a"}).mapped_over.push_back({.task = 0, .key = "return_value"});
  mapped.task("c", {"b"});
  mapped.dag.rerun_with_latest_version = true;
  w.step(DagSeen{mapped.build()});
  w.clear(run, {.tasks = {{"a"}}});
  EXPECT_EQ(w.state("b"), "none") << "it runs anew, mapped";
  w.push_length(w.launches.front().ti.token, "return_value", 2);
  w.succeed("a");
  restart();
  for (int i = 0; i < 2; ++i) w.succeed("b");
  EXPECT_THAT(states(), ElementsAre("a: success", "b[0]: success", "c: success", "b[1]: success"));
  EXPECT_EQ(w.run_state(), "success");

  DagBuilder plain("d", "v3");
  plain.task("a");
  plain.task("b", {"a"});
  plain.task("c", {"b"});
  w.step(DagSeen{plain.build()});
  w.clear(run, {.tasks = {{"c"}}}, false, true);
  EXPECT_THAT(states(), ElementsAre("a: success", "b[0]: removed", "c: none", "b[1]: removed", "b: queued"));
  restart();
  w.succeed("b");
  w.succeed("c");
  EXPECT_EQ(w.run_state(), "success");

  mapped.dag.version_id = "v4";
  w.step(DagSeen{mapped.build()});
  w.clear(run, {.tasks = {{"a"}}}, false, true);
  EXPECT_THAT(states(), ElementsAre("a: queued", "b[0]: none", "c: success", "b[1]: none", "b: removed"));
  restart();
  w.push_length(w.launches.front().ti.token, "return_value", 3);
  w.succeed("a");
  for (int i = 0; i < 3; ++i) w.succeed("b");
  EXPECT_THAT(states(),
              ElementsAre("a: success", "b[0]: success", "c: success", "b[1]: success", "b: removed", "b[2]: success"));
  EXPECT_EQ(w.run_state(), "success");
}

TEST_F(Following, ConstantsBecomeFewerAndMore) {
  for (const char* task : {"a", "b", "c"}) w.succeed(task);
  const auto version = [](const char* name, int length) {
    DagBuilder d("d", name);
    d.task("a");
    d.task("b", {"a"}).mapped_over.push_back({.length = length});
    return d.build();
  };
  w.step(DagSeen{version("v2", 3)});
  w.clear(run, {.tasks = {{"b"}}}, false, true);
  EXPECT_THAT(states(), ElementsAre("a: success", "b[0]: queued", "c: removed", "b[1]: queued", "b[2]: queued"));
  for (int i = 0; i < 3; ++i) w.succeed("b");
  w.step(DagSeen{version("v3", 1)});
  w.clear(run, {.tasks = {{"a"}}}, false, true);
  EXPECT_THAT(states(), ElementsAre("a: queued", "b[0]: success", "c: removed", "b[1]: removed", "b[2]: removed"));
  restart();
  w.succeed("a");
  EXPECT_EQ(w.run_state(), "success");
  w.step(DagSeen{version("v4", 4)});
  w.clear(run, {.tasks = {{"a"}}}, false, true);
  restart();
  w.succeed("a");
  EXPECT_THAT(states(),
              ElementsAre("a: success", "b[0]: success", "c: removed", "b[1]: queued", "b[2]: queued", "b[3]: queued"));
}

}  // namespace
}  // namespace venturi::engine
