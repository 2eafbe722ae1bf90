#include "server/find_dates.h"

#include <utility>

#include "server/change_run.h"

namespace venturi::server {

bool runs_again(RunState state, ReprocessBehavior behavior) {
  if (!is_finished(state) || behavior == ReprocessBehavior::none) return false;
  return behavior == ReprocessBehavior::completed || state == RunState::failed;
}

Result<std::optional<DagRun>> run_of_date(store::Reader& reader, const std::string& dag_id,
                                          const engine::FindDates::Date& date) {
  auto runs =
      reader.runs({.dag_id = dag_id, .limit = 1, .logical_date_from = date.logical_date, .logical_date_to = date.logical_date});
  if (!runs) return std::unexpected(std::move(runs.error()));
  if (!runs->empty()) return std::move(runs->front());
  return reader.run(dag_id, date.run_id);
}

Result<engine::DatesFound> find_dates(const engine::Engine& engine, store::Reader& reader, const engine::FindDates& question) {
  engine::DatesFound found{.backfill_id = question.backfill_id, .question = question.question, .existing = {}};
  for (const engine::FindDates::Date& date : question.dates) {
    auto run = run_of_date(reader, question.dag_id, date);
    if (!run) return std::unexpected(std::move(run.error()));
    if (!*run) continue;
    if (runs_again((*run)->state, question.reprocess_behavior)) {
      auto ended = ended_run(engine, reader, question.dag_id, (*run)->run_id);
      if (!ended) return std::unexpected(std::move(ended.error()));
      found.existing.push_back({date.logical_date, std::move(*ended)});
      continue;
    }
    auto row = std::make_shared<engine::EndedRun>();
    row->row = std::move(**run);
    found.existing.push_back({date.logical_date, std::move(row)});
  }
  return found;
}

}  // namespace venturi::server
