// What may become of task instances whose upstreams end, by their trigger rules and setups.
//
// Tasks that are not mapped have one count of ended upstreams, and so have mapped tasks: it is the same for all their
// instances. In a mapped task group an upstream within the group counts per map_index (TaskProgress::by_index), once it has its
// instances; what stands outside, or has no instances yet, counts for all.
#include <fmt/format.h>

#include <utility>

#include "engine/engine_state.h"
#include "engine/mapping.h"

namespace venturi::engine {

namespace {

std::string_view words_for(TaskState state) {
  switch (state) {
    case TaskState::success:
      return "succeeded";
    case TaskState::skipped:
      return "was skipped";
    case TaskState::upstream_failed:
      return "was not run because of its own upstreams";
    case TaskState::removed:
      return "was removed";
    default:
      return "failed";
  }
}

// The instance of another task that one with this map_index looks at; nothing: it is not created yet.
std::optional<SlotIndex> beside(const Run& run, const Task& task, TaskIndex other, std::int32_t map_index) {
  if (other >= run.progress.size()) return std::nullopt;
  const bool has_its_own = map_index >= 0 && run.progress[other].is_expanded && task.is_in_group_of(run.dag->tasks[other]);
  return has_its_own ? run.instance(other, map_index) : run.first_slot(other);
}

UpstreamCounts setup_counts(const Run& run, const Task& task, std::int32_t map_index) {
  UpstreamCounts counts;
  counts.total = static_cast<std::uint32_t>(task.setups.size());
  for (const TaskIndex setup : task.setups) {
    const bool counts_by_index = setup < run.progress.size() && run.progress[setup].is_expanded;
    if (map_index < 0 && counts_by_index && task.is_in_group_of(run.dag->tasks[setup])) {
      --counts.total;  // asked by the instances
      continue;
    }
    if (const auto slot = beside(run, task, setup, map_index)) counts.finished.count(run.slots[*slot].state, 1);
  }
  return counts;
}

UpstreamCounts upstream_counts(const Run& run, TaskIndex index, std::int32_t map_index) {
  const Task& task = run.dag->tasks[index];
  const TaskProgress& progress = run.progress[index];
  UpstreamCounts counts;
  if (task.edges_above) {
    const EdgeProgress& edges = run.edges[*task.edges_above];
    counts.total = edges.expected;
    counts.finished = edges.upstreams;
  } else {
    counts.total = progress.expected;
    counts.finished = progress.upstreams;
  }
  if (map_index >= 0 && task.mapped_group) {
    counts.total += progress.expected_by_index;
    counts.finished.add(progress.mapped->by_index[static_cast<std::size_t>(map_index)]);
  }
  if (task.trigger_rule != TriggerRule::all_done_setup_success) return counts;
  for (const TaskIndex upstream : task.upstream) {
    if (!run.dag->tasks[upstream].is_setup) continue;
    ++counts.setups;
    const auto slot = beside(run, task, upstream, map_index);
    if (!slot || !run.slots[*slot].counted) continue;
    if (run.slots[*slot].state == TaskState::success) ++counts.setup_success;
    if (run.slots[*slot].state == TaskState::skipped) ++counts.setup_skipped;
  }
  return counts;
}

struct Judgement {
  Verdict verdict = Verdict::wait;
  bool by_setups = false;
};

Judgement judgement_of(const Run& run, TaskIndex index, std::int32_t map_index) {
  const Task& task = run.dag->tasks[index];
  if (!task.setups.empty()) {
    const Verdict verdict = judge_setups(setup_counts(run, task, map_index));
    if (verdict != Verdict::run) return {verdict, true};
  }
  return {judge(task.trigger_rule, upstream_counts(run, index, map_index), map_index), false};
}

std::string cause_of(const Run& run, const Task& task, bool by_setups, std::optional<SlotIndex> because) {
  if (task.upstream.empty()) return "it has no upstreams";
  std::string cause =
      by_setups ? "all its setups have to succeed" : fmt::format("trigger rule {}", to_string(task.trigger_rule));
  if (because) {
    cause += fmt::format(": upstream {} {}", run.declared(*because).task_id, words_for(run.slots[*because].state));
  }
  return cause;
}

// Whether one more success among upstreams that are not all done can be a reason for a verdict.
bool success_may_decide(TriggerRule rule) {
  switch (rule) {
    case TriggerRule::one_success:
    case TriggerRule::one_done:
    case TriggerRule::all_failed:
    case TriggerRule::all_skipped:
      return true;
    default:
      return false;
  }
}

}  // namespace

// Why a task instance in state none waits for its upstreams; empty where it does not.
std::string Engine::State::rule_trouble(const Run& run, SlotIndex index) {
  const TaskSlot& slot = run.slots[index];
  const auto [verdict, by_setups] = judgement_of(run, slot.task, slot.map_index);
  if (verdict != Verdict::wait) return {};
  const Task& task = run.declared(index);
  const UpstreamCounts counts =
      by_setups ? setup_counts(run, task, slot.map_index) : upstream_counts(run, slot.task, slot.map_index);
  return fmt::format("{}: {} of {} {} have ended", cause_of(run, task, by_setups, {}), counts.finished.done(), counts.total,
                     by_setups ? "setups" : "upstream task instances");
}

// By its rule and setups, as its upstreams are now.
Verdict Engine::State::verdict_of(const Run& run, SlotIndex index) {
  return judgement_of(run, run.slots[index].task, run.slots[index].map_index).verdict;
}

void Engine::State::settle_verdict(Run& run, SlotIndex index, Verdict verdict, std::string cause, Time now) {
  TaskSlot& slot = run.slots[index];
  switch (verdict) {
    case Verdict::wait:
      return;
    case Verdict::run:
      return make_ready(run, index, std::move(cause));
    case Verdict::skipped:
      slot.end_date = now;
      return set_state(run, index, TaskState::skipped, std::move(cause));
    case Verdict::upstream_failed:
      slot.end_date = now;
      return set_state(run, index, TaskState::upstream_failed, std::move(cause));
    case Verdict::removed:
      return set_state(run, index, TaskState::removed, std::move(cause));
  }
}

// `because`: the upstream whose end is the reason for looking.
void Engine::State::judge_task(Run& run, TaskIndex task, std::optional<SlotIndex> because, Time now) {
  if (run.sweep) return;
  if (run.change) return run.to_judge.push_back(task);
  if (run.progress[task].is_expanded) return judge_instances(run, task, because);
  const SlotIndex index = run.first_slot(task);
  TaskSlot& slot = run.slots[index];
  if (slot.is_absent || slot.state != TaskState::none || run.progress[task].will_expand) return;
  const Task& declared = run.dag->tasks[task];
  auto [verdict, by_setups] = judgement_of(run, task, -1);
  if (verdict == Verdict::wait || (verdict == Verdict::run && !past_allows(run, task))) return;
  std::string cause = cause_of(run, declared, by_setups, because);
  if (verdict == Verdict::run && declared.is_mapped()) {
    const Length length = length_of(run, task);
    if (length.is_open) return;  // judged again when what it is mapped over has ended
    if (length.instances && *length.instances > most_instances) {
      slot.error = std::make_unique<std::string>(
          fmt::format("it would have {} instances, and {} are the most; map it over less", *length.instances, most_instances));
      slot.end_date = now;
      return set_state(run, index, TaskState::failed, *slot.error);
    }
    if (length.instances && *length.instances > 0) return expand(run, task, *length.instances);
    verdict = length.instances ? Verdict::skipped : Verdict::upstream_failed;
    cause = length.instances ? "what it is mapped over is empty" : "what it is mapped over is not there, or no list";
  }
  settle_verdict(run, index, verdict, std::move(cause), now);
}

void Engine::State::judge_instance(Run& run, SlotIndex index, std::optional<SlotIndex> because, Time now) {
  const TaskSlot& slot = run.slots[index];
  if (run.sweep || slot.state != TaskState::none) return;
  if (run.change) return judge_all_instances(run, slot.task);
  const auto [verdict, by_setups] = judgement_of(run, slot.task, slot.map_index);
  if (verdict == Verdict::wait || (verdict == Verdict::run && !past_allows(run, slot.task))) return;
  if (verdict == Verdict::run && run.progress[slot.task].to_revise &&
      (!revise(run, slot.task, now) || slot.state != TaskState::none))
    return;
  settle_verdict(run, index, verdict, cause_of(run, run.declared(index), by_setups, because), now);
}

// Something that counts for all instances has changed: each is judged, in slices.
void Engine::State::judge_instances(Run& run, TaskIndex task, std::optional<SlotIndex> because) {
  const Task& declared = run.dag->tasks[task];
  const TaskProgress& progress = run.progress[task];
  if (because && run.slots[*because].state == TaskState::success && progress.upstreams.done() < progress.expected &&
      !success_may_decide(declared.trigger_rule) && declared.setups.empty())
    return;
  if (!declared.mapped_group && judgement_of(run, task, 0).verdict == Verdict::wait) return;  // and so do the others
  run.judgings.push_back({task, 0, because});
  add_work(run);
}

void Engine::State::continue_judging(Run& run, Time now) {
  Judging& judging = run.judgings.front();
  if (judging.of_edges) {
    const TaskList& below = run.dag->edge_sets[judging.of].downstream;
    if (judging.next == 0) run.edges[judging.of].all_to_judge = false;
    const auto at = static_cast<std::size_t>(judging.next++);
    const auto because = judging.because;
    if (at < below.size() && below[at] < run.progress.size()) return judge_task(run, below[at], because, now);
    run.judgings.pop_front();  // those that are not created yet are judged when they are
    return end_if_done(run, now);
  }
  if (judging.next == 0) run.progress[judging.of].all_to_judge = false;
  const auto slot = run.instance(judging.of, judging.next);
  if (!slot || run.sweep) {  // the others are judged when they are made; after a sweep all are
    run.judgings.pop_front();
    return end_if_done(run, now);
  }
  ++judging.next;
  judge_instance(run, *slot, judging.because, now);
}

// Counts an end in, or out again, in each task below; nobody is looked at.
void Engine::State::count_below(Run& run, SlotIndex index, int by) {
  const TaskSlot& slot = run.slots[index];
  const Task& declared = run.dag->tasks[slot.task];
  if (declared.edges_below) return run.edges[*declared.edges_below].upstreams.count(slot.state, by);
  for (const TaskIndex below : declared.downstream) {
    if (below >= run.progress.size()) continue;  // counted when it is created
    TaskProgress& progress = run.progress[below];
    if (slot.map_index < 0 || !declared.is_in_group_of(run.dag->tasks[below]))
      progress.upstreams.count(slot.state, by);
    else if (const auto i = static_cast<std::size_t>(slot.map_index); progress.mapped && i < progress.mapped->by_index.size())
      progress.mapped->by_index[i].count(slot.state, by);
  }
}

// What becomes of those below is the same for all: they are looked at when that is another thing than before.
void Engine::State::count_edges(Run& run, SlotIndex index) {
  const std::uint32_t set = *run.declared(index).edges_below;
  EdgeProgress& edges = run.edges[set];
  edges.upstreams.count(run.slots[index].state, 1);
  const TriggerRule rule = run.dag->tasks[run.dag->edge_sets[set].downstream.front()].trigger_rule;
  const Verdict verdict = judge(rule, {.total = edges.expected, .finished = edges.upstreams});
  if (verdict == std::exchange(edges.verdict, verdict) || verdict == Verdict::wait) return;
  run.judgings.push_back({set, 0, index, true});
}

void Engine::State::count_finished(Run& run, SlotIndex index, Time now) {
  TaskSlot& slot = run.slots[index];
  if (!is_finished(slot.state) || slot.counted) return;  // cleared since
  slot.counted = true;
  const Task& declared = run.declared(index);
  const std::int32_t map_index = slot.map_index;
  if (declared.edges_below) count_edges(run, index);
  for (const TaskIndex downstream : declared.edges_below ? TaskList() : declared.downstream) {
    if (downstream >= run.progress.size()) continue;  // counted when it is created
    TaskProgress& progress = run.progress[downstream];
    if (map_index >= 0 && declared.is_in_group_of(run.dag->tasks[downstream])) {
      const auto below = run.progress[downstream].is_expanded ? run.instance(downstream, map_index) : std::nullopt;
      if (!below) continue;  // counted when it is made
      progress.mapped->by_index[static_cast<std::size_t>(map_index)].count(run.slots[index].state, 1);
      judge_instance(run, *below, index, now);
    } else {
      progress.upstreams.count(run.slots[index].state, 1);
      judge_task(run, downstream, index, now);
    }
  }
  for (const TaskIndex guarded : declared.guarded) {
    if (guarded >= run.progress.size()) continue;
    const bool has_its_own =
        map_index >= 0 && run.progress[guarded].is_expanded && declared.is_in_group_of(run.dag->tasks[guarded]);
    if (!has_its_own)
      judge_task(run, guarded, index, now);
    else if (const auto below = run.instance(guarded, map_index))
      judge_instance(run, *below, index, now);
  }
  for (const TaskIndex sized : declared.sizes) {
    if (sized < run.progress.size()) judge_task(run, sized, index, now);
  }
  end_if_done(run, now);
}

}  // namespace venturi::engine
