// Mapped task groups, and tasks that are mapped over what is known from the beginning.
#include <gmock/gmock.h>

#include "engine/testing/engine_fixture.h"

namespace venturi::engine {
namespace {

using testing::DagBuilder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::World;

MappedList over(std::int32_t length) {
  return {.length = length};
}
MappedList over(TaskIndex task) {
  return {.task = task, .key = "return_value"};
}
MappedList joined(MappedList::Join join, std::vector<MappedList> parts) {
  return {.join = join, .parts = std::move(parts)};
}

class Mapping : public ::testing::Test {
 protected:
  // A task of the group, which is mapped over the first task's XCom.
  Task& in_group(const std::string& task_id, const std::vector<std::string>& upstream) {
    Task& t = d.task(task_id, upstream);
    t.mapped_group = 0;
    t.mapped_over = {over(TaskIndex{0})};
    return t;
  }
  void begin(std::optional<std::int32_t> length) {
    if (length) d.dag.tasks[0].mapped_keys = {"return_value"};
    w.step(DagSeen{d.build()});
    w.trigger("d");
    if (!length) return;
    const Launch list = w.take_launch("list");
    w.push_length(list.ti.token, "return_value", *length);
    w.step(TrySucceeded{list.ti.token, w.now});
  }
  Launch take(const std::string& task_id, std::int32_t map_index) {
    const auto found = std::ranges::find_if(
        w.launches, [&](const Launch& l) { return l.ti.task_id == task_id && l.ti.map_index == map_index; });
    if (found == w.launches.end()) throw std::runtime_error(task_id + " was not launched");
    Launch launch = std::move(*found);
    w.launches.erase(found);
    return launch;
  }
  void succeed(const std::string& task_id, std::int32_t map_index) {
    w.step(TrySucceeded{take(task_id, map_index).ti.token, w.now});
  }
  void fail(const std::string& task_id, std::int32_t map_index) {
    TryFailed f;
    f.token = take(task_id, map_index).ti.token;
    f.at = w.now;
    w.step(f);
  }
  // "a 0 running"
  std::vector<std::string> states(const std::string& task_id) const {
    std::map<std::int32_t, std::string> all;
    for (const auto& [no, ti] : w.task_instances()) {
      if (ti.task_id == task_id) all[ti.map_index] = std::string(to_string(ti.state));
    }
    std::vector<std::string> list;
    for (const auto& [index, state] : all) list.push_back(std::to_string(index) + " " + state);
    return list;
  }
  void restart() {
    w.restart();
    w.step(Tick{});
    for (const auto& o : w.engine->outstanding()) w.launches.push_back(*w.engine->launch_of(o.token));
  }

  World w;
  DagBuilder d;
};

TEST_F(Mapping, InAGroupEachInstanceFollowsItsOwn) {
  d.task("list");
  in_group("a", {"list"});
  in_group("b", {"a"});
  d.task("after", {"b"});
  begin(3);
  EXPECT_THAT(states("b"), ElementsAre("0 none", "1 none", "2 none"));
  EXPECT_THAT(w.launched(), ElementsAre("a", "a", "a"));
  succeed("a", 1);
  EXPECT_THAT(states("b"), ElementsAre("0 none", "1 queued", "2 none")) << "the others still run";
  restart();
  succeed("b", 1);
  fail("a", 2);
  EXPECT_THAT(states("b"), ElementsAre("0 none", "1 success", "2 upstream_failed"));
  restart();
  succeed("a", 0);
  succeed("b", 0);
  EXPECT_EQ(w.state("after"), "upstream_failed");
  EXPECT_EQ(w.run_state(), "failed");
}

TEST_F(Mapping, AGroupOverNothingIsSkipped) {
  d.task("list");
  in_group("a", {"list"});
  in_group("b", {"a"}).trigger_rule = TriggerRule::all_done;
  d.task("after", {"b"}).trigger_rule = TriggerRule::none_failed;
  begin(0);
  EXPECT_THAT(states("a"), ElementsAre("-1 skipped"));
  EXPECT_THAT(states("b"), ElementsAre("-1 skipped"));
  EXPECT_THAT(w.launched(), ElementsAre("after"));
}

TEST_F(Mapping, WhatStandsOutsideCountsForEachInstance) {
  d.task("list");
  d.task("other");
  in_group("a", {"list"});
  in_group("b", {"a", "other"});
  d.task("after", {"b"});
  begin(2);
  EXPECT_THAT(states("b"), ElementsAre("-1 none")) << "as in Airflow: not expanded before its rule lets it run";
  succeed("a", 0);
  restart();
  w.succeed("other");
  EXPECT_THAT(states("b"), ElementsAre("0 queued", "1 none"));
  succeed("a", 1);
  EXPECT_THAT(states("b"), ElementsAre("0 queued", "1 queued"));
}

// As in Airflow, which looks for its choice under no map_index.
TEST_F(Mapping, ABranchInAGroupSkipsNothing) {
  d.task("list");
  in_group("choose", {"list"});
  in_group("x", {"choose"});
  in_group("y", {"choose"});
  d.task("after", {"x"}).trigger_rule = TriggerRule::all_done;
  begin(2);
  const Launch zero = take("choose", 0);
  w.step(SkipDownstream{zero.ti.token, {"x", "after"}});
  w.step(TrySucceeded{zero.ti.token, w.now});
  EXPECT_THAT(states("x"), ElementsAre("0 queued", "1 none"));
  EXPECT_THAT(states("y"), ElementsAre("0 queued", "1 none"));
  EXPECT_EQ(w.state("after"), "none");
}

TEST_F(Mapping, AMappedBranchSpeaksForItsOwnIndexOfWhatStandsDirectlyBelow) {
  d.task("list");
  d.task("choose", {"list"}).mapped_over = {over(TaskIndex{0})};
  d.task("each", {"choose"}).mapped_over = {over(2)};
  d.task("further", {"each"}).mapped_over = {over(2)};
  d.task("plain", {"choose"});
  begin(2);
  const Launch zero = take("choose", 0);
  w.step(SkipDownstream{zero.ti.token, {"each", "further", "plain"}});
  w.step(TrySucceeded{zero.ti.token, w.now});
  succeed("choose", 1);
  EXPECT_THAT(states("each"), ElementsAre("0 skipped", "1 queued"));
  restart();
  succeed("each", 1);
  EXPECT_THAT(states("further"), ElementsAre("0 skipped", "1 skipped")) << "by their rule";
  EXPECT_EQ(w.state("plain"), "queued");
}

// Its list comes from a task that does not stand directly above it.
TEST_F(Mapping, TheGroupWaitsForItsListThoughItsFirstTaskFailedBefore) {
  d.task("list");
  d.task("other");
  in_group("a", {"list", "other"});
  in_group("b", {"a"}).trigger_rule = TriggerRule::all_done;
  d.dag.tasks[0].mapped_keys = {"return_value"};
  w.step(DagSeen{d.build()});
  w.trigger("d");
  w.fail("other");
  EXPECT_THAT(states("a"), ElementsAre("-1 upstream_failed"));
  EXPECT_THAT(states("b"), ElementsAre("-1 none"));
  const Launch list = w.take_launch("list");
  w.push_length(list.ti.token, "return_value", 2);
  w.step(TrySucceeded{list.ti.token, w.now});
  EXPECT_THAT(states("b"), ElementsAre("0 queued", "1 queued"));
}

TEST_F(Mapping, SetupsOfAGroupGuardTheirOwnIndex) {
  d.task("list");
  in_group("make", {"list"}).is_setup = true;
  in_group("work", {"make"});
  in_group("more", {"work"});
  Task& remove = in_group("remove", {"more", "make"});
  remove.is_teardown = true;
  remove.trigger_rule = TriggerRule::all_done_setup_success;
  begin(2);
  fail("make", 0);
  succeed("make", 1);
  EXPECT_THAT(states("more"), ElementsAre("0 upstream_failed", "1 none"));
  EXPECT_THAT(states("remove"), ElementsAre("0 upstream_failed", "1 none"));
  succeed("work", 1);
  fail("more", 1);
  EXPECT_THAT(states("remove"), ElementsAre("0 upstream_failed", "1 queued"));
}

TEST_F(Mapping, OverConstantsThereAreInstancesFromTheBeginning) {
  d.task("s");
  d.task("m", {"s"}).mapped_over = {over(2), over(2)};
  d.task("n", {"m"});
  begin({});
  EXPECT_THAT(states("m"), ElementsAre("0 none", "1 none", "2 none", "3 none"));
  restart();
  w.fail("s");
  EXPECT_THAT(states("m"), ElementsAre("0 upstream_failed", "1 upstream_failed", "2 upstream_failed", "3 upstream_failed"));
  EXPECT_THAT(states("n"), ElementsAre("-1 upstream_failed"));
  w.trigger("d");
  const Launch s = w.take_launch("s");
  w.step(SkipDownstream{s.ti.token, {"m"}});
  w.step(TrySucceeded{s.ti.token, w.now});
  EXPECT_EQ(w.run_state(), "success");
  EXPECT_EQ(w.state("m"), "skipped");
}

// Launch::items: which item of each list, and -1 for none.
TEST_F(Mapping, JoinedListsHaveTheirOwnLengths) {
  using Join = MappedList::Join;
  d.task("list");
  const MappedList longer = joined(Join::concat, {over(TaskIndex{0}), over(2)});  // 1 + 2
  Task& m = d.task("m", {"list"});
  m.mapped_over = {joined(Join::zip_longest, {over(1), longer}), over(2)};
  begin(1);
  ASSERT_EQ(states("m").size(), 6u);
  EXPECT_THAT(take("m", 0).items, ElementsAre(0, 0, -1, 0));
  EXPECT_THAT(take("m", 3).items, ElementsAre(-1, -1, 0, 1)) << "the last axis goes fastest";
  restart();
  EXPECT_THAT(take("m", 4).items, ElementsAre(-1, -1, 1, 0));
}

TEST_F(Mapping, ConcatenatedZipsAreAsLongAsTheirShortest) {
  using Join = MappedList::Join;
  d.task("list");
  Task& m = d.task("m", {"list"});
  m.mapped_over = {joined(Join::concat, {joined(Join::zip, {over(1), over(TaskIndex{0})}), over(0), over(1)})};
  begin(3);
  ASSERT_EQ(states("m").size(), 2u);
  EXPECT_THAT(take("m", 0).items, ElementsAre(0, 0, -1, -1));
  EXPECT_THAT(take("m", 1).items, ElementsAre(-1, -1, -1, 0));
}

// Items of a mapped task are named by their map_index: those that gave nothing are passed over.
TEST_F(Mapping, OverAMappedTaskGoesOverWhatWasGiven) {
  d.dag.max_active_tasks = 100;
  Task& m = d.task("m");
  m.mapped_over = {over(3)};
  m.mapped_keys = {"return_value"};
  Task& n = d.task("n", {"m"});
  n.trigger_rule = TriggerRule::none_failed;
  n.mapped_over = {over(TaskIndex{0})};
  begin(std::nullopt);
  for (const int index : {2, 0}) {
    const Launch given = take("m", index);
    w.push_length(given.ti.token, "return_value", -1);
    w.step(TrySucceeded{given.ti.token, w.now});
  }
  w.step(TrySkipped{take("m", 1).ti.token, w.now});
  ASSERT_EQ(states("n").size(), 2u);
  restart();
  EXPECT_THAT(take("n", 0).items, ElementsAre(0));
  EXPECT_THAT(take("n", 1).items, ElementsAre(2));
}

// What a run of that size costs: each transition looks at its own downstreams only.
TEST_F(Mapping, ALargeGroupIsMadeInSlices) {
  w.compares = false;
  d.task("list");
  in_group("a", {"list"});
  in_group("b", {"a"});
  d.dag.max_active_tasks = 100'000;
  begin(10'000);
  EXPECT_EQ(states("b").size(), 10'000u);
  std::size_t ended = 0;
  for (int i = 0; i < 32; ++i) {
    const std::size_t rows = w.rows_written;
    succeed("a", i);
    ended += w.rows_written - rows;
  }
  EXPECT_LE(ended, 32u * 4);
}

}  // namespace
}  // namespace venturi::engine
