// DAGs, their schedules, and the creation of runs.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/engine_state.h"
#include "model/partition_key.h"
#include "schedule/asset_condition.h"
#include "schedule/time_zone.h"

namespace venturi::engine {

DagMachine& Engine::State::machine_of(const std::string& dag_id) {
  auto& slot = machines[dag_id];
  if (!slot) {
    slot = std::make_unique<DagMachine>();
    slot->number = next_machine++;
    slot->row.dag_id = dag_id;
    slot->is_gone = true;
    machines_by_number.emplace(slot->number, slot.get());
  }
  return *slot;
}

DagMachine* Engine::State::find_machine(std::string_view dag_id) {
  const auto found = machines.find(dag_id);
  return found == machines.end() ? nullptr : found->second.get();
}

DagMachine* Engine::State::find_machine(std::int64_t number) {
  const auto found = machines_by_number.find(number);
  return found == machines_by_number.end() ? nullptr : found->second;
}

Run* Engine::State::find_active(std::string_view dag_id, std::string_view run_id) {
  const DagMachine* m = find_machine(dag_id);
  if (m == nullptr) return nullptr;
  for (const RunNo no : m->active) {
    Run& run = *runs.at(no);
    if (run.row.run_id == run_id) return &run;
  }
  return nullptr;
}

namespace {

bool names_assets(const schedule::AssetCondition* condition) {
  bool found = false;
  if (condition != nullptr) {
    condition->each_leaf(
        [&](const schedule::AssetCondition& leaf) { found = found || leaf.kind() != schedule::AssetCondition::Kind::alias; });
  }
  return found;
}

}  // namespace

void Engine::State::dag_seen(const DagSeen& e, Time now) {
  const bool is_known = machines.contains(e.dag->dag_id);
  DagMachine& m = machine_of(e.dag->dag_id);
  if (!is_known) {
    m.row.is_paused = e.dag->is_paused_upon_creation.value_or(config.dags_are_paused_at_creation);
    mark(m);
  }
  if (!m.dag || m.is_gone || m.dag->version_id != e.dag->version_id) {
    changes.dags.push_back(e.dag);
    std::erase(changes.gone_dags, e.dag->dag_id);  // a batch writes first and takes away then
  }
  if (!m.dag || m.dag->version_id != e.dag->version_id) forget_forecasts(m);
  m.dag = e.dag;
  m.is_gone = false;
  const bool had_assets = m.timetable && names_assets(m.timetable->asset_condition());
  // Whoever read the DAG has checked its timetable: one that cannot be read never gets here from a lane.
  auto timetable = schedule::make_timetable(m.dag->timetable, *config.zones);
  m.timetable = timetable ? std::move(*timetable) : nullptr;
  connect_assets(m, now);
  check_partitions(m);
  if (m.timetable && m.timetable->asset_condition() != nullptr) {
    // As in Airflow: without catchup its first run takes no event from before it was scheduled on assets; one that is scheduled
    // on aliases alone takes them all. What is queued came when it was so already, though its file was gone since and the
    // server began anew.
    if (!had_assets && names_assets(m.timetable->asset_condition()) && !m.dag->catchup && m.row.last_asset_event == 0 &&
        m.queued_assets.empty()) {
      m.row.last_asset_event = next_asset_event - 1;
      mark(m);
    }
    assets_due.insert(m.number);  // the condition may have become one that holds
  }
  start_runs(m, now);  // max_active_runs may have grown
  resume_backfills(m);
  schedule(m, now);
}

void Engine::State::dag_gone(const DagGone& e) {
  DagMachine* m = find_machine(e.dag_id);
  if (m == nullptr || m->is_gone) return;
  m->is_gone = true;
  m->timer.reset();
  forget_forecasts(*m);
  disconnect_assets(*m);
  changes.gone_dags.push_back(e.dag_id);
}

void Engine::State::set_paused(const SetPaused& e, Time now) {
  DagMachine* m = find_machine(e.dag_id);
  if (m == nullptr || m->is_gone) {
    return answer(e.command, Error{ErrorKind::not_found, "there is no DAG " + e.dag_id, "", "see: venturi dags list"}, {});
  }
  if (m->row.is_paused != e.is_paused) {
    m->row.is_paused = e.is_paused;
    mark(*m);
    start_runs(*m, now);
    for (const RunNo no : m->active) {
      find_place(*runs.at(no));
      add_work(*runs.at(no));
    }
    schedule(*m, now);
    if (!e.is_paused) assets_due.insert(m->number);
  }
  answer(e.command, {}, {});
}

// ---- runs that are asked for ---------------------------------------------------------------------------------------------

bool is_valid_run_id(std::string_view run_id) {
  if (run_id.empty() || run_id.size() > 250 || run_id == "." || run_id == ".." || run_id.find("..") != run_id.npos)
    return false;
  return std::ranges::all_of(run_id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_.~:+-").find(c) != std::string_view::npos;
  });
}

namespace {

// Airflow's DagRunType.from_run_id: an id that begins like those of another type. Empty for the ids of manual runs.
std::string reserved_for(std::string_view run_id) {
  for (const RunType type : {RunType::scheduled, RunType::backfill, RunType::asset_triggered, RunType::asset_materialization,
                             RunType::operator_triggered}) {
    if (run_id.starts_with(std::string(to_string(type)) + "__")) return std::string(to_string(type));
  }
  return {};
}

// As Airflow's validate_partition_key (partition_key_trouble()); what the key says of time.
Result<std::optional<Time>> check_partition_key(const DagMachine& m, const std::string& key) {
  if (!m.timetable || !m.timetable->takes_partition_keys())
    return fail(ErrorKind::invalid, "Dag '" + m.row.dag_id + "' is not a partitioned Dag and does not accept a partition_key",
                {}, "trigger it without one, or give it a schedule with partitions (docs/assets.md)");
  if (auto trouble = partition_key_trouble(key)) return std::unexpected(std::move(*trouble));
  auto date = m.timetable->partition_date(key);
  if (!date) date.error().hint = "write it as the DAG's schedule does";
  return date;
}

}  // namespace

void Engine::State::trigger(const TriggerRun& e, Time now, const InferredInterval* inferred) {
  const auto refuse = [&](ErrorKind kind, std::string what, std::string hint) {
    answer(e.command, Error{kind, std::move(what), "dag " + e.dag_id, std::move(hint)}, {});
  };
  // A task's run waits in the queue: its operator has nobody who could repeat it.
  if (!hold.empty() && e.run_type != RunType::operator_triggered)
    return refuse(ErrorKind::unavailable, "no run is begun now: " + hold, "see: venturi doctor");
  DagMachine* m = find_machine(e.dag_id);
  if (m == nullptr || m->is_gone || !m->dag) {
    return answer(e.command, Error{ErrorKind::not_found, "there is no DAG " + e.dag_id, "", "see: venturi dags list"}, {});
  }
  if (!e.conf.is_null() && !e.conf.is_object()) {
    return refuse(ErrorKind::invalid, std::string("conf must be a JSON object, not ") + e.conf.type_name(),
                  R"(like {"limit": 10})");
  }
  if (e.run_id && !is_valid_run_id(*e.run_id)) {
    return refuse(ErrorKind::invalid, "the run id '" + *e.run_id + "' is not allowed",
                  "use at most 250 letters, digits and _ . ~ : + -, without two dots in a row");
  }
  if (const auto reserved = reserved_for(e.run_id.value_or("")); !reserved.empty()) {
    return refuse(ErrorKind::invalid,
                  "a manual run cannot have the id '" + *e.run_id + "': it is reserved for " + reserved + " runs",
                  "give another run id");
  }
  if (e.data_interval_start.has_value() != e.data_interval_end.has_value()) {
    return refuse(ErrorKind::invalid, "a data interval needs a start and an end", "give both or none");
  }
  if (e.data_interval_start && *e.data_interval_start > *e.data_interval_end) {
    return refuse(ErrorKind::invalid, "the data interval ends before it starts", "exchange the two dates");
  }

  if (inferred == nullptr && is_asked_for(e)) {
    return refuse(ErrorKind::conflict,
                  "a run with this id or logical date is being made: its timetable is asked for its data interval",
                  "wait for the answer to that command, or give another run id and date");
  }

  std::optional<Time> partition_date;
  if (e.partition_key) {
    auto date = check_partition_key(*m, *e.partition_key);
    if (!date) return refuse(date.error().kind, date.error().what, date.error().hint);
    partition_date = *date;
  }

  DagRun row;
  row.run_type = e.run_type;
  row.partition_key = e.partition_key;
  row.partition_date = partition_date;
  // Two triggers in one microsecond have two run ids and dates; neither waits for the next one.
  const Time asked_at = inferred != nullptr ? inferred->asked_at : std::max(now, m->last_manual + Duration(1));
  row.run_after = e.run_after.value_or(std::min(asked_at, now));
  if (!e.logical_date_is_null) row.logical_date = e.logical_date.value_or(asked_at);
  if (e.data_interval_start) {
    row.data_interval_start = e.data_interval_start;
    row.data_interval_end = e.data_interval_end;
  } else if (inferred != nullptr) {
    row.data_interval_start = inferred->interval.start;
    row.data_interval_end = inferred->interval.end;
  } else if (row.logical_date && m->timetable && m->timetable->is_user_defined()) {
    return ask_for_interval(*m, e, asked_at, now);  // it comes back here with the answer
  } else if (row.logical_date) {
    const schedule::DataInterval interval = m->timetable ? m->timetable->manual_interval(*row.logical_date)
                                                         : schedule::DataInterval{*row.logical_date, *row.logical_date};
    row.data_interval_start = interval.start;
    row.data_interval_end = interval.end;
  }
  // As in Airflow operators' runs are called manual.
  const RunType called = e.run_type == RunType::asset_materialization ? e.run_type : RunType::manual;
  row.run_id = e.run_id ? *e.run_id : schedule::make_run_id(called, e.run_after.value_or(asked_at));
  row.conf = e.conf;
  row.triggered_by = e.user;
  for (const RunNo no : m->active) {
    const DagRun& other = runs.at(no)->row;
    if (other.run_id == row.run_id)
      return refuse(ErrorKind::conflict, "there is a run " + row.run_id + " already", "give another run id");
    if (e.logical_date && other.logical_date == row.logical_date) {
      return refuse(ErrorKind::conflict, "run " + other.run_id + " has this logical date already", "give another logical date");
    }
  }
  // Runs that ended since the last batch are not in the store yet, where its reader would find them.
  for (const auto& ended : ended_runs) {
    if (ended->row.dag_id == e.dag_id && ended->row.run_id == row.run_id) {
      return refuse(ErrorKind::conflict, "there is a run " + row.run_id + " already", "give another run id");
    }
  }
  m->last_manual = std::max(m->last_manual, asked_at);
  const Run& run = create_run(*m, std::move(row), now);
  start_runs(*m, now);
  // Its first turn is the next one, however many runs are being made or caught up with.
  if (!busy.empty() && busy.back() == run.row.no) {
    busy.pop_back();
    busy.push_front(run.row.no);
  }
  schedule(*m, now);
  answer(e.command, {}, run.row);  // also where it has ended already: rows are kept until the batch is taken
}

Run& Engine::State::create_run(DagMachine& m, DagRun row, Time now) {
  row.no = next_run++;
  row.dag_id = m.row.dag_id;
  row.state = RunState::queued;
  row.queued_at = now;
  row.dag_version_id = m.dag->version_id;
  row.first_task_instance = next_task_instance;
  row.task_instance_numbers = task_instance_numbers;
  next_task_instance += task_instance_numbers;
  auto run = std::make_unique<Run>();
  run->row = std::move(row);
  run->dag = m.dag;
  run->machine = &m;
  run->unfinished = static_cast<std::uint32_t>(m.dag->tasks.size());
  run->expect_all();
  Run& r = *runs.emplace(run->row.no, std::move(run)).first->second;
  enter(r);
  mark(r);
  past_changed(r);
  plan_deadlines(r);
  return r;
}

// Of a DAG that is gone the version that its run follows counts.
int Engine::State::max_active_runs(const DagMachine& m, const Dag* followed) const {
  const Dag& dag = m.dag ? *m.dag : *followed;
  const int limit = dag.max_active_runs.value_or(config.max_active_runs_per_dag);
  auto timetable = m.timetable;
  if (!m.dag) timetable = schedule::make_timetable(dag.timetable, *config.zones).value_or(nullptr);
  return timetable ? std::min(limit, timetable->active_runs_limit().value_or(limit)) : limit;
}

// Which queued runs may start by their run_after, however the clock was set since.
void Engine::State::sort_queue(DagMachine& m, Time now) {
  const auto is_due = [now](const auto& place) { return place.first <= now; };
  while (!m.later.empty() && is_due(*m.later.begin())) m.queued.insert(m.later.extract(m.later.begin()));
  while (!m.queued.empty() && !is_due(*m.queued.rbegin())) {
    const auto [at, no] = *m.queued.rbegin();
    m.later.insert(m.queued.extract(std::prev(m.queued.end())));
    timers.add({at, Timer::Kind::run_due, no, 0});
  }
}

// As in Airflow queued runs start by run_after, not before it, and while max_active_runs has room; those of a paused DAG wait.
void Engine::State::start_runs(DagMachine& m, Time now) {
  if (std::exchange(m.is_starting, true)) return;  // a run that ended at once comes back here
  sort_queue(m, now);
  while (hold.empty() && m.may_start_runs() && !m.queued.empty()) {
    Run& run = *runs.at(m.queued.begin()->second);
    if (m.running() >= max_active_runs(m, run.dag.get())) break;
    const Time since = std::max(run.row.queued_at, run.row.run_after);
    start_run(run, now,
              now == since
                  ? std::string(since == run.row.queued_at ? "a slot of max_active_runs is free" : "its run_after has come")
                  : fmt::format("a slot of max_active_runs ({}) is free, and the DAG is not paused, after {:.3g} s",
                                max_active_runs(m, run.dag.get()), to_seconds(now - since)));
  }
  start_backfill_runs(m, now);
  m.is_starting = false;
}

void Engine::State::start_run(Run& run, Time now, std::string cause) {
  leave_queue(run);
  run.row.state = RunState::running;
  run.row.start_date = now;
  mark(run);
  note(run, {0, TaskState::none, TaskState::none, RunState::running, 0, std::move(cause)});
  if (run.dag->dagrun_timeout) timers.add({now + *run.dag->dagrun_timeout, Timer::Kind::run_timeout, run.row.no, 0});
  if (run.dag->tasks.empty()) return end_run(run, RunState::success, now, "the DAG has no tasks");
  if (!has_work(run) && run.unfinished == 0) return end_if_done(run, now);  // queued again, with nothing to do
  find_place(run);  // one that was stopped while it was queued has teardowns that are ready
  add_work(run);
}

// ---- schedules -----------------------------------------------------------------------------------------------------------

// Works out the next scheduled run; m.timer says when it is due, if nothing else holds it back. Without catchup the answer
// moves on with `now`.
void Engine::State::find_next_run(DagMachine& m, Time now) {
  m.timer.reset();
  if (m.is_gone || !m.dag) return;
  sort_queue(m, now);  // for counted()
  std::optional<schedule::RunInfo> info;
  if (m.timetable && m.timetable->is_scheduled()) {
    std::optional<schedule::DataInterval> last;
    if (m.row.last_interval_start) last = {*m.row.last_interval_start, *m.row.last_interval_end};
    if (m.timetable->is_user_defined()) {
      const NextRun next = next_scheduled(m, last, now);
      if (!next.is_known) {  // the answer comes back here; until then a run that was made is not the next one any more
        if (last && m.row.next_interval_start == last->start) show_next_run(m, {});
        return;
      }
      info = next.info;
    } else {
      info = m.timetable->next(last, {m.dag->start_date, m.dag->end_date, m.dag->catchup}, now);
    }
  }
  show_next_run(m, info);
  // A clock that was set back repeats no date: what comes next waits until the newest interval is over once more.
  if (info && m.row.last_interval_start && info->logical_date <= *m.row.last_interval_start && now < *m.row.last_interval_end)
    info->run_after = *m.row.last_interval_end;
  // Run ids are made of it: those of a @continuous DAG that follow each other in one moment must not be the same.
  if (info && info->run_after == m.row.last_interval_end) info->run_after += Duration(1);
  // A run that ends, the end of the pause, and what is known of failures, come back here.
  if (!info || !m.may_start_runs() || m.counted() >= max_active_runs(m, nullptr)) return;
  m.timer = info->run_after;
}

void Engine::State::show_next_run(DagMachine& m, const std::optional<schedule::RunInfo>& info) {
  DagState next = m.row;
  next.next_logical_date = info ? std::optional(info->logical_date) : std::nullopt;
  next.next_interval_start = info ? std::optional(info->interval.start) : std::nullopt;
  next.next_interval_end = info ? std::optional(info->interval.end) : std::nullopt;
  next.next_run_after = info ? std::optional(info->run_after) : std::nullopt;
  if (next == m.row) return;
  m.row = std::move(next);
  mark(m);
}

void Engine::State::schedule(DagMachine& m, Time now) {
  find_next_run(m, now);
  if (!m.timer || m.is_due) return;
  if (*m.timer > now) return timers.add({*m.timer, Timer::Kind::dag_due, m.number, 0});
  m.is_due = true;
  due.push_back(&m);
}

namespace {

// Run ids are names of folders, and keys may have any characters.
std::string in_run_id(std::string key) {
  for (char& c : key) {
    if (!is_valid_run_id(std::string(1, c)) && c != '.') c = '_';
  }
  constexpr std::size_t longest = 150;
  return key.substr(0, longest);
}

}  // namespace

// One run, the oldest that is missing.
void Engine::State::make_scheduled_run(DagMachine& m, Time now) {
  m.is_due = false;
  find_next_run(m, now);  // time may have moved on since it became due
  if (!m.timer || *m.timer > now) return schedule(m, now);
  DagRun row;
  row.run_type = RunType::scheduled;
  row.logical_date = m.row.next_logical_date;
  row.data_interval_start = m.row.next_interval_start;
  row.data_interval_end = m.row.next_interval_end;
  row.run_after = *m.row.next_run_after;
  row.run_id = schedule::make_run_id(RunType::scheduled, row.run_after);
  const std::optional<schedule::Partition> partition = m.timetable->partition_of(*m.row.next_interval_end);
  if (partition) {
    row.partition_key = partition->key;
    row.partition_date = partition->date;
    row.run_id = fmt::format("{}__{}__{}", row.run_id, in_run_id(partition->key), random_letters());
  }
  m.row.last_interval_start = row.data_interval_start;
  m.row.last_interval_end = row.data_interval_end;
  // What it is for says its key; the interval above is only what the next one follows.
  if (partition) row.logical_date = row.data_interval_start = row.data_interval_end = std::nullopt;
  mark(m);
  const bool exists = std::ranges::any_of(m.active, [&](RunNo no) { return runs.at(no)->row.run_id == row.run_id; });
  if (!exists) create_run(m, std::move(row), now);
  start_runs(m, now);
  schedule(m, now);
}

}  // namespace venturi::engine
