#include "sim/world.h"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace venturi::sim {

namespace {

constexpr int units_of_work = 4096;  // between two batches
// Of one DAG at one moment: more than the hours of ten years, which a DAG may have to catch up with.
constexpr std::size_t most_timeless_runs = 100'000;

}  // namespace

World::World(engine::Config config, engine::Snapshot snapshot, Time start, Tries& tries, Observer& observer, Before before)
    : engine_(config, std::move(snapshot)), now_(start), tries_(tries), observer_(observer), before_(std::move(before)) {
  for (const auto& dag : engine_.dags()) {
    if (!dag->deadlines.empty()) runtimes_[dag->dag_id];
    if (dag->max_consecutive_failed_dag_runs.value_or(config.max_consecutive_failed_dag_runs_per_dag) > 0)
      outcomes_[dag->dag_id];
  }
  resume();
}

// What ran when the snapshot was made has some of its time behind it.
void World::resume() {
  for (const auto& under_way : engine_.outstanding()) {
    const auto launch = engine_.launch_of(under_way.token);
    if (!launch) continue;
    observer_.on_launch(*launch, now_);
    const TryPlan plan = tries_.plan(*launch);
    const Time began = under_way.started ? under_way.ti.start_date.value_or(now_) : now_;
    due_.push({std::max(now_, began + plan.duration), next_number_++, under_way.token, plan});
  }
}

void World::step(const engine::Event& event) {
  engine_.step(event, now_);
  settle();
}

// Whatever is due at one time is one batch, as a server's.
std::optional<std::string> World::run_until(Time end) {
  step(engine::Tick{});
  for (;;) {
    auto at = engine_.wake_at();
    if (!due_.empty() && (!at || due_.top().at <= *at)) at = due_.top().at;
    if (!at || *at > end || endless_) break;
    now_ = std::max(now_, *at);
    bool is_stepped = false;
    while (!due_.empty() && due_.top().at <= now_) {
      const Due due = due_.top();
      due_.pop();
      end_try(due);
      is_stepped = true;
    }
    if (!is_stepped) engine_.step(engine::Tick{}, now_);
    settle();
  }
  if (!endless_) now_ = std::max(now_, end);
  return endless_;
}

void World::watch(const std::vector<DagRun>& rows) {
  for (const DagRun& row : rows) {
    if (!row.end_date || row.end_date != row.start_date || row.run_type != RunType::scheduled) continue;
    // Those that follow each other at once are a microsecond apart.
    if (*row.end_date - std::exchange(moment_, *row.end_date) > Duration(1)) timeless_runs_.clear();
    if (++timeless_runs_[row.dag_id] > most_timeless_runs) endless_ = row.dag_id;
  }
}

void World::settle() {
  while (!endless_) {
    engine::Batch batch = engine_.take();
    if (!batch.changes.empty()) {
      remember(batch.changes);
      watch(batch.changes.runs);
      observer_.on_changes(batch.changes, now_);
    }
    for (engine::Effect& effect : batch.effects) carry_out(effect);
    if (engine_.has_work())
      engine_.work(now_, units_of_work);
    else if (batch.changes.empty() && batch.effects.empty())
      return;
  }
}

void World::carry_out(engine::Effect& effect) {
  std::visit(
      [this]<class E>(E& e) {
        if constexpr (std::is_same_v<E, engine::Launch>) {
          launched(e);
        } else if constexpr (std::is_same_v<E, engine::Kill>) {
          due_.push({now_, next_number_++, e.token, {.duration = {}, .ending = Ending::killed}});
        } else if constexpr (std::is_same_v<E, engine::Deliver>) {
          engine_.step(engine::OutboxDone{e.entry.no}, now_);
        } else if constexpr (std::is_same_v<E, engine::LookBack>) {
          engine_.step(look_back(e), now_);
        } else if constexpr (std::is_same_v<E, engine::FindRuntimes>) {
          engine_.step(find_runtimes(e), now_);
        } else if constexpr (std::is_same_v<E, engine::FindOutcomes>) {
          engine_.step(find_outcomes(e), now_);
        } else if constexpr (std::is_same_v<E, engine::AskTimetable>) {
          if (before_.timetable) engine_.step(engine::TimetableTold{e.question, before_.timetable(e)}, now_);
        } else if constexpr (std::is_same_v<E, engine::AskWeights>) {
          if (before_.weights) engine_.step(engine::WeightsTold{e.question, before_.weights(e)}, now_);
        } else if constexpr (std::is_same_v<E, engine::AskMapper>) {
          if (before_.mapper) engine_.step(engine::MapperTold{e.question, before_.mapper(e)}, now_);
        }
        // Nobody waits for answers and ends of runs: rows tell them.
      },
      effect);
}

void World::launched(const engine::Launch& launch) {
  if (!engine_.counts(launch.ti.token)) return;
  observer_.on_launch(launch, now_);
  engine_.step(engine::TryStarted{launch.ti.token, now_}, now_);
  const TryPlan plan = tries_.plan(launch);
  due_.push({now_ + plan.duration, next_number_++, launch.ti.token, plan});
}

void World::end_try(const Due& due) {
  const Task* task = engine_.task_of(due.token);
  if (task == nullptr) {
    // Ended by the engine itself, which has had it killed: whoever counts what is under way is told.
    if (due.plan.ending == Ending::killed) observer_.on_end(due.token, Ending::killed, now_);
    return;
  }
  observer_.on_end(due.token, due.plan.ending, now_);
  switch (due.plan.ending) {
    case Ending::success:
      for (const std::string& key : task->mapped_keys) engine_.step(engine::XComChanged{due.token, key, due.plan.length}, now_);
      if (due.plan.skipped_tasks != nullptr) engine_.step(engine::SkipDownstream{due.token, *due.plan.skipped_tasks}, now_);
      return engine_.step(engine::TrySucceeded{due.token, now_}, now_);
    case Ending::skipped:
      return engine_.step(engine::TrySkipped{due.token, now_}, now_);
    case Ending::failed:
    case Ending::killed: {
      engine::TryFailed failed;
      failed.token = due.token;
      failed.at = now_;
      if (due.plan.ending == Ending::killed) failed.reason = EndReason::killed;
      return engine_.step(failed, now_);
    }
  }
}

// ---- runs that others look back at ---------------------------------------------------------------------------------------

bool World::looks_back(const std::string& version_id, const std::string& dag_id) {
  const auto known = looks_back_.find(version_id);
  if (known != looks_back_.end()) return known->second;
  const auto dag = engine_.find_dag(dag_id);
  const bool does = !dag || dag->version_id != version_id || std::ranges::any_of(dag->tasks, &Task::depends_on_past);
  return looks_back_.emplace(version_id, does).first->second;
}

void World::remember(const engine::Changes& changes) {
  for (const DagRun& row : changes.runs) {
    if (is_finished(row.state) && row.start_date && row.end_date) {
      const auto runtimes = runtimes_.find(row.dag_id);
      if (runtimes != runtimes_.end()) runtimes->second.push_back(*row.end_date - *row.start_date);
    }
    if (const auto outcomes = outcomes_.find(row.dag_id); outcomes != outcomes_.end())
      outcomes->second[{row.logical_date.value_or(row.run_after), row.no}] = row.state;
    if (!row.logical_date || !looks_back(row.dag_version_id, row.dag_id)) continue;
    past_runs_[row.no].row = row;
    runs_by_date_[row.dag_id][*row.logical_date] = row.no;
  }
  if (past_runs_.empty()) return;
  for (const TaskInstance& ti : changes.task_instances) {
    const auto found = past_runs_.find(ti.run);
    if (found != past_runs_.end()) found->second.task_instances[ti.no] = ti;
  }
}

engine::RuntimesFound World::find_runtimes(const engine::FindRuntimes& question) const {
  engine::RuntimesFound found{.run = question.run, .runtimes = {}};
  const auto most = static_cast<std::size_t>(question.most);
  if (const auto of = runtimes_.find(question.dag_id); of != runtimes_.end()) {  // else its file is gone
    const std::vector<Duration>& here = of->second;
    found.runtimes.assign(here.rbegin(), here.rbegin() + static_cast<std::ptrdiff_t>(std::min(most, here.size())));
  }
  if (found.runtimes.size() < most && before_.runtimes) {
    for (const Duration runtime : before_.runtimes(question)) {
      if (found.runtimes.size() < most) found.runtimes.push_back(runtime);
    }
  }
  return found;
}

engine::OutcomesFound World::find_outcomes(const engine::FindOutcomes& question) const {
  std::map<std::pair<Time, RunNo>, RunState> runs;
  if (before_.outcomes) {
    for (const RunOutcome& outcome : before_.outcomes(question)) runs[{outcome.date, outcome.no}] = outcome.state;
  }
  const auto most = static_cast<std::size_t>(question.most);
  if (const auto of = outcomes_.find(question.dag_id); of != outcomes_.end()) {
    std::size_t taken = 0;
    for (auto run = of->second.rbegin(); run != of->second.rend() && taken < most; ++run, ++taken)
      runs[run->first] = run->second;
  }
  engine::OutcomesFound found{.dag_id = question.dag_id, .question = question.question, .runs = {}};
  for (auto run = runs.rbegin(); run != runs.rend() && found.runs.size() < most; ++run)
    found.runs.push_back({run->first.second, run->second, run->first.first});
  return found;
}

engine::PastFound World::look_back(const engine::LookBack& question) const {
  engine::PastFound found;
  found.run = question.run;
  found.question = question.question;
  if (before_.look_back) found = before_.look_back(question);
  const auto runs = runs_by_date_.find(question.dag_id);
  if (runs == runs_by_date_.end()) return found;
  for (auto i = std::make_reverse_iterator(runs->second.lower_bound(question.before)); i != runs->second.rend(); ++i) {
    const PastRun& run = past_runs_.at(i->second);
    for (const auto& [no, ti] : run.task_instances) {
      const bool is_asked = std::ranges::find(question.task_ids, ti.task_id) != question.task_ids.end();
      if (is_asked) found.seen_before.push_back(ti.task_id);
    }
    if (question.without_manual && run.row.run_type == RunType::manual) continue;
    // The latest of all: those from before the simulation count too.
    if (found.previous && found.previous->logical_date > run.row.logical_date) continue;
    found.previous = run.row;
    found.task_instances.clear();
    for (const auto& [number, ti] : run.task_instances) found.task_instances.push_back(ti);
    if (question.task_ids.empty()) break;  // else earlier runs may have had them
  }
  return found;
}

}  // namespace venturi::sim
