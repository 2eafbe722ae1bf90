// Edges that are counted and judged together give what each of them alone gives.
#include <random>

#include "engine/testing/engine_fixture.h"

namespace venturi::engine {
namespace {

using testing::DagBuilder;
using testing::World;

constexpr int above = 4, below = 3;

// "a0" … "a3" directly above each of "b0" … "b2", and "c" below those.
std::shared_ptr<const Dag> two_layers(TriggerRule rule, bool as_a_set) {
  DagBuilder d;
  std::vector<std::string> upper, lower;
  for (int i = 0; i < above; ++i) upper.push_back(d.task("a" + std::to_string(i)).task_id);
  for (int i = 0; i < below; ++i) {
    Task& task = d.task("b" + std::to_string(i), upper);
    task.trigger_rule = rule;
    lower.push_back(task.task_id);
  }
  d.task("c", lower).trigger_rule = TriggerRule::all_done;
  auto dag = std::make_shared<Dag>(*d.build());
  if (as_a_set) return dag;
  dag->edge_sets.clear();
  for (Task& task : dag->tasks) {
    task.edges_above.reset();
    task.edges_below.reset();
  }
  return dag;
}

// Ends tasks in an order and ways that `seed` says; what became of all, and why.
std::vector<std::string> play(const std::shared_ptr<const Dag>& dag, unsigned seed, bool restarts) {
  std::mt19937 random(seed);
  World w;
  w.step(DagSeen{dag});
  w.trigger("d");
  std::vector<std::string> story;
  while (!w.launches.empty() || !w.engine->outstanding().empty()) {
    if (restarts && random() % 3 == 0) w.restart();
    const auto outstanding = w.engine->outstanding();
    const auto& chosen = outstanding[random() % outstanding.size()];
    switch (random() % 3) {
      case 0:
        w.step(TrySucceeded{chosen.token, w.now});
        break;
      case 1:
        w.step(TrySkipped{chosen.token, w.now});
        break;
      default:
        w.step(TryFailed{.token = chosen.token, .at = w.now, .retry_delay = {}, .error = "it broke"});
    }
    w.launches.clear();
    for (const auto& [no, ti] : w.task_instances()) story.push_back(ti.task_id + " " + std::string(to_string(ti.state)));
  }
  story.push_back(w.run_state());
  return story;
}

TEST(EdgeSets, GiveWhatEdgesAloneGive) {
  for (int rule = 0; rule <= static_cast<int>(TriggerRule::all_skipped); ++rule) {
    const auto of = static_cast<TriggerRule>(rule);
    if (of == TriggerRule::all_done_setup_success) continue;
    const auto set = two_layers(of, true), alone = two_layers(of, false);
    ASSERT_EQ(set->edge_sets.size(), 1U);
    for (unsigned seed = 0; seed < 40; ++seed) {
      EXPECT_EQ(play(set, seed, false), play(alone, seed, false)) << to_string(of) << ", seed " << seed;
      EXPECT_EQ(play(set, seed, true), play(alone, seed, true)) << to_string(of) << ", seed " << seed << ", restarted";
    }
  }
}

TEST(EdgeSets, AreWhatHasNothingButThoseEdges) {
  const auto sets = [](const auto& change) {
    DagBuilder d;
    d.task("a"), d.task("b");
    d.task("c", {"a", "b"}), d.task("d", {"a", "b"});
    change(d);
    return d.build()->edge_sets.size();
  };
  EXPECT_EQ(sets([](DagBuilder&) {}), 1U);
  EXPECT_EQ(sets([](DagBuilder& d) { d.task("e", {"a"}); }), 0U) << "a has one more below it";
  EXPECT_EQ(sets([](DagBuilder& d) { d.dag.tasks[3].trigger_rule = TriggerRule::all_done; }), 0U) << "c and d have other rules";
  EXPECT_EQ(sets([](DagBuilder& d) { d.dag.tasks[3].mapped_over = {{.length = 2}}; }), 0U) << "d is mapped";
}

}  // namespace
}  // namespace venturi::engine
