// A DAG that is deleted: nothing that the engine keeps may name it afterwards.
#include <algorithm>
#include <utility>

#include "engine/engine_state.h"

namespace venturi::engine {

void Engine::State::delete_dag(const DeleteDag& e) {
  DagMachine* m = find_machine(e.dag_id);
  const auto is_of_it = [m](const auto& run) { return run.second.run != nullptr && run.second.run->machine == m; };
  if (m != nullptr && (!m->active.empty() || std::ranges::any_of(visits, is_of_it)))
    return answer(e.command,
                  Error{ErrorKind::conflict, "the DAG has begun another run meanwhile", "dag " + e.dag_id,
                        "repeat this when it has ended"},
                  {});
  if (m != nullptr) {
    drop_changes_of(*m);
    disconnect_assets(*m);
    std::erase_if(questions, [&](const auto& question) {
      const auto* of_dag = std::get_if<OfDag>(&question.second);
      const auto* of_mapper = std::get_if<OfMapper>(&question.second);
      const auto* of_backfill = std::get_if<OfBackfill>(&question.second);
      return (of_dag != nullptr && of_dag->number == m->number) || (of_mapper != nullptr && of_mapper->number == m->number) ||
             (of_backfill != nullptr && m->backfills.contains(of_backfill->id));
    });
    for (const std::int64_t id : m->backfills) {
      if (const auto& command = backfills.at(id).cancel_command)
        answer(*command, Error{ErrorKind::not_found, "the DAG of the backfill was deleted", "dag " + e.dag_id, {}}, {});
      std::erase(busy_backfills, id);
      backfills.erase(id);
    }
    std::erase_if(outbox, [&](const auto& owed) { return owed.second.entry.dag_id == e.dag_id; });
    for (auto& [task_id, gate] : m->task_gates) std::erase(open_gates, &gate);
    std::erase(due, m);
    assets_due.erase(m->number);
    machines_by_number.erase(m->number);
    machines.erase(machines.find(e.dag_id));
  }
  changes.deleted_dags.push_back(e.dag_id);
  answer(e.command, {}, {});
}

// What is to be written would be there again.
void Engine::State::drop_changes_of(const DagMachine& m) {
  const std::string& dag_id = m.row.dag_id;
  const auto is_its = [&](const auto& row) { return row.dag_id == dag_id; };
  std::set<std::int64_t> partitions;
  for (const auto& [key, partition] : m.partitions) partitions.insert(partition.row.no);
  for (const auto& [no, event] : m.unmapped) partitions.insert(no);
  for (const PartitionedRun& row : changes.partitioned_runs) {
    if (is_its(row)) partitions.insert(row.no);
  }
  std::erase_if(changes.partitioned_runs, is_its);
  std::erase_if(changes.partitioned_events, [&](const auto& row) { return partitions.contains(row.partitioned_run); });
  std::erase_if(changes.dags, [&](const auto& dag) { return dag->dag_id == dag_id; });
  std::erase(changes.gone_dags, dag_id);
  std::erase_if(changes.queued_assets, is_its);
  std::erase_if(changes.outbox, is_its);
  std::erase_if(changes.backfill_dag_runs, [&](const auto& row) { return m.backfills.contains(row.backfill_id); });
  std::erase_if(changed_backfills, [&](const auto& changed) { return changed.second.dag_id == dag_id; });
  std::erase(dirty_machines, &m);
}

}  // namespace venturi::engine
