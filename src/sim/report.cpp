#include "sim/report.h"

#include <algorithm>
#include <string_view>
#include <tuple>

namespace venturi::sim {
namespace {

WaitCause cause_of(engine::Limit limit) {
  return static_cast<WaitCause>(limit);
}
static_assert(static_cast<int>(engine::Limit::paused) == static_cast<int>(WaitCause::paused));
static_assert(static_cast<int>(engine::Limit::pool) == static_cast<int>(WaitCause::pool));

void finish_pool(PoolUse& pool, Time from, Time to) {
  double area = 0;
  for (std::size_t i = 0; i < pool.taken.size(); ++i) {
    const auto& [at, taken] = pool.taken[i];
    const Time until = i + 1 < pool.taken.size() ? pool.taken[i + 1].first : to;
    pool.most = std::max(pool.most, taken);
    area += to_seconds(until - at) * static_cast<double>(taken);
    if (pool.slots >= 0 && taken >= pool.slots) pool.full += until - at;
  }
  if (to > from) pool.average = area / to_seconds(to - from);
}

}  // namespace

std::string_view to_string(WaitCause cause) {
  return cause == WaitCause::depends_on_past ? "depends_on_past" : engine::to_string(static_cast<engine::Limit>(cause));
}

Recorder::Recorder(const engine::Snapshot& snapshot, std::uint64_t epoch) : epoch_(epoch) {
  for (const auto& dag : snapshot.dags) versions_[dag->version_id] = dag;
  for (const auto& dag : snapshot.older_versions) versions_[dag->version_id] = dag;
  for (const DagRun& run : snapshot.runs) take_run(run);
}

RunRecord* Recorder::find_run(RunNo no) {
  // Transitions of one run come one after the other.
  if (no == last_run_ && no != 0) return &report_.runs[last_index_];
  const auto found = runs_.find(no);
  if (found == runs_.end()) return nullptr;
  last_run_ = no;
  last_index_ = found->second;
  return &report_.runs[last_index_];
}

void Recorder::take_run(const DagRun& row) {
  const auto [found, is_new] = runs_.try_emplace(row.no, report_.runs.size());
  if (is_new) {
    RunRecord& run = report_.runs.emplace_back();
    run.no = row.no;
    run.run_id = row.run_id;
    run.dag = versions_.at(row.dag_version_id);
    run.logical_date = row.logical_date;
    run.run_after = row.run_after;
    run.queued_at = row.queued_at;
    run.first_task_instance = row.first_task_instance;
  }
  RunRecord& run = report_.runs[found->second];
  run.state = row.state;
  run.start_date = row.start_date;
  run.end_date = row.end_date;
}

bool Recorder::looks_back(const Dag& dag) {
  const auto known = looks_back_.find(&dag);
  if (known != looks_back_.end()) return known->second;
  return looks_back_.emplace(&dag, std::ranges::any_of(dag.tasks, &Task::depends_on_past)).first->second;
}

void Recorder::take_transition(RunRecord& run, const Transition& transition, Time now) {
  if (transition.task_instance == 0) {
    if (transition.run_to == RunState::failed && transition.cause.find("dagrun_timeout") != std::string::npos)
      run.is_timed_out = true;
    return;
  }
  if (is_finished(transition.from)) --run.ended_as[static_cast<std::size_t>(transition.from)];
  if (!is_finished(transition.to)) return;
  ++run.ended_as[static_cast<std::size_t>(transition.to)];
  if (!looks_back(*run.dag)) return;
  const auto task = transition.task_instance - run.first_task_instance;
  if (task >= static_cast<TaskInstanceNo>(run.dag->tasks.size())) return;
  ended_[{static_cast<std::size_t>(&run - report_.runs.data()), static_cast<TaskIndex>(task)}] = now;
}

void Recorder::on_changes(const engine::Changes& changes, Time now) {
  for (const auto& dag : changes.dags) versions_[dag->version_id] = dag;
  for (const DagRun& row : changes.runs) take_run(row);
  for (const OutboxEntry& entry : changes.outbox) {
    if (entry.event != "deadline" || entry.next_attempt_at) continue;  // one that is made with its run
    if (RunRecord* run = find_run(entry.run)) run->missed_deadlines.push_back(entry.context.get_string("error"));
  }
  report_.transitions += changes.transitions.size();
  for (std::size_t i = 0; i < changes.transitions.size(); ++i) {
    if (RunRecord* run = find_run(changes.transition_runs[i])) take_transition(*run, changes.transitions[i], now);
  }
}

void Recorder::take_slots(const TryRecord& record, int by, Time now) {
  const Task& task = report_.runs[record.run].dag->tasks[record.task];
  if (last_pool_ == nullptr || *last_pool_name_ != task.pool) {
    const auto found = report_.pools.try_emplace(task.pool).first;
    last_pool_name_ = &found->first;
    last_pool_ = &found->second;
  }
  auto& taken = last_pool_->taken;
  const std::int64_t before = taken.empty() ? 0 : taken.back().second;
  if (taken.empty() || taken.back().first != now) taken.emplace_back(now, before);
  taken.back().second += static_cast<std::int64_t>(by) * task.pool_slots;
}

void Recorder::on_launch(const engine::Launch& launch, Time now) {
  take_run(launch.run);
  TryRecord record;
  record.run = runs_.at(launch.run.no);
  record.task = launch.task;
  record.map_index = launch.ti.map_index;
  record.try_number = launch.ti.try_number;
  record.start = launch.ti.start_date.value_or(now);
  record.ready = now - launch.waited;
  record.cause = cause_of(launch.held_by);
  if (record.start < now) record.ready = record.start;  // it was under way already
  const Dag& dag = *launch.dag;
  const Task& task = dag.tasks[launch.task];
  if (task.depends_on_past && record.try_number == 1) {
    // Nothing else keeps a task without an instance that is scheduled, once its upstreams have ended.
    Time let_go = report_.runs[record.run].start_date.value_or(record.ready);
    for (const TaskIndex upstream : task.upstream) {
      const auto ended = ended_.find({record.run, upstream});
      if (ended != ended_.end()) let_go = std::max(let_go, ended->second);
    }
    const Duration for_limits = record.start - record.ready;
    if (let_go < record.ready && record.ready - let_go > for_limits) record.cause = WaitCause::depends_on_past;
    record.ready = std::min(record.ready, let_go);
  }
  take_slots(record, 1, now);
  under_way_[launch.ti.token.sequence] = report_.tries.size();
  report_.tries.push_back(record);
}

void Recorder::on_end(LaunchToken token, Ending ending, Time now) {
  const auto found = under_way_.find(token.sequence);
  if (token.epoch != epoch_ || found == under_way_.end()) return;
  TryRecord& record = report_.tries[found->second];
  record.end = now;
  record.ending = ending;
  take_slots(record, -1, now);
  under_way_.erase(found);
}

void Recorder::find_never_started(const engine::Engine& engine, const engine::Snapshot& end) {
  for (const TaskInstance& ti : end.task_instances) {
    if (ti.state != TaskState::scheduled && ti.state != TaskState::none) continue;
    const RunRecord* run = find_run(ti.run);
    if (run == nullptr) continue;
    const auto unmet = engine.unmet_dependencies(run->dag->dag_id, run->run_id, ti.task_id, ti.map_index);
    if (!unmet || unmet->empty() || unmet->front().name == "Trigger Rule") continue;  // its upstreams are still to run
    report_.never_started.push_back({runs_.at(ti.run), ti.task_id, ti.map_index, unmet->front().name, unmet->front().reason});
  }
}

Report Recorder::finish(const World& world, Time from) {
  report_.from = from;
  report_.to = world.now();
  for (const PoolRecord& pool : world.engine().pools()) report_.pools[pool.pool].slots = pool.slots;
  for (auto& [name, pool] : report_.pools) finish_pool(pool, report_.from, report_.to);
  find_never_started(world.engine(), world.engine().snapshot());
  return std::move(report_);
}

std::vector<WaitSum> sum_waits(const Report& report) {
  // First by numbers, which are quick, then by names: a DAG may have had several versions.
  using OfTask = std::array<WaitSum, static_cast<std::size_t>(WaitCause::depends_on_past) + 1>;
  std::unordered_map<const Dag*, std::vector<OfTask>> by_dag;
  for (const TryRecord& record : report.tries) {
    const Duration waited = record.start - record.ready;
    if (waited <= Duration{} || record.cause == WaitCause::none) continue;
    const Dag& dag = *report.runs[record.run].dag;
    auto& tasks = by_dag[&dag];
    if (tasks.empty()) tasks.resize(dag.tasks.size());
    WaitSum& sum = tasks[record.task][static_cast<std::size_t>(record.cause)];
    ++sum.tries;
    sum.total += waited;
    sum.longest = std::max(sum.longest, waited);
  }
  std::map<std::tuple<std::string_view, std::string_view, WaitCause>, WaitSum> sums;
  for (const auto& [dag, tasks] : by_dag) {
    for (std::size_t task = 0; task < tasks.size(); ++task) {
      for (std::size_t cause = 0; cause < tasks[task].size(); ++cause) {
        const WaitSum& part = tasks[task][cause];
        if (part.tries == 0) continue;
        WaitSum& sum = sums[{dag->dag_id, dag->tasks[task].task_id, static_cast<WaitCause>(cause)}];
        sum.tries += part.tries;
        sum.total += part.total;
        sum.longest = std::max(sum.longest, part.longest);
      }
    }
  }
  std::vector<WaitSum> list;
  for (auto& [key, sum] : sums) {
    sum.dag_id = std::get<0>(key);
    sum.task_id = std::get<1>(key);
    sum.cause = std::get<2>(key);
    list.push_back(std::move(sum));
  }
  std::ranges::sort(list, [](const WaitSum& a, const WaitSum& b) {
    return a.total != b.total ? a.total > b.total
                              : std::tie(a.dag_id, a.task_id, a.cause) < std::tie(b.dag_id, b.task_id, b.cause);
  });
  return list;
}

}  // namespace venturi::sim
