// Ten thousand random DAGs through the engine, without a process: whatever tasks do and in whatever order it is told, every run
// ends, no rule or limit is broken, and after every batch the state rebuilt from rows equals the state in memory.
#include <random>
#include <set>

#include "base/sanitized.h"
#include "engine/testing/engine_fixture.h"
#include "engine/trigger_rule.h"

namespace venturi::engine {
namespace {

using namespace std::chrono_literals;
using testing::DagBuilder;
using testing::make_empty;
using testing::World;

class RandomRun {
 public:
  explicit RandomRun(unsigned seed) : random_(seed), world_(1 + pick(6)) {}

  void play() {
    build();
    world_.step(SetPool{world_.next_command(), {"small", small_pool, "", false}});
    world_.step(DagSeen{dag_});
    if (pick(3) == 0) cut_into_slices();
    const int runs = 1 + pick(3);
    for (int i = 0; i < runs; ++i) trigger();
    for (int steps = 0; !world_.engine->snapshot().runs.empty(); ++steps) {
      ASSERT_LT(steps, 10'000) << "the runs do not end";
      check_limits();
      if (pick(20) == 0) restart();
      if (clears_ > 0 && pick(15) == 0) clear();
      if (versions_ > 0 && pick(15) == 0) change();
      if (world_.engine->snapshot().runs.empty()) break;  // a start went on with what ends a run
      const auto outstanding = world_.engine->outstanding();
      if (outstanding.empty()) {
        ASSERT_TRUE(world_.pass_to_next()) << "nothing runs and nothing is waited for";
        continue;
      }
      play_one(outstanding[static_cast<std::size_t>(pick(static_cast<int>(outstanding.size())))]);
    }
    check_end();
  }

 private:
  int pick(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

  // Most with a logical date, in any order.
  void trigger() {
    TriggerRun t;
    t.command = world_.next_command();
    t.dag_id = "d";
    t.logical_date_is_null = pick(4) == 0;
    if (!t.logical_date_is_null) t.logical_date = world_.now + std::chrono::seconds(pick(1000) - 500);
    world_.step(t);  // may be refused: two with the same date
  }

  // The DAG gets other tasks, and a run is cleared to follow it.
  void change() {
    --versions_;
    const auto before = dag_;
    build("v" + std::to_string(++version_), before.get());
    world_.step(DagSeen{dag_});
    clear(true);
  }

  void build(const std::string& version = "v1", const Dag* before = nullptr) {
    DagBuilder d("d", version);
    if (before == nullptr) is_patient_ = pick(5) == 0;
    const int tasks = pick(12);
    // Some stand in a mapped group: from the first of it on, tasks are in it or below it, but not above it.
    const int first_of_group = pick(3) == 0 ? 1 + pick(12) : tasks, last_of_group = first_of_group + 1 + pick(4);
    // Some have a layer of which each task stands directly below each of the first: an edge set.
    const int layer = pick(4) == 0 ? 2 + pick(3) : 0;
    const int rule_of_layer = pick(static_cast<int>(TriggerRule::all_skipped) + 1);
    for (int i = 0; i < tasks; ++i) {
      const bool is_in_layer = i >= layer && i < 2 * layer;
      std::vector<std::string> upstream;
      for (int j = i < layer ? i : i < 2 * layer ? 0 : layer; j < (is_in_layer ? layer : i); ++j) {
        if (is_in_layer || pick(3) == 0) upstream.push_back("t" + std::to_string(j));
      }
      Task& t = d.task("t" + std::to_string(i), upstream);
      t.trigger_rule = static_cast<TriggerRule>(pick(3) != 0 ? 0 : pick(static_cast<int>(TriggerRule::all_skipped) + 1));
      if (is_in_layer) t.trigger_rule = static_cast<TriggerRule>(rule_of_layer);
      t.retries = pick(3);
      t.retries_on_loss = pick(2);
      t.retry_delay = std::chrono::seconds(pick(100));
      t.priority_weight = 1 + pick(3);
      if (pick(4) == 0) {
        t.pool = "small";
        t.pool_slots = 1 + pick(small_pool);
      }
      if (pick(6) == 0) t.max_active_tis_per_dag = 1 + pick(2);
      if (pick(6) == 0) t.max_active_tis_per_dagrun = 1 + pick(2);
      if (is_patient_ && pick(3) == 0) {
        t.depends_on_past = true;
        t.wait_for_downstream = pick(2) == 0;
        t.ignore_first_depends_on_past = pick(2) == 0;
      }
      if (pick(30) == 0) (pick(2) == 0 ? t.start_date : t.end_date) = world_.now + std::chrono::seconds(pick(400) - 200);
      has_dates_ = has_dates_ || t.start_date || t.end_date;
      if (pick(5) == 0) make_empty(t);
      const bool is_in_group = i >= first_of_group && i <= last_of_group;
      if (is_in_group)
        put_into_group(t, d.dag, static_cast<TaskIndex>(first_of_group));
      else if (pick(4) == 0 && !upstream.empty())
        map(t, d.dag);
      if (pick(8) == 0) t.is_setup = true;
      if (pick(8) == 0 && !t.is_setup) {
        t.is_teardown = true;
        t.trigger_rule = TriggerRule::all_done_setup_success;
        t.on_failure_fail_dagrun = pick(2) == 0;
      }
    }
    d.dag.max_active_tasks = 1 + pick(4);
    d.dag.max_active_runs = 1 + pick(2);
    d.dag.fail_fast = pick(10) == 0;
    // What waits for a failed task of the run before waits for ever.
    if (is_patient_ || pick(10) == 0) d.dag.dagrun_timeout = std::chrono::seconds(pick(200));
    if (before != nullptr) {  // what counts for all versions together
      d.dag.max_active_tasks = before->max_active_tasks;
      d.dag.max_active_runs = before->max_active_runs;
      d.dag.dagrun_timeout = before->dagrun_timeout;
    }
    dag_ = d.build();
  }

  // All tasks of the group are mapped over the same: what its first one is mapped over, or constants.
  void put_into_group(Task& t, Dag& dag, TaskIndex first) {
    if (t.trigger_rule == TriggerRule::always) t.trigger_rule = TriggerRule::all_done;
    t.mapped_group = 0;
    if (&t != &dag.tasks[first])
      t.mapped_over = dag.tasks[first].mapped_over;
    else if (t.upstream.empty())
      t.mapped_over.push_back({.length = pick(4)});
    else
      map(t, dag);
  }

  // Over one or two of its upstreams, side by side, one after the other or combined, or over a constant.
  void map(Task& t, Dag& dag) {
    for (int axes = 1 + pick(2); axes > 0; --axes) t.mapped_over.push_back(list_for(t, dag, 2));
  }
  MappedList list_for(const Task& t, Dag& dag, int depth) {
    if (depth > 0 && pick(2) == 0) {
      MappedList joined{.join = static_cast<MappedList::Join>(1 + pick(3))};
      for (int parts = 1 + pick(2); parts > 0; --parts) joined.parts.push_back(list_for(t, dag, depth - 1));
      return joined;
    }
    if (pick(4) == 0) return {.length = pick(4)};
    const TaskIndex source = t.upstream[static_cast<std::size_t>(pick(static_cast<int>(t.upstream.size())))];
    dag.tasks[source].mapped_keys = {"return_value"};
    return {.task = source, .key = "return_value"};
  }

  // Small ones, and between any two of them a server may end.
  void cut_into_slices() {
    world_.units = 1 + pick(4);
    world_.page = static_cast<std::size_t>(1 + pick(4));
    world_.between_slices = [this] {
      if (pick(30) == 0) world_.restart_between_slices();
    };
  }

  void restart() {
    world_.restart();
    world_.step(Tick{});
  }

  // Any run, whether it has ended or not.
  void clear(bool by_latest = false) {
    --clears_;
    const auto& runs = world_.runs();
    const RunNo no = std::next(runs.begin(), pick(static_cast<int>(runs.size())))->first;
    TaskSelection selection;
    for (const Task& t : world_.dag_of(no).tasks) {
      if (pick(3) == 0) selection.tasks.push_back({t.task_id, pick(4) == 0 ? std::optional(pick(3)) : std::nullopt});
    }
    selection.upstream = pick(3) == 0;
    selection.downstream = pick(2) == 0;
    selection.only_failed = pick(4) == 0;
    cleared_.insert(no);
    world_.ask_to_clear(no, std::move(selection), false, by_latest ? std::optional(true) : std::nullopt);
  }

  void play_one(const Engine::Outstanding& o) {
    if (!o.started) {
      check_rule(o.ti);
      ASSERT_TRUE(tokens_.insert(o.token).second || told_.contains(o.token)) << "a token was given out twice";
    }
    const Time now = world_.now;
    const Task& task = task_of(o.ti);
    if (!task.mapped_keys.empty() && pick(2) == 0) {
      world_.push_length(o.token, "return_value", pick(8) == 0 ? std::nullopt : std::optional(pick(6) - 1));
    }
    switch (pick(10)) {
      case 0:
        told_.insert(o.token);
        return world_.step(TryStarted{o.token, now, 1});
      case 1:
        return world_.step(TryNeverStarted{o.token});
      case 2:
        return world_.step(TryLost{o.token, now, "lost"});
      case 3: {
        TryFailed f;
        f.token = o.token;
        f.at = now;
        f.may_retry = pick(4) != 0;
        return world_.step(f);
      }
      case 4:
        return world_.step(TrySkipped{o.token, now});
      case 5:
        return world_.step(TryRescheduled{o.token, now, now + std::chrono::seconds(pick(60))});
      case 6:
        return world_.step(TryDeferred{o.token,
                                       now,
                                       "a.Trigger",
                                       {},
                                       now + std::chrono::seconds(pick(60)),
                                       {},
                                       std::chrono::seconds(pick(60)),
                                       "execute_complete",
                                       Object{}});
      case 7: {
        SkipDownstream skip{o.token, {}};
        for (const TaskIndex d : task.downstream) {
          if (pick(2) == 0) skip.task_ids.push_back(world_.dag_of(o.ti.run).tasks[d].task_id);
        }
        // What was not to be run because of its upstreams counts as skipped from then on: somebody below may have been let run
        // by it.
        for (const TaskInstance& ti : instances_of(world_.runs().at(o.ti.run))) {
          if (ti.state == TaskState::upstream_failed || ti.state == TaskState::removed) cleared_.insert(o.ti.run);
        }
        world_.step(skip);
        return world_.step(TrySucceeded{o.token, now});
      }
      default:
        return world_.step(TrySucceeded{o.token, now});
    }
  }

  // A task that was launched has upstreams that let it run, counted anew.
  void check_rule(const TaskInstance& ti) {
    const DagRun& run = world_.runs().at(ti.run);
    if (cleared_.contains(run.no)) return;  // an upstream may have been cleared behind it
    const Dag& dag = world_.dag_of(run.no);
    const Task& t = task_of(ti);
    UpstreamCounts counts;
    for (const TaskInstance& other : instances_of(run)) {
      const TaskIndex task = *dag.find_task(other.task_id);
      if (std::ranges::find(t.upstream, task) == t.upstream.end()) continue;
      if (t.is_in_group_of(dag.tasks[task]) && other.map_index >= 0 && other.map_index != ti.map_index) continue;
      ++counts.total;
      counts.finished.count(other.state, 1);
    }
    // What arrived after the verdict may not speak against it where the rule waits for all.
    if (t.trigger_rule == TriggerRule::all_success || t.trigger_rule == TriggerRule::all_done ||
        t.trigger_rule == TriggerRule::none_failed || t.trigger_rule == TriggerRule::none_skipped) {
      EXPECT_EQ(judge(t.trigger_rule, counts), Verdict::run) << ti.task_id;
    }
  }

  const Task& task_of(const TaskInstance& ti) const {
    const Dag& dag = world_.dag_of(ti.run);
    return dag.tasks[*dag.find_task(ti.task_id)];
  }
  std::vector<TaskInstance> instances_of(const DagRun& run) const { return world_.instances_of(run); }

  void check_limits() {
    std::map<RunNo, int> of_run;
    std::map<std::string, int> of_task;
    std::map<std::pair<std::string, RunNo>, int> of_task_in_run;
    int of_pool = 0;
    for (const auto& o : world_.engine->outstanding()) {
      ++of_run[o.ti.run];
      const Task& task = task_of(o.ti);
      if (task.pool == "small") of_pool += task.pool_slots;
      const int in_all = ++of_task[task.task_id], in_run = ++of_task_in_run[{task.task_id, o.ti.run}];
      if (version_ > 1) continue;  // by versions that have other limits
      if (task.max_active_tis_per_dag) EXPECT_LE(in_all, *task.max_active_tis_per_dag) << task.task_id;
      if (task.max_active_tis_per_dagrun) EXPECT_LE(in_run, *task.max_active_tis_per_dagrun) << task.task_id;
    }
    if (version_ == 1) EXPECT_LE(of_pool, small_pool);
    int all = 0;
    for (const auto& [run, n] : of_run) {
      EXPECT_LE(n, *dag_->max_active_tasks);
      all += n;
    }
    EXPECT_LE(all, 6);
    int running = 0;
    for (const auto& [no, run] : world_.runs()) running += run.state == RunState::running ? 1 : 0;
    EXPECT_LE(running, *dag_->max_active_runs);
  }

  void check_end() {
    for (const auto& [no, run] : world_.runs()) {
      EXPECT_TRUE(is_finished(run.state));
      const Dag& dag = world_.dag_of(no);
      EXPECT_GE(run.created_task_instances, static_cast<std::int32_t>(dag.tasks.size()));
      bool bad_leaf = false;
      std::map<std::string, std::set<std::int32_t>> map_indexes;
      std::set<std::string> expanded;
      for (const TaskInstance& ti : instances_of(run)) {
        if (ti.map_index >= 0) expanded.insert(ti.task_id);
      }
      for (const TaskInstance& ti : instances_of(run)) {
        const auto task = dag.find_task(ti.task_id);
        const bool is_there = task && (dag.tasks[*task].is_mapped() && expanded.contains(ti.task_id)) == (ti.map_index >= 0);
        if (!is_there) {
          EXPECT_EQ(ti.state, TaskState::removed) << ti.task_id;
          continue;
        }
        EXPECT_TRUE(map_indexes[ti.task_id].insert(ti.map_index).second) << ti.task_id << " twice with " << ti.map_index;
        if (!has_dates_ || ti.state != TaskState::none) {
          EXPECT_TRUE(is_finished(ti.state)) << ti.task_id << " is " << to_string(ti.state);
          EXPECT_TRUE(ti.end_date) << ti.task_id << " is " << to_string(ti.state);
        }
        if (ti.state == TaskState::success) EXPECT_GE(ti.try_number, 1);
        bad_leaf |= dag.tasks[*task].decides_run && (ti.state == TaskState::failed || ti.state == TaskState::upstream_failed);
      }
      for (const auto& [task_id, indexes] : map_indexes) {
        const bool is_whole = *indexes.begin() == -1
                                  ? indexes.size() == 1
                                  : *indexes.begin() == 0 && *indexes.rbegin() + 1 == static_cast<int>(indexes.size());
        EXPECT_TRUE(is_whole) << task_id << " lacks instances";
      }
      if (!dag.dagrun_timeout && !has_dates_) EXPECT_EQ(run.state == RunState::failed, bad_leaf);
    }
  }

  static constexpr int small_pool = 3;

  std::mt19937 random_;
  bool is_patient_ = false;  // tasks look at the run before
  bool has_dates_ = false;   // tasks may be absent, and what is below them waits for ever: a deadlock
  World world_;
  std::shared_ptr<const Dag> dag_;
  std::set<LaunchToken> tokens_, told_;
  std::set<RunNo> cleared_;
  int clears_ = pick(3) == 0 ? 1 + pick(4) : 0;
  int version_ = 1, versions_ = pick(4) == 0 ? 1 + pick(3) : 0;  // of the DAG; still to come
};

TEST(RandomDags, EndAsTheirRulesSay) {
  for (unsigned seed = 0; seed < (sanitized ? 2'000 : 10'000); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomRun(seed).play();
    if (::testing::Test::HasFailure()) break;
  }
}

}  // namespace
}  // namespace venturi::engine
