// max_consecutive_failed_dag_runs: as in Airflow the DAG is paused when, after one that failed, its last runs by logical date
// have all failed, whoever asked for them. One of these that has not ended keeps it from that. Only the store knows them: until
// it has said so no run of the DAG starts, and its row says that it waits for that, so that a start asks again.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/engine_state.h"

namespace venturi::engine {

int Engine::State::most_failures(const Dag& dag) const {
  return dag.max_consecutive_failed_dag_runs.value_or(config.max_consecutive_failed_dag_runs_per_dag);
}

void Engine::State::look_for_failures(const Run& run) {
  DagMachine& m = *run.machine;
  const Dag& dag = m.dag ? *m.dag : *run.dag;
  if (most_failures(dag) <= 0 || m.row.is_paused) return;
  m.row.awaits_outcomes = true;
  mark(m);
  ask_for_outcomes(m, dag);
}

void Engine::State::ask_for_outcomes(DagMachine& m, const Dag& dag) {
  // Those that are for later are left out of the answer.
  const int most = most_failures(dag) + static_cast<int>(m.later.size());
  effects.emplace_back(FindOutcomes{m.row.dag_id, ++m.outcomes_question, most});
}

void Engine::State::outcomes_found(const OutcomesFound& e, Time now) {
  DagMachine* m = find_machine(e.dag_id);
  if (m == nullptr || m->outcomes_question != e.question || !std::exchange(m->row.awaits_outcomes, false)) return;
  mark(*m);
  std::vector<RunOutcome> last = e.runs;
  std::erase_if(last, [&](const RunOutcome& outcome) {
    const auto run = runs.find(outcome.no);
    return run != runs.end() && m->later.contains({run->second->row.run_after, outcome.no});
  });
  const int limit = m->dag ? most_failures(*m->dag) : 0;
  const auto counted = static_cast<std::size_t>(std::max(limit, 0));
  if (counted > 0 && last.size() >= counted && !m->row.is_paused) {
    last.resize(counted);
    if (std::ranges::all_of(last, [](const RunOutcome& outcome) { return outcome.state == RunState::failed; })) {
      m->row.is_paused = true;
      for (const RunNo no : m->active) find_place(*runs.at(no));
      changes.transitions.push_back(
          {0, TaskState::none, TaskState::none, RunState::failed, 0,
           fmt::format("{} runs failed in a row, which pauses the DAG (max_consecutive_failed_dag_runs {})", limit, limit)});
      changes.transition_runs.push_back(last.front().no);
    }
  }
  start_runs(*m, now);
  schedule(*m, now);
  assets_due.insert(m->number);
}

}  // namespace venturi::engine
