#include "server/change_run.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace venturi::server {

Result<std::shared_ptr<const engine::EndedRun>> ended_run(const engine::Engine& engine, store::Reader& reader,
                                                          const std::string& dag_id, const std::string& run_id) {
  auto run = reader.run(dag_id, run_id);
  if (!run) return std::unexpected(std::move(run.error()));
  if (!*run) return nullptr;
  auto ended = std::make_shared<engine::EndedRun>();
  ended->row = std::move(**run);
  const auto present = engine.find_dag(dag_id);
  if (present && present->version_id == ended->row.dag_version_id) {
    ended->dag = present;
  } else {
    auto dag = reader.dag_version(ended->row.dag_version_id);
    if (!dag) return std::unexpected(std::move(dag.error()));
    if (!*dag) {
      return fail(ErrorKind::not_found, "the version of the DAG that the run followed is not there any more",
                  "dag " + dag_id + ", run " + run_id, "trigger a new run");
    }
    ended->dag = std::move(*dag);
  }
  auto rows = reader.task_instances(ended->row.no);
  if (!rows) return std::unexpected(std::move(rows.error()));
  ended->task_instances = std::move(*rows);
  if (std::ranges::any_of(ended->dag->tasks, &Task::is_mapped)) {
    auto lengths = reader.xcom_lengths(ended->row.no);
    if (!lengths) return std::unexpected(std::move(lengths.error()));
    ended->xcom_lengths = std::move(*lengths);
  }
  if (ended->row.backfill_id != 0) {
    auto backfill = reader.backfill(ended->row.backfill_id);
    if (!backfill) return std::unexpected(std::move(backfill.error()));
    ended->backfill = std::move(*backfill);
  }
  return ended;
}

namespace {

template <class Event>
void change(Scheduler& scheduler, store::Reader& reader, Event event, OnChanged on_changed) {
  const engine::Engine& engine = scheduler.engine();
  if (!engine.is_active(event.dag_id, event.run_id)) {
    // It ended, or is deleted, in a batch that the store does not have yet.
    if (scheduler.is_in_flight(event.dag_id, event.run_id)) {
      return scheduler.when_durable(
          [&scheduler, &reader, event = std::move(event), on_changed = std::move(on_changed)]() mutable {
            change(scheduler, reader, std::move(event), std::move(on_changed));
          });
    }
    auto ended = ended_run(engine, reader, event.dag_id, event.run_id);
    if (!ended) return on_changed(std::unexpected(std::move(ended.error())));
    event.ended = std::move(*ended);
  }
  scheduler.command(std::move(event), [on_changed = std::move(on_changed)](const engine::Answer& answer) {
    if (answer.error) return on_changed(std::unexpected(*answer.error));
    on_changed(answer);
  });
}

}  // namespace

void change_run(Scheduler& scheduler, store::Reader& reader, engine::ClearTasks event, OnChanged on_changed) {
  change(scheduler, reader, std::move(event), std::move(on_changed));
}
void change_run(Scheduler& scheduler, store::Reader& reader, engine::MarkTasks event, OnChanged on_changed) {
  change(scheduler, reader, std::move(event), std::move(on_changed));
}
void change_run(Scheduler& scheduler, store::Reader& reader, engine::MarkRun event, OnChanged on_changed) {
  change(scheduler, reader, std::move(event), std::move(on_changed));
}

Result<std::vector<std::string>> runs_around(store::Reader& reader, const std::string& dag_id, const std::string& run_id,
                                             bool future, bool past) {
  if (!future && !past) return std::vector{run_id};
  const auto run = reader.run(dag_id, run_id);
  if (!run) return std::unexpected(run.error());
  if (!*run || !(*run)->logical_date) return std::vector{run_id};
  store::RunFilter filter{.dag_id = dag_id, .limit = -1};
  if (!past) filter.logical_date_from = (*run)->logical_date;
  if (!future) filter.logical_date_to = (*run)->logical_date;
  filter.order = store::RunFilter::Order::logical_date;
  filter.ascending = true;
  const auto found = reader.runs(filter);
  if (!found) return std::unexpected(found.error());
  std::vector<std::string> run_ids;
  for (const DagRun& other : *found) {
    if (other.logical_date) run_ids.push_back(other.run_id);
  }
  return run_ids;
}

}  // namespace venturi::server
