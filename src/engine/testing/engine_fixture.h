// For the engine's tests: DAGs in a line, and a world around an engine that keeps rows as a store does. After every batch it
// compares what a server would be rebuilt from with what the engine has in memory.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "model/dag_graph.h"
#include "schedule/time_zone.h"

namespace venturi::engine::testing {

using namespace std::chrono_literals;

inline const Time start_of_test{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

// A DAG by hand: dag.task("a"), dag.task("b", {"a"}) in topological order.
struct DagBuilder {
  Dag dag;
  explicit DagBuilder(std::string dag_id = "d", std::string version = "v1") {
    dag.dag_id = std::move(dag_id);
    dag.version_id = std::move(version);
    dag.timetable = Object{{"__type", "airflow.timetables.simple.NullTimetable"}, {"__var", Object{}}};
    dag.is_paused_upon_creation = false;
  }
  Task& task(const std::string& task_id, const std::vector<std::string>& upstream = {}) {
    const auto index = static_cast<TaskIndex>(dag.tasks.size());
    Task t;
    t.task_id = task_id;
    t.task_type = "CppTask";
    t.task_module = "venturi.program";
    for (const std::string& name : upstream) {
      const auto up = static_cast<TaskIndex>(std::ranges::find(dag.tasks, name, &Task::task_id) - dag.tasks.begin());
      if (up == dag.tasks.size()) throw std::runtime_error("no task " + name);
      t.upstream.push_back(up);
      dag.tasks[up].downstream.push_back(index);
    }
    dag.tasks.push_back(std::move(t));
    return dag.tasks.back();
  }
  [[nodiscard]] std::shared_ptr<const Dag> build() const {
    auto built = std::make_shared<Dag>(dag);
    apply_setups(built->tasks);
    apply_mapping(built->tasks);
    apply_edge_sets(*built);
    for (TaskIndex i = 0; i < dag.tasks.size(); ++i) built->by_task_id.push_back(i);
    std::ranges::sort(built->by_task_id, {}, [&](TaskIndex i) -> const std::string& { return dag.tasks[i].task_id; });
    return built;
  }
};

inline void make_empty(Task& task) {
  task.task_type = "EmptyOperator";
  task.task_module = "venturi.operators.empty";
}

class World {
 public:
  explicit World(int parallelism = 32) : parallelism_(parallelism) { restart(); }

  // A new engine from the rows.
  void restart() {
    engine = std::make_unique<Engine>(Config{.epoch = 7,
                                             .uuid_salt = ++salt_,
                                             .zones = &zones_,
                                             .parallelism = parallelism_,
                                             .dags_are_paused_at_creation = false},
                                      rows());
    launches.clear();
    questions.clear();
    date_questions.clear();
    runtime_questions.clear();
    outcome_questions.clear();
    timetable_questions.clear();
    weight_questions.clear();
    mapper_questions.clear();
  }

  void restart_between_slices() {
    restart();
    engine->step(Tick{}, now);
    commit();
  }

  void step(const Event& event) {
    engine->step(event, now);
    finish_work();
  }
  void finish_work() {
    commit();
    for (int i = 0; engine->has_work(); ++i) {
      ASSERT_LT(i, 1'000'000) << "the engine never has done its work";
      engine->work(now, units);
      commit();
      if (between_slices) between_slices();
    }
    if (!answers_questions) return;
    for (const FindDates& question : std::exchange(date_questions, {})) step(find_dates(question));
    for (const LookBack& question : std::exchange(questions, {})) step(look_back(question));
    for (const FindRuntimes& question : std::exchange(runtime_questions, {})) step(find_runtimes(question));
    for (const FindOutcomes& question : std::exchange(outcome_questions, {})) step(find_outcomes(question));
    if (mapper) {
      for (const AskMapper& q : std::exchange(mapper_questions, {})) step(MapperTold{q.question, mapper(q)});
    }
    if (!timetable) return;
    for (const AskTimetable& q : std::exchange(timetable_questions, {})) step(TimetableTold{q.question, timetable(q.about)});
  }
  void pass(Duration time) {
    now += time;
    step(Tick{});
  }
  // Goes on to the next time at which something is due; false where nothing is.
  bool pass_to_next() {
    const auto at = engine->wake_at();
    if (!at) return false;
    now = std::max(now, *at);
    step(Tick{});
    return true;
  }

  DagRun trigger(const std::string& dag_id, std::optional<std::string> run_id = {}) {
    TriggerRun t;
    t.command = ++command_;
    t.dag_id = dag_id;
    t.run_id = std::move(run_id);
    step(t);
    return answer().run.value();
  }
  // Clears task instances of a run, which is active or has ended.
  const Answer& clear(RunNo no, TaskSelection selection = {}, bool dry_run = false,
                      std::optional<bool> latest_version = std::nullopt) {
    ask_to_clear(no, std::move(selection), dry_run, latest_version);
    return answer();
  }
  void ask_to_clear(RunNo no, TaskSelection selection = {}, bool dry_run = false,
                    std::optional<bool> latest_version = std::nullopt) {
    const DagRun& run = runs_.at(no);
    ClearTasks c;
    c.command = ++command_;
    c.dag_id = run.dag_id;
    c.run_id = run.run_id;
    c.selection = std::move(selection);
    c.user = "me";
    c.dry_run = dry_run;
    c.latest_version = latest_version;
    step_with_rows(std::move(c), run);
  }
  // As a server reads them: a page of the rows with the event, the others behind it.
  template <class Event>
  void step_with_rows(Event event, DagRun run) {
    if (!is_finished(run.state)) return step(event);
    auto ended = std::make_shared<EndedRun>(*ended_run(run));
    std::vector<TaskInstance> rest;
    if (page > 0 && ended->task_instances.size() > page) {
      const auto behind = ended->task_instances.begin() + static_cast<std::ptrdiff_t>(page);
      rest.assign(behind, ended->task_instances.end());
      ended->task_instances.erase(behind, ended->task_instances.end());
      ended->is_whole = false;
    }
    event.ended = std::move(ended);
    step(event);
    for (std::size_t at = 0; at < rest.size(); at += page) {
      const std::size_t until = std::min(at + page, rest.size());
      MoreRows more{.run = run.no, .task_instances = {}, .are_last = until == rest.size()};
      more.task_instances.assign(rest.begin() + static_cast<std::ptrdiff_t>(at),
                                 rest.begin() + static_cast<std::ptrdiff_t>(until));
      step(more);
    }
  }
  const Answer& mark(RunNo no, std::vector<TaskSelection::Named> tasks, TaskState state, bool upstream = false,
                     bool downstream = false) {
    const DagRun& run = runs_.at(no);
    MarkTasks m;
    m.command = ++command_;
    m.dag_id = run.dag_id;
    m.run_id = run.run_id;
    m.tasks = std::move(tasks);
    m.state = state;
    m.upstream = upstream;
    m.downstream = downstream;
    m.user = "me";
    step_with_rows(std::move(m), run);
    return answer();
  }
  const Answer& mark_run(RunNo no, RunState state) {
    const DagRun& run = runs_.at(no);
    MarkRun m;
    m.command = ++command_;
    m.dag_id = run.dag_id;
    m.run_id = run.run_id;
    m.state = state;
    m.user = "me";
    step_with_rows(std::move(m), run);
    return answer();
  }
  [[nodiscard]] std::shared_ptr<const EndedRun> ended_run(const DagRun& run) const {
    auto ended = std::make_shared<EndedRun>();
    ended->row = run;
    ended->dag = versions_.at(run.dag_version_id);
    ended->task_instances = instances_of(run);
    for (const auto& [address, length] : lengths_) {
      if (length.run == run.no) ended->xcom_lengths.push_back(length);
    }
    if (const auto backfill = backfills_.find(run.backfill_id); backfill != backfills_.end())
      ended->backfill = backfill->second;
    return ended;
  }
  // Of a DAG's dates from..to; the answer.
  Answer backfill(const std::string& dag_id, Time from, Time to, const std::function<void(Backfill&)>& change = {}) {
    CreateBackfill e;
    e.command = ++command_;
    e.backfill.dag_id = dag_id;
    e.backfill.from_date = from;
    e.backfill.to_date = to;
    if (change) change(e.backfill);
    const std::int64_t command = e.command;
    step(e);
    return answer_to(command);
  }
  std::int64_t ask_for_dry_run(const std::string& dag_id, Time from, Time to,
                               const std::function<void(Backfill&)>& change = {}) {
    CreateBackfill e{.command = ++command_, .backfill = {}, .dry_run = true};
    e.backfill.dag_id = dag_id;
    e.backfill.from_date = from;
    e.backfill.to_date = to;
    if (change) change(e.backfill);
    const std::int64_t command = e.command;
    step(e);
    return command;
  }
  Answer backfill_dry_run(const std::string& dag_id, Time from, Time to, const std::function<void(Backfill&)>& change = {}) {
    return answer_to(ask_for_dry_run(dag_id, from, to, change));
  }
  Answer change_backfill(std::int64_t id, ChangeBackfill::To to) {
    const std::int64_t command = ++command_;
    step(ChangeBackfill{command, id, to});
    return answer_to(command);
  }
  [[nodiscard]] Answer answer_to(std::int64_t command) const {
    const auto found = std::ranges::find(answers, command, &Answer::command);
    if (found == answers.end()) throw std::runtime_error("there was no answer");
    return *found;
  }
  // As a server answers it.
  [[nodiscard]] DatesFound find_dates(const FindDates& q) const {
    DatesFound found{.backfill_id = q.backfill_id, .question = q.question, .existing = {}};
    for (const FindDates::Date& date : q.dates) {
      for (const auto& [no, run] : runs_) {
        if (run.dag_id != q.dag_id || (run.logical_date != date.logical_date && run.run_id != date.run_id)) continue;
        found.existing.push_back({date.logical_date, ended_run(run)});
        break;
      }
    }
    return found;
  }
  [[nodiscard]] const std::map<std::int64_t, Backfill>& backfills() const { return backfills_; }
  [[nodiscard]] const std::map<std::pair<std::int64_t, std::int32_t>, BackfillDagRun>& backfill_dag_runs() const {
    return backfill_dag_runs_;
  }
  // The last answer.
  [[nodiscard]] const Answer& answer() const {
    if (answers.empty()) throw std::runtime_error("there was no answer");
    return answers.back();
  }
  std::int64_t next_command() { return ++command_; }
  // UTC alone, to begin with.
  [[nodiscard]] schedule::TimeZones& zones() { return zones_; }

  // The launch of this task that was released last and is still waiting; it is taken off the list.
  Launch take_launch(const std::string& task_id) {
    const auto found = std::ranges::find(launches, task_id, [](const Launch& l) { return l.ti.task_id; });
    if (found == launches.end()) throw std::runtime_error(task_id + " was not launched");
    Launch launch = std::move(*found);
    launches.erase(found);
    return launch;
  }
  [[nodiscard]] std::vector<std::string> launched() const {
    std::vector<std::string> names;
    for (const Launch& l : launches) names.push_back(l.ti.task_id);
    return names;
  }
  void succeed(const std::string& task_id, std::vector<OutletEvent> told = {}) {
    step(TrySucceeded{take_launch(task_id).ti.token, now, std::move(told)});
  }
  // As the server does in the batch of the try's success.
  void push_length(LaunchToken token, std::string key, std::optional<std::int32_t> length) {
    const TaskInstance ti = engine->launch_of(token).value().ti;
    if (length)
      lengths_[{ti.run, ti.task_id, ti.map_index, key}] = {ti.run, ti.task_id, ti.map_index, key, *length};
    else
      lengths_.erase({ti.run, ti.task_id, ti.map_index, key});
    step(XComChanged{token, std::move(key), length});
  }
  void fail(const std::string& task_id, std::string error = "it broke") {
    TryFailed f;
    f.token = take_launch(task_id).ti.token;
    f.at = now;
    f.error = std::move(error);
    step(f);
  }
  void skip(const std::string& task_id) { step(TrySkipped{take_launch(task_id).ti.token, now}); }

  // Of the newest run.
  [[nodiscard]] TaskInstance ti(const std::string& task_id) const {
    for (auto i = task_instances_.rbegin(); i != task_instances_.rend(); ++i) {
      if (i->second.task_id == task_id) return i->second;
    }
    throw std::runtime_error("no task instance of " + task_id);
  }
  [[nodiscard]] std::string state(const std::string& task_id) const { return std::string(to_string(ti(task_id).state)); }
  [[nodiscard]] std::string run_state() const { return std::string(to_string(runs_.rbegin()->second.state)); }
  [[nodiscard]] std::vector<std::string> run_ids() const {
    std::vector<std::string> ids;
    for (const auto& [no, run] : runs_) ids.push_back(run.run_id);
    return ids;
  }
  [[nodiscard]] const std::map<RunNo, DagRun>& runs() const { return runs_; }
  [[nodiscard]] const std::map<TaskInstanceNo, TaskInstance>& task_instances() const { return task_instances_; }
  // As a server answers it.
  [[nodiscard]] PastFound look_back(const LookBack& q) const {
    PastFound answer{.run = q.run, .question = q.question, .previous = {}, .task_instances = {}, .seen_before = {}};
    for (const auto& [no, run] : runs_) {
      if (run.dag_id != q.dag_id || !run.logical_date || *run.logical_date >= q.before) continue;
      for (const TaskInstance& ti : instances_of(run)) {
        if (std::ranges::find(q.task_ids, ti.task_id) != q.task_ids.end()) answer.seen_before.push_back(ti.task_id);
      }
      if (q.without_manual && run.run_type == RunType::manual) continue;
      if (!answer.previous || *answer.previous->logical_date < *run.logical_date) answer.previous = run;
    }
    if (answer.previous) answer.task_instances = instances_of(*answer.previous);
    return answer;
  }
  [[nodiscard]] RuntimesFound find_runtimes(const FindRuntimes& q) const {
    RuntimesFound found{.run = q.run, .runtimes = {}};
    for (auto run = runs_.rbegin(); run != runs_.rend() && found.runtimes.size() < static_cast<std::size_t>(q.most); ++run) {
      const DagRun& row = run->second;
      if (row.dag_id == q.dag_id && row.end_date) found.runtimes.push_back(*row.end_date - *row.start_date);
    }
    return found;
  }
  [[nodiscard]] OutcomesFound find_outcomes(const FindOutcomes& q) const {
    OutcomesFound found{.dag_id = q.dag_id, .question = q.question, .runs = {}};
    for (const auto& [no, run] : runs_) {
      if (run.dag_id == q.dag_id) found.runs.push_back({no, run.state, run.logical_date.value_or(run.run_after)});
    }
    std::ranges::sort(found.runs, std::greater<>(),
                      [](const RunOutcome& outcome) { return std::pair(outcome.date, outcome.no); });
    found.runs.resize(std::min(found.runs.size(), static_cast<std::size_t>(q.most)));
    return found;
  }
  // Those that there are: a task whose dates exclude the run has none.
  [[nodiscard]] std::vector<TaskInstance> instances_of(const DagRun& run) const {
    std::vector<TaskInstance> list;
    for (std::int32_t i = 0; i < run.created_task_instances; ++i) {
      const auto found = task_instances_.find(run.first_task_instance + i);
      if (found != task_instances_.end()) list.push_back(found->second);
    }
    return list;
  }
  [[nodiscard]] const Dag& dag_of(RunNo run) const { return *versions_.at(runs_.at(run).dag_version_id); }
  [[nodiscard]] const DagState& dag_state(const std::string& dag_id) const { return dag_states_.at(dag_id); }
  // Causes of a task instance's transitions, "to: cause".
  [[nodiscard]] std::vector<std::string> history(const std::string& task_id) const {
    const TaskInstanceNo no = ti(task_id).no;
    std::vector<std::string> lines;
    for (const Transition& t : transitions) {
      if (t.task_instance == no) lines.push_back(std::string(to_string(t.to)) + ": " + t.cause);
    }
    return lines;
  }

  std::unique_ptr<Engine> engine;
  Time now = start_of_test;
  std::vector<Launch> launches;
  std::vector<Kill> kills;
  std::vector<Answer> answers;
  std::vector<RunEnded> ended;
  std::vector<Deliver> deliveries;
  std::vector<TaskInstance> ended_tries;
  std::vector<AssetEvent> asset_events;
  std::vector<PartitionedEvent> partitioned_events;
  std::vector<Transition> transitions;
  std::size_t rows_written = 0;
  bool compares = true;
  std::vector<LookBack> questions;
  std::vector<FindDates> date_questions;
  std::vector<FindRuntimes> runtime_questions;
  std::vector<FindOutcomes> outcome_questions;
  std::vector<AskTimetable> timetable_questions;
  std::vector<AskWeights> weight_questions;
  std::vector<AskMapper> mapper_questions;
  std::vector<std::string> refused;  // events of partitions
  std::function<Result<schedule::OwnMapperAnswers::Answer>(const AskMapper&)> mapper;
  // Stands for the program: answers at once where it is there.
  std::function<Result<schedule::TimetableAnswer>(const schedule::TimetableQuestion&)> timetable;
  bool answers_questions = true;  // at once, as look_back() does
  int units = 1000;               // of large work in a slice
  std::size_t page = 0;           // of rows of a run that has ended; 0: all at once
  std::function<void()> between_slices;

 private:
  void commit() {
    Batch batch = engine->take();
    Changes& c = batch.changes;
    for (const auto& dag_id : c.deleted_dags) delete_dag(dag_id);
    for (auto& dag : c.dags) {
      versions_[dag->version_id] = dag;
      current_[dag->dag_id] = dag;
    }
    for (const auto& dag_id : c.gone_dags) current_.erase(dag_id);
    for (auto& row : c.dag_states) dag_states_[row.dag_id] = row;
    for (auto& row : c.runs) runs_[row.no] = row;
    rows_written += c.task_instances.size();
    for (auto& row : c.task_instances) task_instances_[row.no] = row;
    for (auto& row : c.ended_tries) ended_tries.push_back(row);
    for (auto& row : c.pools) pools_[row.pool] = row;
    for (const auto& name : c.deleted_pools) pools_.erase(name);
    for (auto& row : c.assets) assets_[row.no] = row;
    for (auto& row : c.asset_aliases) asset_aliases_[row.no] = row;
    for (auto& row : c.aliased_assets) aliased_assets_.push_back(row);
    for (auto& row : c.partitioned_runs) partitioned_runs_[row.no] = row;
    for (auto& row : c.partitioned_events) partitioned_events.push_back(row);
    for (auto& event : c.asset_events) asset_events.push_back(event);
    for (auto& queued : c.queued_assets) queued_assets_.emplace(std::pair(queued.dag_id, queued.asset), queued);
    for (auto& queued : c.unqueued_assets) queued_assets_.erase({queued.dag_id, queued.asset});
    for (auto& row : c.backfills) backfills_[row.id] = row;
    for (auto& row : c.backfill_dag_runs) {
      const std::pair key(row.backfill_id, row.sort_ordinal);
      EXPECT_TRUE(backfill_dag_runs_.emplace(key, row).second) << "a date is made twice";
    }
    for (auto& entry : c.outbox) outbox_[entry.no] = entry;
    for (const auto no : c.outbox_done) outbox_.erase(no);
    if (c.next_sequence) next_sequence_ = std::max(next_sequence_, *c.next_sequence);
    ASSERT_EQ(c.transitions.size(), c.transition_runs.size());
    for (auto& t : c.transitions) transitions.push_back(std::move(t));
    for (Effect& effect : batch.effects) {
      std::visit(
          [&]<class E>(E& e) {
            if constexpr (std::is_same_v<E, Launch>)
              launches.push_back(std::move(e));
            else if constexpr (std::is_same_v<E, Kill>)
              kills.push_back(e);
            else if constexpr (std::is_same_v<E, Answer>)
              answers.push_back(std::move(e));
            else if constexpr (std::is_same_v<E, RunEnded>)
              ended.push_back(std::move(e));
            else if constexpr (std::is_same_v<E, LookBack>)
              questions.push_back(std::move(e));
            else if constexpr (std::is_same_v<E, FindRuntimes>)
              runtime_questions.push_back(std::move(e));
            else if constexpr (std::is_same_v<E, FindOutcomes>)
              outcome_questions.push_back(std::move(e));
            else if constexpr (std::is_same_v<E, FindDates>)
              date_questions.push_back(std::move(e));
            else if constexpr (std::is_same_v<E, AskTimetable>)
              timetable_questions.push_back(std::move(e));
            else if constexpr (std::is_same_v<E, AskWeights>)
              weight_questions.push_back(std::move(e));
            else if constexpr (std::is_same_v<E, AskMapper>)
              mapper_questions.push_back(std::move(e));
            else if constexpr (std::is_same_v<E, PartitionRefused>)
              refused.push_back(e.dag_id + " " + e.asset + " " + e.partition_key + ": " + e.why);
            else
              deliveries.push_back(std::move(e));
          },
          effect);
    }
    if (compares) compare();
  }

  void delete_dag(const std::string& dag_id) {
    const auto is_its = [&](const auto& entry) { return entry.second.dag_id == dag_id; };
    current_.erase(dag_id);
    dag_states_.erase(dag_id);
    std::erase_if(outbox_, is_its);
    std::erase_if(queued_assets_, is_its);
    for (auto& [no, row] : partitioned_runs_) {
      if (row.dag_id == dag_id && row.run == 0) row.run = -1;
    }
    for (auto& [id, row] : backfills_) {  // numbers go on
      if (row.dag_id == dag_id && !row.completed_at) row.completed_at = now;
    }
  }

  [[nodiscard]] Snapshot rows() const {
    Snapshot s;
    std::map<std::string, std::shared_ptr<const Dag>> older;
    for (const auto& [no, run] : runs_) {
      s.next_run = no + 1;
      s.next_task_instance = run.first_task_instance + task_instance_numbers;
      if (is_finished(run.state)) continue;
      s.runs.push_back(run);
      older[run.dag_version_id] = versions_.at(run.dag_version_id);
      std::ranges::copy(instances_of(run), std::back_inserter(s.task_instances));
    }
    for (const auto& [dag_id, dag] : current_) {
      s.dags.push_back(dag);
      older.erase(dag->version_id);
    }
    for (const auto& [version, dag] : older) s.older_versions.push_back(dag);
    for (const auto& [dag_id, row] : dag_states_) s.dag_states.push_back(row);
    for (const auto& [address, length] : lengths_) {
      if (!is_finished(runs_.at(length.run).state)) s.xcom_lengths.push_back(length);
    }
    for (const auto& [no, entry] : outbox_) {
      s.outbox.push_back(entry);
    }
    for (const auto& [name, row] : pools_) s.pools.push_back(row);
    for (const auto& [no, row] : asset_aliases_) {
      s.asset_aliases.push_back(row);
      s.next_asset_alias = no + 1;
    }
    s.aliased_assets = aliased_assets_;
    for (const auto& [no, row] : partitioned_runs_) {
      s.next_partitioned_run = no + 1;
      if (row.run != 0) continue;
      s.partitioned_runs.push_back(row);
      for (const PartitionedEvent& event : partitioned_events) {
        if (event.partitioned_run == no) s.partitioned_events.push_back(event);
      }
    }
    for (const auto& [no, row] : assets_) {
      s.assets.push_back(row);
      s.next_asset = no + 1;
    }
    for (const auto& [address, queued] : queued_assets_) s.queued_assets.push_back(queued);
    if (!asset_events.empty()) s.next_asset_event = asset_events.back().no + 1;
    for (const auto& [id, row] : backfills_) {
      s.next_backfill = id + 1;
      const bool has_runs = std::ranges::any_of(s.runs, [id](const DagRun& run) { return run.backfill_id == id; });
      if (!row.completed_at || has_runs) s.backfills.push_back(row);
    }
    s.next_outbox = engine ? engine->snapshot().next_outbox : 1;
    s.next_sequence = next_sequence_;
    return s;
  }

  // Of a run that follows other tasks than it began with some are stored of instances that are not there any more.
  static std::vector<XComLength> lengths_of(const Snapshot& snapshot) {
    std::vector<XComLength> lengths = snapshot.xcom_lengths;
    for (const DagRun& run : snapshot.runs) {
      if (run.is_renumbered) std::erase_if(lengths, [&](const XComLength& length) { return length.run == run.no; });
    }
    return lengths;
  }
  static void expect_equal(const Snapshot& a, const Snapshot& b, const char* what) {
    EXPECT_EQ(a.dags, b.dags) << what;
    EXPECT_EQ(a.older_versions, b.older_versions) << what;
    EXPECT_EQ(a.dag_states, b.dag_states) << what;
    EXPECT_EQ(a.runs, b.runs) << what;
    EXPECT_EQ(a.task_instances, b.task_instances) << what;
    EXPECT_EQ(lengths_of(a), lengths_of(b)) << what;
    EXPECT_EQ(a.outbox, b.outbox) << what;
    EXPECT_EQ(a.pools, b.pools) << what;
    EXPECT_EQ(a.assets, b.assets) << what;
    EXPECT_EQ(a.asset_aliases, b.asset_aliases) << what;
    EXPECT_EQ(a.aliased_assets, b.aliased_assets) << what;
    EXPECT_EQ(a.partitioned_runs, b.partitioned_runs) << what;
    EXPECT_EQ(a.partitioned_events, b.partitioned_events) << what;
    EXPECT_EQ(a.next_partitioned_run, b.next_partitioned_run) << what;
    EXPECT_EQ(a.next_asset_alias, b.next_asset_alias) << what;
    EXPECT_EQ(a.queued_assets, b.queued_assets) << what;
    EXPECT_EQ(a.next_asset_event, b.next_asset_event) << what;
    EXPECT_EQ(a.backfills, b.backfills) << what;
    EXPECT_EQ(a.next_backfill, b.next_backfill) << what;
    EXPECT_EQ(a.next_run, b.next_run) << what;
    EXPECT_EQ(a.next_task_instance, b.next_task_instance) << what;
    EXPECT_EQ(a.next_sequence, b.next_sequence) << what;
  }
  void compare() const {
    const Snapshot memory = engine->snapshot();
    const Snapshot stored = rows();
    expect_equal(memory, stored, "memory against rows");
    const Engine rebuilt(
        Config{.epoch = 7, .uuid_salt = 1, .zones = &zones_, .parallelism = parallelism_, .dags_are_paused_at_creation = false},
        stored);
    expect_equal(rebuilt.snapshot(), stored, "rebuilt against rows");
  }

  int parallelism_;
  std::uint64_t salt_ = 100;
  std::int64_t command_ = 0;
  schedule::TimeZones zones_ = schedule::TimeZones::utc_only();
  std::map<std::string, std::shared_ptr<const Dag>> versions_, current_;
  std::map<std::string, DagState> dag_states_;
  std::map<RunNo, DagRun> runs_;
  std::map<TaskInstanceNo, TaskInstance> task_instances_;
  std::map<std::int64_t, OutboxEntry> outbox_;
  std::map<std::string, PoolRecord> pools_;
  std::map<std::int64_t, AssetRecord> assets_;
  std::map<std::int64_t, AssetAliasRecord> asset_aliases_;
  std::vector<AliasedAsset> aliased_assets_;
  std::map<std::int64_t, PartitionedRun> partitioned_runs_;
  std::map<std::pair<std::string, std::int64_t>, QueuedAsset> queued_assets_;
  std::map<std::int64_t, Backfill> backfills_;
  std::map<std::pair<std::int64_t, std::int32_t>, BackfillDagRun> backfill_dag_runs_;
  std::map<std::tuple<RunNo, std::string, std::int32_t, std::string>, XComLength> lengths_;
  std::uint64_t next_sequence_ = 1;
};

}  // namespace venturi::engine::testing
