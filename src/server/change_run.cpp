#include "server/change_run.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace venturi::server {

Result<std::shared_ptr<engine::EndedRun>> ended_run(const engine::Engine& engine, store::Reader& reader,
                                                    const std::string& dag_id, const std::string& run_id, std::int64_t most) {
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
  auto rows = reader.task_instances(ended->row.no, ended->row.first_task_instance, most);
  if (!rows) return std::unexpected(std::move(rows.error()));
  ended->task_instances = std::move(*rows);
  ended->is_whole = most <= 0 || std::ssize(ended->task_instances) < most;
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

engine::MoreRows more_rows(store::Reader& reader, RunNo run, TaskInstanceNo last, std::int64_t most) {
  engine::MoreRows more{.run = run, .task_instances = {}};
  auto rows = reader.task_instances(run, last + 1, most);
  if (!rows) {
    more.trouble = std::move(rows.error());
    return more;
  }
  more.are_last = std::ssize(*rows) < most;
  more.task_instances = std::move(*rows);
  return more;
}

namespace {

// About a millisecond's.
constexpr std::int64_t rows_in_a_page = 500;

// One that is only said to have ended otherwise keeps its task instances.
std::int64_t first_page(const engine::MarkRun& event) {
  return event.state == RunState::queued ? rows_in_a_page : 0;
}
std::int64_t first_page(const engine::ForgetPartition& /*event*/) {
  return 0;
}
template <class Event>
std::int64_t first_page(const Event&) {
  return rows_in_a_page;
}

void read_on(Scheduler& scheduler, store::Reader& reader, RunNo run, TaskInstanceNo last) {
  engine::MoreRows more = more_rows(reader, run, last, rows_in_a_page);
  const bool is_over = more.are_last || more.trouble;
  if (!more.task_instances.empty()) last = more.task_instances.back().no;
  scheduler.step(more);
  if (!is_over) scheduler.after_batch([&scheduler, &reader, run, last] { read_on(scheduler, reader, run, last); });
}

template <class Event>
void change(Scheduler& scheduler, store::Reader& reader, Event event, OnChanged on_changed) {
  const engine::Engine& engine = scheduler.engine();
  // It ended, or is deleted, in a batch that the store does not have yet; or another command is under way on it.
  const bool has_to_wait =
      engine.is_changing(event.dag_id, event.run_id) ||
      (!engine.is_active(event.dag_id, event.run_id) && scheduler.is_in_flight(event.dag_id, event.run_id));
  if (has_to_wait) {
    return scheduler.after_batch([&scheduler, &reader, event = std::move(event), on_changed = std::move(on_changed)]() mutable {
      change(scheduler, reader, std::move(event), std::move(on_changed));
    });
  }
  std::optional<std::pair<RunNo, TaskInstanceNo>> rest;
  if (!engine.is_active(event.dag_id, event.run_id)) {
    auto ended = ended_run(engine, reader, event.dag_id, event.run_id, first_page(event));
    if (!ended) return on_changed(std::unexpected(std::move(ended.error())));
    if (*ended && !(*ended)->is_whole) rest = {(*ended)->row.no, (*ended)->task_instances.back().no};
    event.ended = std::move(*ended);
  }
  const std::string dag_id = event.dag_id, run_id = event.run_id;
  scheduler.command(std::move(event), [on_changed = std::move(on_changed)](const engine::Answer& answer) {
    if (answer.error) return on_changed(std::unexpected(*answer.error));
    on_changed(answer);
  });
  // Of one that the engine refused nobody wants the other rows.
  if (rest && engine.is_changing(dag_id, run_id)) read_on(scheduler, reader, rest->first, rest->second);
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
void change_run(Scheduler& scheduler, store::Reader& reader, engine::ForgetPartition event, OnChanged on_changed) {
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
