#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "pages/simulation.h"
#include "schedule/time_zone.h"
#include "schedule/timetable.h"
#include "server/dag_source.h"
#include "server/home_store.h"
#include "server/look_back.h"
#include "server/program_questions.h"
#include "server/scheduler.h"

namespace venturi::pages {
namespace {

bool is_chosen(const SimulateOptions& options, const std::string& dag_id) {
  return options.dags.empty() || std::ranges::any_of(options.dags, [&](const std::string& pattern) {
           return ::fnmatch(pattern.c_str(), dag_id.c_str(), 0) == 0;
         });
}

std::string listed(const std::vector<std::string>& names, std::size_t most = 5) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) text += (i == 0 ? "" : ", ") + names[i];
  return names.size() > most ? text + fmt::format(" and {} more", names.size() - most) : text;
}

// Leaves out what was not asked for, and what has a schedule that cannot be followed.
Result<void> choose(engine::Snapshot& snapshot, const SimulateOptions& options, schedule::TimeZones& zones,
                    std::vector<std::string>& notes) {
  std::set<std::string> kept;
  for (const auto& dag : snapshot.dags) {
    if (!is_chosen(options, dag->dag_id)) continue;
    if (const auto fine = server::check_schedule(*dag, zones); !fine)
      notes.push_back("DAG " + dag->dag_id + " is left out: " + fine.error().what);
    else
      kept.insert(dag->dag_id);
  }
  if (kept.empty()) {
    return fail(
        ErrorKind::not_found, "there is no DAG to simulate", "venturi dags simulate",
        options.dags.empty() ? "see: venturi dags list" : "the names of --dag are compared as a shell does it: 'etl_*'");
  }
  std::erase_if(snapshot.dags, [&](const auto& dag) { return !kept.contains(dag->dag_id); });
  std::erase_if(snapshot.dag_states, [&](const DagState& state) { return !kept.contains(state.dag_id); });
  std::erase_if(snapshot.runs, [&](const DagRun& run) { return !kept.contains(run.dag_id); });
  std::set<RunNo> runs;
  for (const DagRun& run : snapshot.runs) runs.insert(run.no);
  std::erase_if(snapshot.task_instances, [&](const TaskInstance& ti) { return !runs.contains(ti.run); });
  std::erase_if(snapshot.xcom_lengths, [&](const XComLength& length) { return !runs.contains(length.run); });
  snapshot.outbox.clear();
  return {};
}

// The newest run that is due by then; nothing: there is none. A timetable of the user's need not leave out what lies behind: it
// is followed from its beginning.
Result<std::optional<schedule::RunInfo>> last_due(const Config& config, const std::shared_ptr<const Dag>& dag,
                                                  const schedule::Timetable& timetable, Time until) {
  if (!timetable.is_user_defined()) {
    const auto run = timetable.next({}, {dag->start_date, dag->end_date, false}, until);
    if (!run || run->run_after > until) return std::nullopt;
    return run;
  }
  schedule::TimetableQuestion question{
      .now = until, .restriction = {dag->start_date, dag->end_date, dag->catchup}, .most = 10'000, .until = until};
  std::optional<schedule::RunInfo> last;
  for (;;) {
    const auto told = server::ask_timetable(config, dag, question);
    if (!told) return std::unexpected(told.error());
    for (const schedule::RunInfo& run : told->runs) {
      if (run.run_after > until) return last;
      last = run;
    }
    if (told->is_all || told->runs.empty()) return last;
    question.last = last->interval;
  }
}

// Another time than the present: nothing is under way, and nothing is missing up to then.
Result<void> begin_at(engine::Snapshot& snapshot, Time from, const schedule::TimeZones& zones, const Config& config) {
  snapshot.runs.clear();
  snapshot.task_instances.clear();
  snapshot.xcom_lengths.clear();
  for (const auto& dag : snapshot.dags) {
    const auto state = std::ranges::find(snapshot.dag_states, dag->dag_id, &DagState::dag_id);
    const auto timetable = schedule::make_timetable(dag->timetable, zones);
    if (state == snapshot.dag_states.end() || !timetable || !(*timetable)->is_scheduled()) continue;
    state->last_interval_start.reset();
    state->last_interval_end.reset();
    const Time before = from - Duration(1);  // a run that is due at that very moment belongs to the simulation
    const auto last = last_due(config, dag, **timetable, before);
    if (!last) return std::unexpected(last.error());
    if (!*last) continue;
    state->last_interval_start = (*last)->interval.start;
    state->last_interval_end = (*last)->interval.end;
  }
  return {};
}

void set_pools(engine::Snapshot& snapshot, const SimulateOptions& options) {
  for (const auto& [name, slots] : options.pools) {
    const auto found = std::ranges::find(snapshot.pools, name, &PoolRecord::pool);
    if (found == snapshot.pools.end())
      snapshot.pools.push_back({name, slots, "", false});
    else
      found->slots = slots;
  }
}

void see_to_paused(engine::Snapshot& snapshot, bool unpause, std::vector<std::string>& notes) {
  std::vector<std::string> paused;
  for (DagState& state : snapshot.dag_states) {
    if (state.is_paused) paused.push_back(state.dag_id);
    if (unpause) state.is_paused = false;
  }
  if (paused.empty()) return;
  notes.push_back(unpause ? fmt::format("paused DAGs run too: {}", listed(paused))
                          : fmt::format("paused, and therefore without runs: {} (--unpause-all)", listed(paused)));
}

void note_assumptions(const sim::Assumptions& assumptions, std::vector<std::string>& notes) {
  std::vector<std::string> unknown, branches, lists;
  for (const auto& [dag_id, task_id] : assumptions.without_history()) unknown.push_back(dag_id + "." + task_id);
  for (const auto& [key, of] : assumptions.tasks) {
    const std::string name = key.first + "." + key.second;
    if (!of.skips.empty()) branches.push_back(name + " leaves out " + listed(of.skips));
    if (of.length) lists.push_back(fmt::format("{} ({})", name, *of.length));
  }
  notes.emplace_back("durations are medians of the newest 20 runs of each DAG, sensors included, or what --assume says");
  if (!unknown.empty())
    notes.push_back(fmt::format("{} no history, and {} {} for a try: {}",
                                unknown.size() == 1 ? "1 task has" : fmt::format("{} tasks have", unknown.size()),
                                unknown.size() == 1 ? "takes" : "take", span_text(assumptions.default_duration),
                                listed(unknown)));
  if (!branches.empty()) notes.push_back("branches go as in the last run: " + listed(branches));
  notes.push_back("lists that tasks are mapped over are as long as they were last, or as --assume-length says" +
                  (lists.empty() ? std::string("; without either, 1") : ": " + listed(lists)));
}

}  // namespace

Result<Simulation> simulate(const SimulationOrder& order, const Config& settings, store::Store& store, store::Reader& reader) {
  auto zones = schedule::TimeZones::load();
  if (!zones) return std::unexpected(std::move(zones.error()));
  auto active = store.load_active();
  if (!active) return std::unexpected(std::move(active.error()));

  Simulation simulation;
  simulation.seed = order.seed;
  engine::Config config = server::engine_config(settings, active->epoch, *zones);
  config.uuid_salt = simulation.seed;
  if (order.parallelism) config.parallelism = *order.parallelism;
  engine::Snapshot snapshot = server::to_snapshot(*std::move(active));
  if (auto chosen = choose(snapshot, order.options, *zones, simulation.notes); !chosen) return std::unexpected(chosen.error());
  if (!order.span.is_now) {
    if (auto begun = begin_at(snapshot, order.span.from, *zones, settings); !begun) return std::unexpected(begun.error());
  }
  set_pools(snapshot, order.options);
  see_to_paused(snapshot, order.unpause_all, simulation.notes);

  sim::Assumptions assumptions;
  assumptions.seed = simulation.seed;
  assumptions.default_duration = order.options.default_duration;
  for (const auto& dag : snapshot.dags) {
    if (auto learned = learn(assumptions, reader, *dag); !learned) return std::unexpected(learned.error());
  }
  if (auto assumed = assume(assumptions, order.options, snapshot.dags); !assumed) return std::unexpected(assumed.error());

  std::optional<Error> trouble;
  sim::Before before;
  before.timetable = [&](const engine::AskTimetable& question) {
    auto told = server::ask_timetable(settings, question.dag, question.about);
    if (!told) trouble = told.error();
    return told;
  };
  if (order.span.is_now) {
    before.runtimes = [&](const engine::FindRuntimes& question) {
      auto found = server::find_runtimes(reader, question);
      if (found) return std::move(found->runtimes);
      trouble = found.error();
      return std::vector<Duration>{};
    };
    before.outcomes = [&](const engine::FindOutcomes& question) {
      auto found = server::find_outcomes(reader, question);
      if (found) return std::move(found->runs);
      trouble = found.error();
      return std::vector<RunOutcome>{};
    };
    before.look_back = [&](const engine::LookBack& question) {
      auto found = server::look_back(reader, question);
      if (found) return *std::move(found);
      trouble = found.error();
      return engine::PastFound{
          .run = question.run, .question = question.question, .previous = {}, .task_instances = {}, .seen_before = {}};
    };
  }
  before.weights = [&](const engine::AskWeights& question) {
    auto told = server::ask_weights(settings, question);
    if (!told) trouble = told.error();
    return told;
  };
  before.mapper = [&](const engine::AskMapper& question) {
    auto told = server::ask_mapper(settings, question);
    if (!told) trouble = told.error();
    return told;
  };
  sim::Recorder recorder(snapshot, config.epoch);
  sim::World world(config, std::move(snapshot), order.span.from, assumptions, recorder, std::move(before));
  if (const auto endless = world.run_until(order.span.to)) {
    return fail(ErrorKind::invalid, "the runs of DAG " + *endless + " take no time and follow each other without end",
                "venturi dags simulate", "give its tasks a duration (--assume), or leave it out (--dag)");
  }
  if (trouble) return std::unexpected(*trouble);
  simulation.report = recorder.finish(world, order.span.from);
  note_assumptions(assumptions, simulation.notes);
  return simulation;
}

}  // namespace venturi::pages
