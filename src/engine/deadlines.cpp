// Deadline alerts (Airflow's DeadlineAlert and Deadline). A run's deadlines are entries of the outbox from its creation on,
// which wait for their time: so they are told of once, whatever ends in between. As in Airflow a run that succeeds in time
// takes its deadlines with it, and one that has failed does not: what it was to do is not done. Runs that are cleared have more
// time where it counts from when they are queued.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "engine/engine_state.h"

namespace venturi::engine {

using Reference = DeadlineAlert::Reference;

void Engine::State::plan_deadlines(Run& run) {
  const auto& alerts = run.dag->deadlines;
  for (std::size_t i = 0; i < alerts.size(); ++i) {
    std::optional<Time> from;
    switch (alerts[i].reference) {
      case Reference::dagrun_queued_at:
        from = run.row.queued_at;
        break;
      case Reference::dagrun_logical_date:
        from = run.row.logical_date;
        break;
      case Reference::fixed_datetime:
        from = alerts[i].datetime;
        break;
      case Reference::average_runtime:
        run.row.awaits_runtimes = true;
        break;
    }
    if (from) owe_deadline(run, i, *from + alerts[i].interval);
  }
  if (run.row.awaits_runtimes) ask_for_runtimes(run);
}

void Engine::State::owe_deadline(const Run& run, std::size_t index, Time at) {
  const DeadlineAlert& alert = run.dag->deadlines[index];
  OutboxEntry entry;
  entry.no = next_outbox++;
  entry.run = run.row.no;
  entry.dag_id = run.row.dag_id;
  entry.run_id = run.row.run_id;
  entry.event = "deadline";
  entry.key = fmt::format("{}/{}/deadline/{}", entry.dag_id, entry.run_id, index);
  entry.next_attempt_at = at;
  entry.context = Object{{"function", alert.has_function},
                         {"notifiers", alert.notifiers},
                         {"deadline_alert", index},
                         {"deadline_name", alert.name},
                         {"deadline_time", format_time(at)},
                         {"run_type", to_string(run.row.run_type)},
                         {"logical_date", run.row.logical_date ? Value(format_time(*run.row.logical_date)) : Value()}};
  changes.outbox.push_back(entry);
  timers.add({at, Timer::Kind::delivery_due, entry.no, 0});
  deadlines.emplace(entry.run, entry.no);
  const std::int64_t no = entry.no;
  outbox.emplace(no, Owed{std::move(entry), run.dag});
}

// From here on it is owed like any other callback.
void Engine::State::miss_deadline(Owed& owed) {
  OutboxEntry& entry = owed.entry;
  const auto [first, last] = deadlines.equal_range(entry.run);
  deadlines.erase(std::find_if(first, last, [&](const auto& of) { return of.second == entry.no; }));
  const auto active = runs.find(entry.run);
  // A run that succeeded took its deadlines with it.
  const RunState state = active == runs.end() ? RunState::failed : active->second->row.state;
  Object& context = entry.context.as_object();
  const std::string name = context.find("deadline_name")->as_string();
  const std::string missed = fmt::format("the deadline{}{} of {} was missed", name.empty() ? "" : " ", name,
                                         context.find("deadline_time")->as_string());
  context.set("state", to_string(state));
  context.set("error", missed);
  entry.next_attempt_at.reset();
  changes.outbox.push_back(entry);
  changes.transitions.push_back({0, TaskState::none, TaskState::none, state, 0, missed});
  changes.transition_runs.push_back(entry.run);
}

// Those from `from` on: before it only the alarm has not come yet.
void Engine::State::drop_deadlines(RunNo run, Time from) {
  const auto [first, last] = deadlines.equal_range(run);
  for (auto deadline = first; deadline != last;) {
    const auto owed = outbox.find(deadline->second);
    if (*owed->second.entry.next_attempt_at < from) {
      ++deadline;
      continue;
    }
    outbox.erase(owed);
    changes.outbox_done.push_back(deadline->second);
    deadline = deadlines.erase(deadline);
  }
}

// The run has succeeded.
void Engine::State::meet_deadlines(Run& run, Time now) {
  run.row.awaits_runtimes = false;
  drop_deadlines(run.row.no, now);
}

// The run is queued again.
void Engine::State::move_deadlines(const Run& run) {
  const auto [first, last] = deadlines.equal_range(run.row.no);
  for (auto deadline = first; deadline != last; ++deadline) {
    OutboxEntry& entry = outbox.at(deadline->second).entry;
    const auto index = static_cast<std::size_t>(entry.context.get_int("deadline_alert"));
    if (index >= run.dag->deadlines.size()) continue;
    const DeadlineAlert& alert = run.dag->deadlines[index];
    if (alert.reference != Reference::dagrun_queued_at) continue;
    entry.next_attempt_at = run.row.queued_at + alert.interval;
    entry.context.as_object().set("deadline_time", format_time(*entry.next_attempt_at));
    changes.outbox.push_back(entry);
    timers.add({*entry.next_attempt_at, Timer::Kind::delivery_due, entry.no, 0});
  }
}

void Engine::State::ask_for_runtimes(const Run& run) {
  std::int32_t most = 0;
  for (const DeadlineAlert& alert : run.dag->deadlines) {
    if (alert.reference == Reference::average_runtime) most = std::max(most, alert.max_runs);
  }
  effects.emplace_back(FindRuntimes{run.row.no, run.row.dag_id, most});
}

void Engine::State::runtimes_found(const RuntimesFound& e) {
  const auto found = runs.find(e.run);
  if (found == runs.end() || !found->second->row.awaits_runtimes) return;
  Run& run = *found->second;
  run.row.awaits_runtimes = false;
  mark(run);
  for (std::size_t i = 0; i < run.dag->deadlines.size(); ++i) {
    const DeadlineAlert& alert = run.dag->deadlines[i];
    const auto count = std::min(e.runtimes.size(), static_cast<std::size_t>(alert.max_runs));
    if (alert.reference != Reference::average_runtime || count < static_cast<std::size_t>(alert.min_runs)) continue;
    const Duration sum =
        std::accumulate(e.runtimes.begin(), e.runtimes.begin() + static_cast<std::ptrdiff_t>(count), Duration{});
    owe_deadline(run, i, run.row.queued_at + sum / static_cast<std::int64_t>(count) + alert.interval);
  }
}

}  // namespace venturi::engine
