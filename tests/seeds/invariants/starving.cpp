// Whatever the engine could do and has not done, although it has nothing else to do.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/task_slot.h"
#include "seeds/engine_inside.h"
#include "seeds/invariants.h"
#include "seeds/story.h"
#include "seeds/usage.h"

namespace venturi::seeds {

namespace {

class Starving final : public Invariant {
 public:
  std::string_view name() const override { return "no_ready_task_starves"; }
  void stepped(const View& view) override {
    if (view.memory == nullptr || view.engine->has_work()) return;
    if (view.engine->wake_at() == Time{}) return;  // it has not begun
    Look(*this, view).at_all();
  }

 private:
  class Look {
   public:
    Look(Starving& starving, const View& view)
        : starving_(starving), view_(view), usage_(count_usage(view)), runs_(runs_by_number(*view.memory)) {
      for (const DagState& row : view.memory->dag_states) dags_.emplace(row.dag_id, &row);
    }
    void at_all() {
      for (const TaskInstance& ti : view_.memory->task_instances) at(ti);
      for (const DagRun& run : view_.memory->runs) at(run);
      for (const auto& dag : view_.memory->dags) at(*dag);
    }

   private:
    void at(const TaskInstance& ti) {
      const DagRun& run = *runs_.at(ti.run);
      if (engine::waits_for_time(ti.state) && ti.next_try_at) return at_waiting(ti);
      if (run.state != RunState::running || is_paused(run.dag_id)) return;
      const Dag& dag = dag_of(view_, run);
      const auto index = dag.find_task(ti.task_id);
      if (!index) return;  // removed: the run follows a DAG without it
      const Task& task = dag.tasks[*index];
      if (ti.state == TaskState::scheduled && !waits_for_weight(task, run, ti) &&
          (task.engine_ends_it() || has_room(task, run)))
        starving_.violated(
            fmt::format("{} of {} is scheduled, and nothing keeps it from being launched", words(ti), run.dag_version_id));
      // One that looks at the run before may wait for an answer, a mapped one for its lists.
      if (ti.state != TaskState::none || task.depends_on_past || task.is_mapped()) return;
      const auto unmet = view_.engine->unmet_dependencies(run.dag_id, run.run_id, ti.task_id, ti.map_index);
      const bool waits = !unmet || std::ranges::any_of(*unmet, [](const auto& u) { return u.name == "Trigger Rule"; });
      if (waits) return;
      starving_.violated(fmt::format("{} of {} has no state, and its trigger rule lets it run", words(ti), run.dag_version_id));
    }
    // The program has not answered yet, or is asked again later.
    bool waits_for_weight(const Task& task, const DagRun& run, const TaskInstance& ti) const {
      if (task.weight_class.empty() || ti.priority_weight) return false;
      const auto unmet = view_.engine->unmet_dependencies(run.dag_id, run.run_id, ti.task_id, ti.map_index);
      return unmet && std::ranges::any_of(*unmet, [](const auto& u) { return u.name == "Priority Weight"; });
    }
    void at_waiting(const TaskInstance& ti) {
      if (*ti.next_try_at <= view_.now)
        starving_.violated(fmt::format("{} is {}, and its time has come", words(ti), to_string(ti.state)));
      else
        expect_to_wake(*ti.next_try_at, words(ti));
    }
    void expect_to_wake(Time at, const std::string& what) {
      const auto wake = view_.engine->wake_at();
      if (!wake || *wake > at) starving_.violated(what + " waits for a time at which nobody wakes the engine");
    }
    bool has_room(const Task& task, const DagRun& run) const {
      const auto room = [&](const LimitedThing& thing, std::int64_t size = 1) { return usage_.at(thing).has_room(size); };
      return room({LimitOf::parallelism, {}, 0}) && room({LimitOf::max_active_tasks, {}, run.no}) &&
             room({LimitOf::pool, task.pool, 0}, task.pool_slots) &&
             (!task.max_active_tis_per_dagrun || room({LimitOf::tis_per_dagrun, task.task_id, run.no})) &&
             (!task.max_active_tis_per_dag ||
              usage_.at({LimitOf::tis_per_dag, run.dag_id + "/" + task.task_id, 0}).taken < *task.max_active_tis_per_dag);
    }

    void at(const DagRun& run) {
      if (run.state != RunState::queued || is_paused(run.dag_id)) return;
      if (std::ranges::none_of(view_.memory->dags, [&](const auto& dag) { return dag->dag_id == run.dag_id; })) return;
      const bool is_of_backfill = run.backfill_id != 0;
      if (is_of_backfill) {
        const auto b = std::ranges::find(view_.memory->backfills, run.backfill_id, &Backfill::id);
        if (b == view_.memory->backfills.end() || b->is_cancelled || (b->is_paused && !b->completed_at)) return;
      }
      const LimitedThing limit = is_of_backfill ? LimitedThing{LimitOf::runs_of_a_backfill, {}, run.backfill_id}
                                                : LimitedThing{LimitOf::max_active_runs, run.dag_id, 0};
      if (!usage_.at(limit).has_room()) return;
      if (run.run_after <= view_.now || is_of_backfill)
        starving_.violated(fmt::format("run {} is queued, and may start", run.no));
      else
        expect_to_wake(run.run_after, fmt::format("run {}", run.no));
    }

    // Its schedule.
    void at(const Dag& dag) {
      const DagState& row = *dags_.at(dag.dag_id);
      if (is_paused(dag.dag_id) || !row.next_run_after) return;
      // What its row says may be of before: the program is asked, or is going to be.
      const auto& machine = *engine::EngineInside::state(*view_.engine).machines.at(dag.dag_id);
      const bool is_asked = machine.timetable && machine.timetable->is_user_defined();
      if (is_asked && machine.forecast.state != engine::Forecast::State::known) return;
      std::int64_t active = 0;
      for (const DagRun& run : view_.memory->runs) {
        const bool is_for_later = machine.later.contains({run.run_after, run.no});
        active += run.dag_id == dag.dag_id && run.backfill_id == 0 && !is_for_later ? 1 : 0;
      }
      const auto limit = usage_.find({LimitOf::max_active_runs, dag.dag_id, 0});
      if (limit != usage_.end() && active >= limit->second.limit) return;
      // After the clock was set back what comes next waits for the newest interval to be over once more.
      Time due = *row.next_run_after;
      if (row.last_interval_end) due = std::max(due, *row.last_interval_end + Duration(1));
      if (due <= view_.now)
        starving_.violated(fmt::format("{} has had no run that was due at {}", dag.dag_id, format_time(*row.next_run_after)));
      else
        expect_to_wake(due, "the schedule of " + dag.dag_id);
    }
    // Or about to be, perhaps: the store is asked.
    bool is_paused(const std::string& dag_id) const { return dags_.at(dag_id)->is_paused || dags_.at(dag_id)->awaits_outcomes; }

    Starving& starving_;
    const View& view_;
    Usage usage_;
    std::map<RunNo, const DagRun*> runs_;
    std::map<std::string, const DagState*> dags_;
  };
};

}  // namespace

std::unique_ptr<Invariant> no_ready_task_starves() {
  return std::make_unique<Starving>();
}

}  // namespace venturi::seeds
