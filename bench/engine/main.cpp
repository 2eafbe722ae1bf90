// How many transitions of task instances the bare engine makes in a second, on one core: no store, no worker. Whatever it
// launches has ended at the next step. A transition is counted as the engine writes it down: none -> scheduled -> queued ->
// running -> success are four.
//
//   bench_engine          prints {"transitions_per_s": over runs of 100 tasks each, "ns_1000": time per transition of a run of
//   1,000
//                         tasks, "join": that of 10,000 tasks, one, 10,000 below it, "edges": of 10,000 that are each directly
//                         above 10,000 others, "independent": of 1,000,000 tasks; "pending_bytes": what one of a million task
//                         instances takes in memory while it waits, "idle_dags": a tick's time with 10,000 idle DAGs,
//                         "catch_up_trigger_ms": see there}
#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "model/dag_graph.h"
#include "schedule/time_zone.h"

namespace {

using namespace venturi;
using namespace venturi::engine;
using Clock = std::chrono::steady_clock;

constexpr std::uint32_t hundred = 100, thousand = 1'000, wide = 10'000, million = 1'000'000;
constexpr int budget = 1'000;  // units of work for each batch

// A DAG of which `upstreams` says what stands directly above each task.
template <class Upstreams>
std::shared_ptr<const Dag> make_dag(std::string dag_id, std::uint32_t tasks, const Upstreams& upstreams) {
  auto dag = std::make_shared<Dag>();
  dag->version_id = dag_id;
  dag->dag_id = std::move(dag_id);
  dag->timetable = Object{{"__type", "airflow.timetables.simple.NullTimetable"}, {"__var", Object{}}};
  dag->is_paused_upon_creation = false;
  dag->max_active_tasks = 1'000'000'000;
  dag->tasks.resize(tasks);
  for (TaskIndex i = 0; i < tasks; ++i) {
    Task& task = dag->tasks[i];
    task.task_id = fmt::format("t{:07}", i);
    task.task_type = "CppTask";
    task.task_module = "venturi.program";
    dag->by_task_id.push_back(i);
  }
  upstreams(dag->tasks);
  apply_setups(dag->tasks);
  apply_mapping(dag->tasks);
  apply_edge_sets(*dag);
  return dag;
}

void connect(std::vector<Task>& tasks, TaskIndex above, TaskIndex below) {
  tasks[above].downstream.push_back(below);
  tasks[below].upstream.push_back(above);
}

// Ten layers of ten; each task has two above it.
std::shared_ptr<const Dag> layers() {
  return make_dag("layers", hundred, [](std::vector<Task>& tasks) {
    for (TaskIndex i = 10; i < tasks.size(); ++i) {
      connect(tasks, i - 10, i);
      connect(tasks, i % 10 == 9 ? i - 19 : i - 9, i);
    }
  });
}

std::shared_ptr<const Dag> independent(std::uint32_t tasks) {
  return make_dag("independent", tasks, [](std::vector<Task>&) {});
}

std::shared_ptr<const Dag> below_one(std::uint32_t tasks) {
  return make_dag("below_one", tasks, [](std::vector<Task>& all) {
    for (TaskIndex i = 1; i < all.size(); ++i) connect(all, 0, i);
  });
}

std::shared_ptr<const Dag> through_one() {
  return make_dag("through_one", 2 * wide + 1, [](std::vector<Task>& tasks) {
    for (TaskIndex i = 0; i < wide; ++i) connect(tasks, i, wide);
    for (TaskIndex i = wide + 1; i < tasks.size(); ++i) connect(tasks, wide, i);
  });
}

// Each of 10,000 directly above each of 10,000.
std::shared_ptr<const Dag> directly() {
  return make_dag("directly", 2 * wide, [](std::vector<Task>& tasks) {
    std::vector<TaskIndex> above(wide), below(wide);
    std::iota(above.begin(), above.end(), 0U);
    std::iota(below.begin(), below.end(), wide);
    const TaskList all_above(std::move(above)), all_below(std::move(below));
    for (TaskIndex i = 0; i < wide; ++i) {
      tasks[i].downstream = all_below;
      tasks[wide + i].upstream = all_above;
    }
  });
}

// What a run of an engine costs.
class Bench {
 public:
  explicit Bench(std::vector<std::shared_ptr<const Dag>> dags)
      : engine_({.epoch = 1,
                 .uuid_salt = 1,
                 .zones = &zones_,
                 .parallelism = 1'000,
                 .dags_are_paused_at_creation = false,
                 .default_pool_task_slot_count = 1'000'000'000},
                {}),
        dags_(std::move(dags)) {
    for (const auto& dag : dags_) engine_.step(DagSeen{dag}, now_);
    (void)engine_.take();
  }

  void trigger(int runs) {
    TriggerRun event;
    event.dag_id = dags_[0]->dag_id;
    for (int i = 0; i < runs; ++i) engine_.step(event, now_);
  }
  // Until there is nothing left to do; how many transitions that were.
  std::size_t run_to_the_end() {
    std::size_t transitions = 0;
    std::vector<LaunchToken> launched;
    while (true) {
      if (engine_.has_work()) engine_.work(now_, budget);
      Batch batch = engine_.take();
      transitions += batch.changes.transitions.size();
      for (const Effect& effect : batch.effects) {
        if (const auto* launch = std::get_if<Launch>(&effect)) launched.push_back(launch->ti.token);
      }
      if (launched.empty() && !engine_.has_work()) return transitions;
      now_ += std::chrono::milliseconds(1);
      for (const LaunchToken token : launched) engine_.step(TryStarted{token, now_, 1}, now_);
      for (const LaunchToken token : launched) engine_.step(TrySucceeded{token, now_}, now_);
      launched.clear();
    }
  }
  // Creates the task instances of what was triggered, and launches nothing more than is launched then.
  void create() {
    while (engine_.has_work()) {
      engine_.work(now_, budget);
      (void)engine_.take();
    }
  }
  void tick() {
    now_ += std::chrono::milliseconds(1);
    engine_.step(Tick{}, now_);
  }

 private:
  schedule::TimeZones zones_ = schedule::TimeZones::utc_only();
  Time now_{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};
  Engine engine_;
  std::vector<std::shared_ptr<const Dag>> dags_;
};

double seconds_since(Clock::time_point from) {
  return std::chrono::duration<double>(Clock::now() - from).count();
}

// Nanoseconds for each transition of `runs` runs of the DAG: the median of so many repetitions.
double ns_per_transition(const std::shared_ptr<const Dag>& dag, int runs, int repetitions) {
  std::vector<double> figures;
  for (int i = 0; i < repetitions; ++i) {
    Bench bench({dag});
    const auto from = Clock::now();
    bench.trigger(runs);
    const std::size_t transitions = bench.run_to_the_end();
    figures.push_back(seconds_since(from) * 1e9 / static_cast<double>(transitions));
    if (transitions < static_cast<std::size_t>(runs) * dag->tasks.size() * 4) {
      std::fprintf(stderr, "%s: only %zu transitions\n", dag->dag_id.c_str(), transitions);
      std::exit(1);
    }
  }
  std::ranges::sort(figures);
  return figures[figures.size() / 2];
}

// Bytes in memory for each task instance that waits for another; without the DAG, which its runs share.
double pending_bytes() {
  Bench bench({below_one(million)});
  ::malloc_trim(0);
  const std::size_t before = ::mallinfo2().uordblks + ::mallinfo2().hblkhd;
  bench.trigger(1);
  bench.create();
  return static_cast<double>(::mallinfo2().uordblks + ::mallinfo2().hblkhd - before) / million;
}

// A tick with so many DAGs that have nothing to do.
double tick_ns(int dags) {
  std::vector<std::shared_ptr<const Dag>> idle;
  for (int i = 0; i < dags; ++i) idle.push_back(make_dag(fmt::format("idle{}", i), 1, [](std::vector<Task>&) {}));
  Bench bench(std::move(idle));
  constexpr int ticks = 10'000;
  const auto from = Clock::now();
  for (int i = 0; i < ticks; ++i) bench.tick();
  return seconds_since(from) * 1e9 / ticks;
}

// A thousand hourly DAGs make up for a week: the longest that a run by hand takes from its event to its launch, with the slice
// of work that was begun before it came. Milliseconds of the processor's time; without the store.
double catch_up_trigger_ms() {
  constexpr int slice = 128;  // as server/scheduler.cpp
  const schedule::TimeZones zones = schedule::TimeZones::utc_only();
  Engine engine({.epoch = 1, .uuid_salt = 1, .zones = &zones, .dags_are_paused_at_creation = false}, {});
  const Time begin{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}}, now = begin + std::chrono::hours(7 * 24);
  for (int i = 0; i < static_cast<int>(thousand); ++i) {
    Dag hourly = *make_dag(fmt::format("hourly{}", i), 1, [](std::vector<Task>& tasks) {
      tasks[0].task_type = "EmptyOperator";
      tasks[0].task_module = "venturi.operators.empty";
    });
    hourly.timetable = Object{{"__type", "airflow.timetables.interval.CronDataIntervalTimetable"},
                              {"__var", Object{{"expression", "0 * * * *"}, {"timezone", "UTC"}}}};
    hourly.start_date = begin;
    hourly.catchup = true;
    engine.step(DagSeen{std::make_shared<const Dag>(std::move(hourly))}, begin);
  }
  engine.step(DagSeen{make_dag("by_hand", 1, [](std::vector<Task>&) {})}, begin);
  engine.step(Tick{}, now);
  double longest = 0;
  std::size_t runs = 0;
  for (std::int64_t command = 1; engine.has_work(); ++command) {
    const std::clock_t from = std::clock();
    engine.work(now, slice);
    TriggerRun trigger;
    trigger.command = command;
    trigger.dag_id = "by_hand";
    engine.step(trigger, now);
    const Batch batch = engine.take();
    longest = std::max(longest, static_cast<double>(std::clock() - from) * 1e3 / CLOCKS_PER_SEC);
    runs += batch.changes.runs.size();
    const auto launch = std::ranges::find_if(batch.effects, [](const Effect& e) { return std::holds_alternative<Launch>(e); });
    if (launch == batch.effects.end()) {
      std::fprintf(stderr, "catching up holds up a run by hand\n");
      std::exit(1);
    }
    engine.step(TrySucceeded{std::get<Launch>(*launch).ti.token, now}, now);
  }
  if (runs < std::size_t{thousand} * 7 * 24) {
    std::fprintf(stderr, "only %zu rows of runs were caught up with\n", runs);
    std::exit(1);
  }
  return longest;
}

}  // namespace

int main() {
  const double small = ns_per_transition(independent(thousand), 100, 5);
  fmt::print("{{\"transitions_per_s\": {:.0f}, ", 1e9 / ns_per_transition(layers(), 1'000, 5));
  fmt::print("\"ns_1000\": {:.0f}, ", small);
  fmt::print("\"join\": {:.2f}, ", ns_per_transition(through_one(), 1, 5) / small);
  fmt::print("\"edges\": {:.2f}, ", ns_per_transition(directly(), 1, 5) / small);
  fmt::print("\"independent\": {:.2f}, ", ns_per_transition(independent(million), 1, 3) / small);
  fmt::print("\"pending_bytes\": {:.0f}, ", pending_bytes());
  fmt::print("\"catch_up_trigger_ms\": {:.2f}, ", catch_up_trigger_ms());
  fmt::print("\"tick_ns\": {:.0f}, \"tick_ns_10000_dags\": {:.0f}}}\n", tick_ns(10), tick_ns(10'000));
}
