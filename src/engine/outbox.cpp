// Callbacks and notifiers that are owed: each stays until somebody reports that it was done, and is given out again after a
// start. As in Airflow 3, a task that told its outcome itself runs its own functions in its process; what is owed here are the
// notifiers (which are data), the functions of tries that ended without a word, and everything of DAG runs.
#include <chrono>
#include <string>
#include <utility>

#include "engine/engine_state.h"

namespace venturi::engine {
namespace {

using namespace std::chrono_literals;

// Deliveries are tried so often, with 10 s, 30 s, 90 s and 270 s between them.
constexpr int max_attempts = 5;
constexpr Duration first_delay = 10s;

bool has_function(const Callbacks& callbacks, std::string_view event) {
  if (event == "success") return callbacks.on_success;
  if (event == "failure") return callbacks.on_failure;
  if (event == "retry") return callbacks.on_retry;
  return event == "skipped" && callbacks.on_skipped;
}

}  // namespace

void Engine::State::owe(Run& run, std::optional<SlotIndex> slot, std::string_view event, bool function_is_owed,
                        std::string_view reason) {
  const Callbacks& callbacks = slot ? run.declared(*slot).callbacks : run.dag->callbacks;
  if (!callbacks.wants(event)) return;
  const bool function = function_is_owed && has_function(callbacks, event);
  const Value* notifiers = callbacks.notifiers.find("on_" + std::string(event) + "_callback");
  if (!function && (notifiers == nullptr || notifiers->is_null())) return;

  OutboxEntry entry;
  entry.no = next_outbox++;
  entry.run = run.row.no;
  entry.dag_id = run.row.dag_id;
  entry.run_id = run.row.run_id;
  entry.event = event;
  entry.key = entry.dag_id + "/" + entry.run_id;
  Object context{{"function", function}, {"notifiers", notifiers == nullptr ? Value(Array{}) : *notifiers}};
  if (slot) {
    const TaskInstance ti = run.task_instance(*slot);
    entry.task_id = ti.task_id;
    entry.map_index = ti.map_index;
    entry.try_number = ti.try_number;
    entry.key += "/" + ti.task_id + "/" + std::to_string(ti.map_index) + "/" + std::to_string(ti.try_number);
    context.add("task_instance", ti.no);
    context.add("ti_id", ti.id.text());
    context.add("state", event == "retry" ? "up_for_retry" : to_string(ti.state));
    context.add("max_tries", ti.max_tries);
    context.add("error", ti.error);
    context.add("end_reason", to_string(ti.end_reason));
    context.add("start_date", ti.start_date ? Value(format_time(*ti.start_date)) : Value());
    context.add("end_date", ti.end_date ? Value(format_time(*ti.end_date)) : Value());
  } else {
    entry.key += "/" + std::to_string(run.row.queued_at.time_since_epoch().count());  // a run that was cleared ends again
    context.add("state", to_string(run.row.state));
    context.add("error", reason);
    context.add("start_date", run.row.start_date ? Value(format_time(*run.row.start_date)) : Value());
    context.add("end_date", run.row.end_date ? Value(format_time(*run.row.end_date)) : Value());
  }
  context.add("run_type", to_string(run.row.run_type));
  context.add("logical_date", run.row.logical_date ? Value(format_time(*run.row.logical_date)) : Value());
  entry.key += "/" + std::string(event);
  entry.context = std::move(context);

  changes.outbox.push_back(entry);
  const auto no = entry.no;
  Owed& owed = outbox.emplace(no, Owed{std::move(entry), run.dag}).first->second;
  deliver(owed);
}

void Engine::State::deliver(Owed& owed) {
  owed.under_way = true;
  std::shared_ptr<const Dag> dag = owed.dag;
  if (!dag) {
    if (const DagMachine* m = find_machine(owed.entry.dag_id)) dag = m->dag;
  }
  effects.emplace_back(Deliver{owed.entry, std::move(dag)});
}

void Engine::State::delivered(const OutboxDone& e) {
  if (outbox.erase(e.no) > 0) changes.outbox_done.push_back(e.no);
}

void Engine::State::delivery_failed(const OutboxFailed& e, Time now) {
  const auto found = outbox.find(e.no);
  if (found == outbox.end()) return;
  OutboxEntry& entry = found->second.entry;
  found->second.under_way = false;
  if (++entry.attempts >= max_attempts) {
    // Nobody takes it: what it was and why stays in the run's history.
    Transition transition;
    transition.task_instance = entry.context.get_int("task_instance");
    transition.from = transition.to = parse_task_state(entry.context.get_string("state")).value_or(TaskState::none);
    transition.run_to = parse_run_state(entry.context.get_string("state")).value_or(RunState::running);
    transition.try_number = entry.try_number;
    transition.cause =
        "the " + entry.event + " callback was given up after " + std::to_string(entry.attempts) + " attempts: " + e.error;
    changes.transitions.push_back(std::move(transition));
    changes.transition_runs.push_back(entry.run);
    changes.outbox_done.push_back(entry.no);
    outbox.erase(found);
    return;
  }
  Duration delay = first_delay;
  for (int i = 1; i < entry.attempts; ++i) delay *= 3;
  entry.next_attempt_at = now + delay;
  entry.context.as_object().set("last_delivery_error", e.error);
  timers.add({*entry.next_attempt_at, Timer::Kind::delivery_due, entry.no, 0});
  changes.outbox.push_back(entry);
}

}  // namespace venturi::engine
