// How long `dags simulate` takes for a week of 1,000 daily DAGs with 20 tasks each, all due at midnight, without reading a
// home: against the bare engine, which is given the same events by a loop that keeps nothing.
//
//   bench_simulate        prints {"s": ..., "bare_s": ..., "ratio": ..., "us_per_transition": ..., "transitions": ...}; medians
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "model/dag_graph.h"
#include "schedule/time_zone.h"
#include "sim/assumptions.h"
#include "sim/report.h"

namespace {

using namespace venturi;
using namespace std::chrono_literals;

constexpr int dags = 1000, chains = 4, tasks_of_chain = 5, days = 7, repetitions = 5;
const Time begin{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};
constexpr Duration of_task = 1min;

std::shared_ptr<const Dag> make_dag(int number) {
  auto dag = std::make_shared<Dag>();
  dag->dag_id = fmt::format("daily_{:04}", number);
  dag->version_id = dag->dag_id + "-v1";
  dag->timetable = Object{{"__type", "airflow.timetables.trigger.CronTriggerTimetable"},
                          {"__var", Object{{"expression", "0 0 * * *"}, {"timezone", "UTC"}, {"interval", 0.0}}}};
  dag->start_date = begin;
  dag->catchup = true;
  for (int i = 0; i < chains * tasks_of_chain; ++i) {
    Task task;
    task.task_id = fmt::format("task_{:02}", i);
    task.task_type = "CppTask";
    task.task_module = "venturi.program";
    if (i >= chains) {
      task.upstream.push_back(static_cast<TaskIndex>(i - chains));
      dag->tasks[static_cast<std::size_t>(i - chains)].downstream.push_back(static_cast<TaskIndex>(i));
    }
    dag->by_task_id.push_back(static_cast<TaskIndex>(i));
    dag->tasks.push_back(std::move(task));
  }
  apply_setups(dag->tasks);
  apply_mapping(dag->tasks);
  return dag;
}

engine::Snapshot make_snapshot() {
  engine::Snapshot snapshot;
  for (int i = 0; i < dags; ++i) {
    snapshot.dags.push_back(make_dag(i));
    snapshot.dag_states.emplace_back().dag_id = snapshot.dags.back()->dag_id;
  }
  return snapshot;
}

// All tries take the same time, so that they end in the order in which they began.
std::uint64_t run_bare(const engine::Config& config, engine::Snapshot snapshot) {
  engine::Engine engine(config, std::move(snapshot));
  std::deque<std::pair<Time, LaunchToken>> due;
  Time now = begin;
  std::uint64_t transitions = 0;
  const auto settle = [&] {
    for (;;) {
      const engine::Batch batch = engine.take();
      transitions += batch.changes.transitions.size();
      for (const engine::Effect& effect : batch.effects) {
        const auto* launch = std::get_if<engine::Launch>(&effect);
        if (launch == nullptr) continue;
        engine.step(engine::TryStarted{launch->ti.token, now}, now);
        due.emplace_back(now + of_task, launch->ti.token);
      }
      if (engine.has_work())
        engine.work(now, 4096);
      else if (batch.changes.empty() && batch.effects.empty())
        return;
    }
  };
  engine.step(engine::Tick{}, now);
  settle();
  for (;;) {
    auto at = engine.wake_at();
    if (!due.empty() && (!at || due.front().first <= *at)) at = due.front().first;
    if (!at || *at > begin + days * 24h) return transitions;
    now = std::max(now, *at);
    if (due.empty() || due.front().first > now) engine.step(engine::Tick{}, now);
    for (; !due.empty() && due.front().first <= now; due.pop_front())
      engine.step(engine::TrySucceeded{due.front().second, now}, now);
    settle();
  }
}

std::uint64_t run_simulation(const engine::Config& config, engine::Snapshot snapshot) {
  sim::Assumptions assumptions;
  for (const auto& dag : snapshot.dags) {
    for (const Task& task : dag->tasks) assumptions.tasks[{dag->dag_id, task.task_id}].duration = of_task;
  }
  sim::Recorder recorder(snapshot, config.epoch);
  sim::World world(config, std::move(snapshot), begin, assumptions, recorder);
  world.run_until(begin + days * 24h);
  const sim::Report report = recorder.finish(world, begin);
  (void)sim::sum_waits(report);
  return report.transitions;
}

template <class Run>
double seconds_of(const Run& run, const engine::Config& config, std::uint64_t& transitions) {
  engine::Snapshot snapshot = make_snapshot();
  const auto from = std::chrono::steady_clock::now();
  transitions = run(config, std::move(snapshot));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

int main() {
  const schedule::TimeZones zones = schedule::TimeZones::utc_only();
  const engine::Config config{.epoch = 1, .uuid_salt = 1, .zones = &zones, .parallelism = 32};
  std::uint64_t bare_transitions = 0, transitions = 0;
  std::vector<double> bare, simulated, ratios;
  // In turns, so that what else the machine does is the same for both.
  for (int i = 0; i < repetitions; ++i) {
    bare.push_back(seconds_of(run_bare, config, bare_transitions));
    simulated.push_back(seconds_of(run_simulation, config, transitions));
    ratios.push_back(simulated.back() / bare.back());
  }
  if (transitions != bare_transitions || transitions < static_cast<std::uint64_t>(dags) * chains * tasks_of_chain * days) {
    fmt::print(stderr, "the simulation made {} transitions, the bare engine {}\n", transitions, bare_transitions);
    return 1;
  }
  const double seconds = median(simulated);
  fmt::print("{{\"s\": {:.3f}, \"bare_s\": {:.3f}, \"ratio\": {:.3f}, \"us_per_transition\": {:.3f}, \"transitions\": {}}}\n",
             seconds, median(bare), median(ratios), seconds * 1e6 / static_cast<double>(transitions), transitions);
}
