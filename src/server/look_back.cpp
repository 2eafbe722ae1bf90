#include "server/look_back.h"

#include <algorithm>
#include <utility>

namespace venturi::server {

Result<engine::PastFound> look_back(store::Reader& reader, const engine::LookBack& question) {
  engine::PastFound found;
  found.run = question.run;
  found.question = question.question;
  auto previous = reader.run_before(question.dag_id, question.before, question.without_manual);
  if (!previous) return std::unexpected(std::move(previous.error()));
  if (!*previous) return found;
  found.previous = std::move(*previous);
  auto task_instances = reader.task_instances(found.previous->no);
  if (!task_instances) return std::unexpected(std::move(task_instances.error()));
  found.task_instances = std::move(*task_instances);
  // Earlier ones matter only where this one has no such task: looking through them is the longer the more there are.
  for (const std::string& task_id : question.task_ids) {
    if (std::ranges::find(found.task_instances, task_id, &TaskInstance::task_id) != found.task_instances.end()) continue;
    const auto had = reader.had_task_before(question.dag_id, question.before, task_id);
    if (!had) return std::unexpected(had.error());
    if (*had) found.seen_before.push_back(task_id);
  }
  return found;
}

Result<engine::RuntimesFound> find_runtimes(store::Reader& reader, const engine::FindRuntimes& question) {
  engine::RuntimesFound found{.run = question.run, .runtimes = {}};
  constexpr int page = 100;  // most have ended
  store::RunFilter filter{.dag_id = question.dag_id, .limit = page, .order = store::RunFilter::Order::logical_date};
  for (;; filter.offset += page) {
    const auto runs = reader.runs(filter);
    if (!runs) return std::unexpected(runs.error());
    for (const DagRun& run : *runs) {
      if (found.runtimes.size() == static_cast<std::size_t>(question.most)) return found;
      if (run.start_date && run.end_date) found.runtimes.push_back(*run.end_date - *run.start_date);
    }
    if (runs->size() < static_cast<std::size_t>(page)) return found;
  }
}

Result<engine::OutcomesFound> find_outcomes(store::Reader& reader, const engine::FindOutcomes& question) {
  auto runs = reader.last_outcomes(question.dag_id, question.most);
  if (!runs) return std::unexpected(std::move(runs.error()));
  return engine::OutcomesFound{.dag_id = question.dag_id, .question = question.question, .runs = *std::move(runs)};
}

}  // namespace venturi::server
