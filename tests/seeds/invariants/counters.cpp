// What the engine counts up and down with each transition, against a count of all its task instances, runs and gates.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

#include "seeds/engine_inside.h"
#include "seeds/invariants.h"

namespace venturi::seeds {

namespace {

using engine::EngineInside;
using engine::Run;
using engine::SlotIndex;
using engine::TaskSlot;

class Counters final : public Invariant {
 public:
  std::string_view name() const override { return "counters_equal_a_full_recount"; }

  void stepped(const View& view) override {
    if (view.engine == nullptr) return;
    const auto& state = EngineInside::state(*view.engine);
    std::int64_t slots_used = 0;
    std::size_t outstanding = 0;
    std::map<const void*, Gate> gates;
    for (const auto& [no, run] : state.runs) {
      slots_used += recount(*run);
      for (SlotIndex i = 0; i < run->slots.size(); ++i) {
        const TaskSlot& slot = run->slots[i];
        if (slot.is_absent) continue;
        count_gates(*run, slot, gates);
        if (!engine::is_launched(slot)) continue;
        ++outstanding;
        const auto found = state.outstanding.find(slot.token);
        if (found == state.outstanding.end() || found->second.run != run.get() || found->second.slot != i)
          violated(fmt::format("the launch of {} of run {} is not waited for", run->declared(i).task_id, no));
      }
      for (const auto& [task, gate] : run->task_gates)
        expect(gate.taken, gates[&gate].under_way, "max_active_tis_per_dagrun of " + run->dag->tasks[task].task_id);
    }
    expect(state.slots_used, slots_used, "slots of parallelism");
    expect(state.outstanding.size(), outstanding, "launches that are waited for");
    for (const auto& [name, pool] : state.pools) {
      const Gate& gate = gates[&pool];
      expect(pool.under_way, gate.under_way, "slots of pool " + name + " under way");
      expect(pool.deferred, gate.deferred, "deferred slots of pool " + name);
      expect(pool.taken, gate.under_way + (pool.row.include_deferred ? gate.deferred : 0), "slots taken of pool " + name);
    }
    for (const auto& [dag_id, machine] : state.machines) recount(state, *machine, gates);
    for (const auto& [id, backfill] : state.backfills) recount(state, backfill);
  }

  // What upstreams were counted in: an engine that is loaded counts all of them anew.
  void taken(const View& view, const engine::Batch&) override {
    const engine::Engine loaded(view.config, *view.memory);
    const auto& state = EngineInside::state(*view.engine);
    for (const auto& [no, run] : state.runs) {
      const bool is_settled =
          !run->change && run->finished.empty() && run->judgings.empty() && run->expansions.empty() && run->is_created();
      if (is_settled && run->row.state == RunState::running) compare(*run, *EngineInside::state(loaded).runs.at(no));
    }
  }

 private:
  struct Gate {
    std::int64_t under_way = 0, deferred = 0;
  };

  template <class Counted, class Found>
  void expect(Counted counted, Found found, const std::string& what) {
    if (static_cast<std::int64_t>(counted) != static_cast<std::int64_t>(found))
      violated(fmt::format("{}: {} were counted, and there are {}", what, counted, found));
  }

  static void count_gates(const Run& run, const TaskSlot& slot, std::map<const void*, Gate>& gates) {
    const Task& task = run.dag->tasks[slot.task];
    Gate& pool = gates[run.progress[slot.task].pool];
    if (slot.state == TaskState::deferred) pool.deferred += task.pool_slots;
    if (!engine::is_under_way(slot.state)) return;
    pool.under_way += task.pool_slots;
    if (const auto own = run.task_gates.find(slot.task); own != run.task_gates.end()) ++gates[&own->second].under_way;
    const auto& of_dag = run.machine->task_gates;
    if (const auto all = of_dag.find(task.task_id); all != of_dag.end() && task.max_active_tis_per_dag)
      ++gates[&all->second].under_way;
  }

  // Gives how many of its task instances are under way.
  std::int64_t recount(const Run& run) {
    const std::size_t tasks = run.dag->tasks.size();
    std::vector<std::int64_t> ended(tasks), instances(tasks, 1);
    std::int64_t waiting = 0, under_way = 0, bad_leaves = 0, patient = 0, unfinished = 0;
    for (const TaskSlot& slot : run.slots) {
      if (slot.task == engine::no_task) continue;
      if (slot.is_absent) {
        instances[slot.task] = 0;
        continue;
      }
      const Task& task = run.dag->tasks[slot.task];
      const bool has_ended = is_finished(slot.state);
      ended[slot.task] += has_ended ? 1 : 0;
      waiting += slot.state == TaskState::none ? 1 : 0;
      under_way += engine::is_under_way(slot.state) ? 1 : 0;
      bad_leaves += engine::is_bad(slot.state) && task.decides_run ? 1 : 0;
      patient += task.depends_on_past && !has_ended ? 1 : 0;
    }
    for (std::size_t i = 0; i < tasks; ++i) {
      if (i < run.progress.size() && run.progress[i].is_expanded) instances[i] = run.progress[i].instances;
      unfinished += instances[i] - ended[i];
      if (i < run.progress.size())
        expect(run.progress[i].ended, ended[i],
               fmt::format("ended instances of {} of run {}", run.dag->tasks[i].task_id, run.row.no));
    }
    const std::string of_run = fmt::format(" of run {}", run.row.no);
    expect(run.unfinished, unfinished, "unfinished task instances" + of_run);
    expect(run.waiting, waiting, "waiting task instances" + of_run);
    expect(run.under_way, under_way, "task instances under way" + of_run);
    expect(run.bad_leaves, bad_leaves, "leaves that failed" + of_run);
    expect(run.patient, patient, "task instances that depend on the past" + of_run);
    return under_way;
  }

  template <class State>
  void recount(const State& state, const engine::DagMachine& machine, std::map<const void*, Gate>& gates) {
    std::int64_t of_backfills = 0, active = 0, queued = 0;
    for (const auto& [no, run] : state.runs) {
      if (run->machine != &machine) continue;
      ++active;
      if (run->backfill != nullptr)
        ++of_backfills;
      else
        queued += run->row.state == RunState::queued ? 1 : 0;
    }
    expect(machine.active.size(), active, "active runs of " + machine.row.dag_id);
    expect(machine.queued.size() + machine.later.size(), queued, "queued runs of " + machine.row.dag_id);
    expect(machine.of_backfills, of_backfills, "runs of backfills of " + machine.row.dag_id);
    for (const auto& [task_id, gate] : machine.task_gates)
      expect(gate.taken, gates[&gate].under_way, "max_active_tis_per_dag of " + task_id + " of " + machine.row.dag_id);
  }

  template <class State>
  void recount(const State& state, const engine::BackfillMachine& backfill) {
    std::int64_t active = 0, queued = 0;
    for (const auto& [no, run] : state.runs) {
      if (run->backfill != &backfill) continue;
      ++active;
      queued += run->row.state == RunState::queued ? 1 : 0;
    }
    expect(backfill.active, active, fmt::format("active runs of backfill {}", backfill.row.id));
    expect(backfill.queued.size(), queued, fmt::format("queued runs of backfill {}", backfill.row.id));
  }

  void compare(const Run& run, const Run& anew) {
    const auto same = [&](const engine::FinishedUpstreams& counted, const engine::FinishedUpstreams& found,
                          std::string_view of) {
      const auto what = [&](std::string_view how) { return fmt::format("{} upstreams of {} of run {}", how, of, run.row.no); };
      expect(counted.success, found.success, what("successful"));
      expect(counted.skipped, found.skipped, what("skipped"));
      expect(counted.failed, found.failed, what("failed"));
      expect(counted.upstream_failed, found.upstream_failed, what("upstream_failed"));
      expect(counted.removed, found.removed, what("removed"));
    };
    for (std::size_t i = 0; i < run.progress.size(); ++i) {
      const engine::TaskProgress &of = run.progress[i], &found = anew.progress[i];
      const std::string& task_id = run.dag->tasks[i].task_id;
      if (run.dag->tasks[i].edges_above) continue;  // counted by the edge set
      same(of.upstreams, found.upstreams, task_id);
      expect(of.expected, found.expected, "upstream task instances of " + task_id);
      expect(of.expected_by_index, found.expected_by_index, "upstream task instances by map_index of " + task_id);
      if (!of.mapped || !found.mapped) continue;
      for (std::size_t m = 0; m < std::min(of.mapped->by_index.size(), found.mapped->by_index.size()); ++m)
        same(of.mapped->by_index[m], found.mapped->by_index[m], fmt::format("{}[{}]", task_id, m));
    }
    for (std::size_t i = 0; i < run.edges.size(); ++i) {
      expect(run.edges[i].expected, anew.edges[i].expected, fmt::format("upstream task instances of edge set {}", i));
      same(run.edges[i].upstreams, anew.edges[i].upstreams, fmt::format("edge set {}", i));
    }
  }
};

}  // namespace

std::unique_ptr<Invariant> counters_equal_a_full_recount() {
  return std::make_unique<Counters>();
}

}  // namespace venturi::seeds
