// `dags simulate`: the same engine on a virtual clock, over what the home holds. It reads the home, and writes nothing.
#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "base/json.h"
#include "cli/handlers.h"
#include "cli/simulate_parts.h"
#include "schedule/time_zone.h"
#include "schedule/timetable.h"
#include "server/dag_source.h"
#include "server/home_store.h"
#include "server/look_back.h"
#include "server/program_questions.h"
#include "server/scheduler.h"

namespace venturi::cli {
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

struct Span {
  Time from, to;
  bool is_now;
};

Result<Span> read_span(const Arguments& arguments, const Config& config) {
  Span span{SystemClock().now(), {}, !arguments.has("from")};
  if (!span.is_now) {
    const auto from = read_date(arguments.text("from"), config);
    if (!from) return std::unexpected(from.error());
    span.from = *from;
  }
  span.to = span.from + std::chrono::hours(24);
  if (arguments.has("to")) {
    const auto to = read_date(arguments.text("to"), config);
    if (!to) return std::unexpected(to.error());
    span.to = *to;
  }
  if (span.to <= span.from) {
    return fail(ErrorKind::invalid,
                "the time ends before it begins: from " + format_time(span.from) + " to " + format_time(span.to),
                "venturi dags simulate", "give --to a later date");
  }
  return span;
}

}  // namespace

Result<void> check_dags_simulate(const Arguments& arguments) {
  auto options = read_simulate_options(arguments);
  if (!options) return std::unexpected(std::move(options.error()));
  return {};
}

Result<int> dags_simulate(const Arguments& arguments) {
  const auto options = read_simulate_options(arguments);
  if (!options) return std::unexpected(options.error());
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  const auto span = read_span(arguments, metadata->config);
  if (!span) return std::unexpected(span.error());
  auto zones = schedule::TimeZones::load();
  if (!zones) return std::unexpected(std::move(zones.error()));
  auto active = metadata->opened.store->load_active();
  if (!active) return std::unexpected(std::move(active.error()));

  Simulation simulation;
  simulation.seed = static_cast<std::uint64_t>(arguments.integer("seed"));
  engine::Config config = server::engine_config(metadata->config, active->epoch, *zones);
  config.uuid_salt = simulation.seed;
  if (arguments.has("parallelism")) config.parallelism = static_cast<int>(arguments.integer("parallelism"));
  engine::Snapshot snapshot = server::to_snapshot(*std::move(active));
  if (auto chosen = choose(snapshot, *options, *zones, simulation.notes); !chosen) return std::unexpected(chosen.error());
  if (!span->is_now) {
    if (auto begun = begin_at(snapshot, span->from, *zones, metadata->config); !begun) return std::unexpected(begun.error());
  }
  set_pools(snapshot, *options);
  see_to_paused(snapshot, arguments.has("unpause-all"), simulation.notes);

  sim::Assumptions assumptions;
  assumptions.seed = simulation.seed;
  assumptions.default_duration = options->default_duration;
  for (const auto& dag : snapshot.dags) {
    if (auto learned = learn(assumptions, metadata->reader(), *dag); !learned) return std::unexpected(learned.error());
  }
  if (auto assumed = assume(assumptions, *options, snapshot.dags); !assumed) return std::unexpected(assumed.error());

  std::optional<Error> trouble;
  sim::Before before;
  before.timetable = [&](const engine::AskTimetable& question) {
    auto told = server::ask_timetable(metadata->config, question.dag, question.about);
    if (!told) trouble = told.error();
    return told;
  };
  if (span->is_now) {
    before.runtimes = [&](const engine::FindRuntimes& question) {
      auto found = server::find_runtimes(metadata->reader(), question);
      if (found) return std::move(found->runtimes);
      trouble = found.error();
      return std::vector<Duration>{};
    };
    before.look_back = [&](const engine::LookBack& question) {
      auto found = server::look_back(metadata->reader(), question);
      if (found) return *std::move(found);
      trouble = found.error();
      return engine::PastFound{
          .run = question.run, .question = question.question, .previous = {}, .task_instances = {}, .seen_before = {}};
    };
  }
  before.weights = [&](const engine::AskWeights& question) {
    auto told = server::ask_weights(metadata->config, question);
    if (!told) trouble = told.error();
    return told;
  };
  before.mapper = [&](const engine::AskMapper& question) {
    auto told = server::ask_mapper(metadata->config, question);
    if (!told) trouble = told.error();
    return told;
  };
  sim::Recorder recorder(snapshot, config.epoch);
  sim::World world(config, std::move(snapshot), span->from, assumptions, recorder, std::move(before));
  if (const auto endless = world.run_until(span->to)) {
    return fail(ErrorKind::invalid, "the runs of DAG " + *endless + " take no time and follow each other without end",
                "venturi dags simulate", "give its tasks a duration (--assume), or leave it out (--dag)");
  }
  if (trouble) return std::unexpected(*trouble);
  simulation.report = recorder.finish(world, span->from);
  note_assumptions(assumptions, simulation.notes);

  const std::string form = arguments.text("output");
  if (form == "json")
    print(to_json(simulation_json(simulation)) + "\n");
  else
    print(form == "html" ? simulation_page(simulation) : simulation_table(simulation));
  return exit_done;
}

}  // namespace venturi::cli
