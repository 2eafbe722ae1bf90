// Weight rules that are classes of the user's (Airflow's PriorityWeightStrategy). The DAG's program is asked for the weight of
// a task instance when a try of it is ready, for all of a run's together; until then this instance waits, and no other:
//
//   scheduled ─▶ to_weigh ─AskWeights─▶ weighing ─WeightsTold─▶ its row has the weight, and it goes its way (Run::ready)
//                   ▲                      └─an error──▶ failed ──a delay──┐
//                   └──────────────────────────────────────────────────────┘
//
// A try that goes on keeps its weight; another one is weighed anew, as try_number may count. After a start what has no weight
// in its row is asked about again.
#include <algorithm>
#include <utility>

#include "engine/engine_state.h"

namespace venturi::engine {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t instances_in_question = 1000;
constexpr Duration first_wait = 1min, longest_wait = 1h;

}  // namespace

std::int32_t Run::priority(SlotIndex slot) const {
  const auto own = weights.find(slot);
  return own == weights.end() ? declared(slot).priority_weight : own->second;
}

bool Run::may_start(SlotIndex slot) const {
  return slots[slot].state == TaskState::scheduled && (weighing.empty() || !weighing.contains(slot));
}

// It is ready; whether its weight is known. Else it is asked for, and the answer makes it go on.
bool Engine::State::is_weighed(Run& run, SlotIndex slot) {
  if (run.declared(slot).weight_class.empty() || run.weights.contains(slot)) return true;
  run.weighing.insert_or_assign(slot, 0);
  to_weigh.insert(run.row.no);
  return false;
}

void Engine::State::ask_for_weights(Time now) {
  for (auto no = to_weigh.begin(); no != to_weigh.end();) {
    const auto found = runs.find(*no);
    if (found == runs.end() || (found->second->weigh_again_at && *found->second->weigh_again_at > now)) {
      no = to_weigh.erase(no);
      continue;
    }
    Run& run = *found->second;
    run.weigh_again_at.reset();
    AskWeights question{.question = next_question, .dag = run.dag, .run = run.row, .task_instances = {}};
    OfWeights asker{run.row.no, {}};
    for (auto& [slot, asked] : run.weighing) {
      if (asked != 0 || run.slots[slot].state != TaskState::scheduled) continue;
      if (asker.slots.size() == instances_in_question) break;
      asked = question.question;
      asker.slots.push_back(slot);
      question.task_instances.push_back(run.task_instance(slot));
    }
    if (asker.slots.empty()) {
      no = to_weigh.erase(no);
      continue;
    }
    questions.emplace(next_question++, std::move(asker));
    effects.emplace_back(std::move(question));
  }
}

void Engine::State::weights_told(const WeightsTold& e, Time now) {
  const auto open = questions.extract(e.question);
  const auto* of = open.empty() ? nullptr : std::get_if<OfWeights>(&open.mapped());
  const auto found = of == nullptr ? runs.end() : runs.find(of->run);
  if (found == runs.end()) return;
  Run& run = *found->second;
  const bool fits = e.weights && e.weights->size() == of->slots.size();
  for (std::size_t i = 0; i < of->slots.size(); ++i) {
    const SlotIndex slot = of->slots[i];
    const auto weighing = run.weighing.find(slot);
    if (weighing == run.weighing.end() || weighing->second != e.question) continue;  // it was cleared, and asked about again
    if (!fits && run.slots[slot].state == TaskState::scheduled) {
      weighing->second = 0;
      continue;
    }
    run.weighing.erase(weighing);
    if (run.slots[slot].state != TaskState::scheduled) continue;  // skipped meanwhile
    run.weights.insert_or_assign(slot, (*e.weights)[i]);
    run.slots[slot].ready_at = now;
    run.ready.push({(*e.weights)[i], slot});
    mark(run, slot);
  }
  if (fits) {
    run.weigh_failures = 0;
    run.weight_trouble.clear();
    return find_place(run);
  }
  run.weight_trouble = e.weights ? "its answer does not fit the question" : e.weights.error().text();
  run.weigh_again_at = now + std::min(longest_wait, first_wait * (1 << std::min(run.weigh_failures++, 6)));
  timers.add({*run.weigh_again_at, Timer::Kind::weigh_again, run.row.no, 0});
}

// It follows another version of its DAG: what is ready is weighed by that.
void Engine::State::forget_weights(Run& run) {
  run.weighing.clear();
  run.weigh_again_at.reset();
  run.weigh_failures = 0;
  run.weight_trouble.clear();
  std::erase_if(run.weights, [&](const auto& weight) {
    const TaskSlot& slot = run.slots[weight.first];
    if (slot.state != TaskState::scheduled || slot.same_try) return false;
    mark(run, weight.first);
    return true;
  });
}

void Engine::State::weigh_again(RunNo no) {
  if (runs.contains(no)) to_weigh.insert(no);
}

// Why a task instance waits for its weight; empty where it does not.
std::string Engine::State::weight_text(const Run& run, SlotIndex slot) {
  if (run.slots[slot].state != TaskState::scheduled || !run.weighing.contains(slot)) return {};
  const std::string& name = run.declared(slot).weight_class;
  if (run.weight_trouble.empty()) return "its weight rule " + name + " has not answered yet";
  const std::string when = run.weigh_again_at ? " at " + format_time(*run.weigh_again_at) : " now";
  return "its weight rule " + name + " failed, and is asked again" + when + ": " + run.weight_trouble;
}

}  // namespace venturi::engine
