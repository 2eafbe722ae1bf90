// Runs, and task instances of runs, that are cleared or marked: asked for by a person, or by a task that wants a run that is
// there already to begin anew (TriggerDagRunOperator's reset_dag_run).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "server/scheduler.h"
#include "store/store.h"

namespace venturi::server {

using OnChanged = std::function<void(Result<engine::Answer>)>;

// `event` names DAG, run and what is meant of it; the rows of a run that has ended are looked up here, page by page: other work
// passes between. `on_changed` is called
// once; what it is given is durable. Scheduler and reader outlive the call.
void change_run(Scheduler& scheduler, store::Reader& reader, engine::ClearTasks event, OnChanged on_changed);
void change_run(Scheduler& scheduler, store::Reader& reader, engine::MarkTasks event, OnChanged on_changed);
void change_run(Scheduler& scheduler, store::Reader& reader, engine::MarkRun event, OnChanged on_changed);
void change_run(Scheduler& scheduler, store::Reader& reader, engine::ForgetPartition event, OnChanged on_changed);

// Airflow's future and past: the runs of the DAG with a logical date from this run's on, or up to it. Without either, or where
// the run has no logical date, this one alone. By logical date.
[[nodiscard]] Result<std::vector<std::string>> runs_around(store::Reader& reader, const std::string& dag_id,
                                                           const std::string& run_id, bool future, bool past);

// A run as the store has it, whole, or with its first `most` task instances. Nothing: there is no such run.
[[nodiscard]] Result<std::shared_ptr<engine::EndedRun>> ended_run(const engine::Engine& engine, store::Reader& reader,
                                                                  const std::string& dag_id, const std::string& run_id,
                                                                  std::int64_t most = -1);
// Of a run that is not whole: those behind `last`, at most so many.
[[nodiscard]] engine::MoreRows more_rows(store::Reader& reader, RunNo run, TaskInstanceNo last, std::int64_t most);

}  // namespace venturi::server
