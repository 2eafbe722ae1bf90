// Runs that have ended, and of which something is to change: their rows are read again, page by page, counted, and looked
// through. Until it is clear that the run is to go on it stands beside the active ones, and nothing is written: a crash leaves
// it as it ended, and the command unanswered.
//
//   rows ─▶ counts ─┬─ nothing is meant, or it was only asked ─▶ answered, forgotten
//                   ├─ it is cleared, or queued again ─▶ among the active runs, queued; changing.cpp goes on
//                   └─ task instances are only marked ─▶ that in slices; the run stays as it ended
#include <algorithm>
#include <limits>
#include <utility>

#include "engine/changing.h"
#include "engine/engine_state.h"

namespace venturi::engine {

// A small one is looked through at once: whoever asks finds the run active when this returns.
void Engine::State::visit(const EndedRun& ended, Visit visit, Time now) {
  visit.run = make_run(ended.row, visit.version);
  visit.run->is_busy = true;  // its turns are those of the visit
  visit.lengths = ended.xcom_lengths;
  visit.backfill = ended.backfill;
  const RunNo no = ended.row.no;
  Visit& there = visits.emplace(no, std::move(visit)).first->second;
  add_rows(there, ended.task_instances);
  if (!ended.is_whole) return;
  fill_up(there);
  if (is_meant(there)) work_on_visit(no, now, std::numeric_limits<int>::max());
}

Engine::State::Visit* Engine::State::find_visit(std::string_view dag_id, std::string_view run_id) {
  const auto found = std::ranges::find_if(visits, [&](const auto& entry) {
    const DagRun& row = entry.second.run->row;
    return row.dag_id == dag_id && row.run_id == run_id;
  });
  return found == visits.end() ? nullptr : &found->second;
}

void Engine::State::more_rows(const MoreRows& e) {
  const auto found = visits.find(e.run);
  if (found == visits.end() || found->second.is_read) return;
  if (e.trouble) {
    answer(found->second.command, e.trouble, {});
    return end_visit(e.run);
  }
  const Run& run = *found->second.run;
  const auto next = run.row.first_task_instance + static_cast<TaskInstanceNo>(run.slots.size());
  if (!e.task_instances.empty() && e.task_instances.front().no < next) return;  // of a visit before
  add_rows(found->second, e.task_instances);
  if (!e.are_last) return;
  fill_up(found->second);
  if (is_meant(found->second)) busy.push_back(e.run);
}

void Engine::State::add_rows(Visit& visit, const std::vector<TaskInstance>& rows) {
  Run& run = *visit.run;
  const auto take_up_next = [&] {
    if (!run.row.is_renumbered) take_up_slot(run, static_cast<SlotIndex>(run.slots.size() - 1));
  };
  for (const TaskInstance& ti : rows) {
    while (run.row.first_task_instance + static_cast<TaskInstanceNo>(run.slots.size()) < ti.no) {
      add_absent_slot(run);
      take_up_next();
    }
    load_slot(run, ti);
    take_up_next();
    TaskSlot& slot = run.slots.back();
    if (slot.is_absent) continue;
    const bool is_marked = visit.change.marks(slot);
    const TaskState before = slot.state;
    if (is_marked) slot.state = *visit.change.to;
    const bool is_cleared = !visit.user && visit.change.clears(slot);
    slot.state = before;
    visit.marks = visit.marks || is_marked;
    visit.clears = visit.clears || is_cleared;
    if (visit.is_dry && (is_marked || (!visit.change.to && is_cleared)))
      tell(visit.change, run, static_cast<SlotIndex>(run.slots.size() - 1));
  }
}

// The rows were all.
void Engine::State::fill_up(Visit& visit) {
  Run& run = *visit.run;
  while (run.slots.size() < static_cast<std::size_t>(run.row.created_task_instances)) {
    add_absent_slot(run);
    if (!run.row.is_renumbered) take_up_slot(run, static_cast<SlotIndex>(run.slots.size() - 1));
  }
  if (run.row.is_renumbered) {  // which slot is whose is known when all are there
    find_first_slots(run);
    take_up_slots(run);
  }
  std::vector<const XComLength*> lengths;
  for (const XComLength& length : visit.lengths) lengths.push_back(&length);
  load_lengths(run, lengths);
  visit.is_read = true;
}

// False: there is nothing to change.
bool Engine::State::is_meant(Visit& visit) {
  if (!visit.is_dry && (visit.user || visit.marks || visit.clears)) return true;
  effects.emplace_back(answer_of(visit.change, visit.command, visit.run->row));
  end_visit(visit.run->row.no);
  return false;
}

int Engine::State::work_on_visit(RunNo no, Time now, int budget) {
  Visit& visit = visits.at(no);
  int done = 0;
  while (done < budget) {
    if (const int units = connect_some(*visit.run, visit.connecting); units > 0) {
      done += units;
      continue;
    }
    ++done;
    if (!visit.run->change) {
      decide(no, now);
      if (!visits.contains(no)) return done;
    } else {
      done += continue_change(*visit.run, now);
      if (visit.run->change) continue;
      end_visit(no);
      return done;
    }
  }
  busy.push_back(no);
  return done;
}

void Engine::State::decide(RunNo no, Time now) {
  Visit& visit = visits.at(no);
  if (visit.marks && !visit.clears) {
    visit.change.command = visit.command;
    return begin_change(*visit.run, std::move(visit.change));
  }
  Visit over = std::move(visit);
  visits.erase(no);
  Run& run = take_in(std::move(over.run), over.backfill);
  const std::string cause = over.user        ? "marked queued" + (over.user->empty() ? "" : " by " + *over.user)
                            : over.change.to ? "a task was " + cause_of_marks(over.change)
                                             : cause_of_clears(over.change);
  queue_again(run, cause, now);
  if (over.user) {
    past_changed(run);
    answer(over.command, {}, run.row);
  } else {
    begin_clear(run, std::move(over.change), over.next_version ? over.next_version : run.dag, over.command, over.wants_rows,
                now);
  }
  DagMachine& m = *run.machine;
  start_runs(m, now);
  schedule(m, now);
}

// What is changed of its rows is written with the batch.
void Engine::State::end_visit(RunNo no) {
  const auto found = visits.find(no);
  ended_runs.push_back(std::move(found->second.run));
  visits.erase(found);
}

// Among the active ones, counted already.
Run& Engine::State::take_in(std::unique_ptr<Run> run, const std::optional<Backfill>& backfill) {
  if (backfill) know_backfill(*backfill);
  const RunNo no = run->row.no;
  Run& active = *runs.emplace(no, std::move(run)).first->second;
  active.is_busy = false;
  enter(active);
  return active;
}

}  // namespace venturi::engine
