// Scenarios recorded on Airflow 3.3.2 (tests/oracle/README.md): the same DAG, made with the C++ SDK, described, read by the
// model and run by the engine in virtual time, ends in the same states with the same tries. Tasks really run, in this process;
// of a server there is nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "base/json.h"
#include "engine/testing/engine_fixture.h"
#include "model/dict_order.h"
#include "oracle/scenario_program.h"
#include "schedule/time_zone.h"
#include "template/airflow_context.h"
#include "template/template.h"

namespace venturi::oracle_tests {
namespace {

using engine::Launch;
using engine::testing::World;

const std::filesystem::path folder = std::filesystem::path(VENTURI_SOURCE_DIR) / "tests" / "oracle";

Value read_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return parse_json(text.str()).value();
}

// Runs what the engine launches: each try takes what its scenario says, and a little.
class Workers {
 public:
  Workers(World& world, const ScenarioProgram& program) : world_(world), program_(program) {}

  using Xcoms = std::map<std::pair<std::string, int>, Value>;  // "return_value" by task and map_index
  [[nodiscard]] const Xcoms& xcoms() const { return xcoms_; }
  using Names = std::map<std::pair<std::string, int>, std::string>;  // rendered_map_index
  [[nodiscard]] const Names& names() const { return names_; }

  // Until nothing happens any more, or nothing before `end`.
  void run_all(Time end) {
    for (int turns = 0; turns < 10'000; ++turns) {
      begin_launched();
      drop_killed();
      const auto at = world_.engine->wake_at();
      if (under_way_.empty() || (at && *at < under_way_.begin()->first)) {
        if (!at || *at > end) return;
        world_.pass_to_next();
      } else if (under_way_.begin()->first > end) {
        return;
      } else {
        end_next();
      }
    }
    FAIL() << "it never ends";
  }

 private:
  void begin_launched() {
    for (const Launch& launch : std::exchange(world_.launches, {})) {
      world_.step(engine::TryStarted{launch.ti.token, world_.now, 1});
      under_way_.emplace(world_.now + std::chrono::milliseconds(100) + program_.sleeps(launch.ti.task_id), launch);
    }
  }
  void drop_killed() {
    for (const engine::Kill& kill : std::exchange(world_.kills, {})) {
      std::erase_if(under_way_, [&](const auto& entry) { return entry.second.ti.token == kill.token; });
    }
  }
  void end_next() {
    const auto [at, launch] = *under_way_.begin();
    under_way_.erase(under_way_.begin());
    world_.now = std::max(world_.now, at);
    const auto answers = [this](const Value& request) { return answer(request); };
    bool is_told = false;
    for (const Value& message : program_.run(launch.ti.task_id, launch.ti.map_index, launch.ti.try_number, launch.should_retry,
                                             launch.items, answers)) {
      is_told = is_told || tell(launch.ti, message);
    }
  }
  // As operators/render.cpp; of what templates may name there is the task alone.
  static Value rendered(const Value& arguments) {
    templates::AirflowFacts facts;
    facts.task_id = arguments.at("operator").get_string("task_id");
    facts.task = arguments.at("operator");
    const templates::FetchedLookups lookups;
    const templates::AirflowContext context(facts, lookups);
    return std::get<std::string>(
        templates::Template(arguments.get_string("value"), "map_index_template", std::make_shared<templates::Environment>())
            .render(context));
  }
  static Value item_of(const Value& list, std::int64_t item) {
    if (list.is_array()) return list.as_array().at(static_cast<std::size_t>(item));
    const Object ordered = in_mapped_order(list.as_object());
    const auto& [key, value] = *(ordered.begin() + item);
    return Array{Value(key), value};
  }
  Value answer(const Value& request) const {
    const std::string type = request.get_string("type"), task_id = request.get_string("task_id");
    if (type == "HostCall") return Object{{"value", rendered(request.at("arguments"))}};
    if (type == "GetXCom") {
      const auto found = xcoms_.find({task_id, static_cast<int>(request.get_int("map_index", -1))});
      if (found == xcoms_.end()) return {};
      const Value* item = request.get("item");
      return Object{{"type", "XComResult"},
                    {"value", item == nullptr ? found->second : item_of(found->second, item->as_int())}};
    }
    if (!type.starts_with("GetXComSequence")) return {};
    Array all;
    for (const auto& [of, value] : xcoms_) {
      if (of.first == task_id) all.push_back(value);
    }
    if (type == "GetXComSequenceItem") return Object{{"root", all.at(static_cast<std::size_t>(request.get_int("offset")))}};
    return Object{{"root", std::move(all)}};
  }
  // As server/task_host.cpp tells the engine. True when no more is to be told of the try.
  bool tell(const TaskInstance& ti, const Value& message) {
    const LaunchToken token = ti.token;
    const std::string type = message.get_string("type"), state = message.get_string("state");
    const Task& task = *world_.engine->task_of(token);
    if (type == "SetXCom") {
      const Value& value = message.at("value");
      xcoms_[{ti.task_id, ti.map_index}] = value;
      const std::optional<std::int32_t> length =
          value.is_array()    ? std::optional(static_cast<std::int32_t>(value.as_array().size()))
          : value.is_object() ? std::optional(static_cast<std::int32_t>(value.as_object().size()))
          : task.is_mapped()  ? std::optional(-1)
                              : std::nullopt;
      if (length && !task.mapped_keys.empty()) world_.push_length(token, "return_value", length);
      return false;
    }
    if (type == "SucceedTask" && !task.mapped_keys.empty() && !task.is_mapped() &&
        !world_.engine->has_xcom_length(token, "return_value")) {
      xcoms_.erase({ti.task_id, ti.map_index});
      engine::TryFailed failed;
      failed.token = token;
      failed.at = world_.now;
      world_.step(failed);
      return true;
    }
    if (const std::string name = message.get_string("rendered_map_index"); !name.empty())
      names_[{ti.task_id, ti.map_index}] = name;
    if (type.starts_with("Get") || type.starts_with("SetRendered") || type == "HostCall") return false;
    if (type == "SkipDownstreamTasks") {
      engine::SkipDownstream skip{.token = token, .task_ids = {}};
      for (const Value& task : message.at("tasks").as_array()) {
        skip.task_ids.push_back(task.is_array() ? task.as_array().at(0).as_string() : task.as_string());
      }
      world_.step(skip);
    } else if (type == "SucceedTask") {
      world_.step(engine::TrySucceeded{token, world_.now});
    } else if (state == "skipped") {
      world_.step(engine::TrySkipped{token, world_.now});
    } else if (type == "RetryTask" || state == "failed") {
      engine::TryFailed failed;
      failed.token = token;
      failed.at = world_.now;
      failed.may_retry = type == "RetryTask";
      world_.step(failed);
    } else {
      ADD_FAILURE() << "it told " << type;
    }
    return type != "SkipDownstreamTasks";
  }

  World& world_;
  const ScenarioProgram& program_;
  std::multimap<Time, Launch> under_way_;
  Xcoms xcoms_;
  Names names_;
};

// A step of a script, in the words of Airflow's API. Gives [task_id, map_index] of what was cleared, sorted.
std::string clear(World& world, const Value& step) {
  TaskSelection selection;
  if (const Value* tasks = step.get("task_ids")) {
    for (const Value& task : tasks->as_array()) {
      if (task.is_string())
        selection.tasks.push_back({task.as_string()});
      else
        selection.tasks.push_back({task.as_array().at(0).as_string(), static_cast<int>(task.as_array().at(1).as_int())});
    }
  }
  selection.upstream = step.get_bool("include_upstream");
  selection.downstream = step.get_bool("include_downstream");
  selection.only_failed = step.get_bool("only_failed");
  const engine::Answer answer = world.clear(world.runs().rbegin()->first, selection);
  EXPECT_FALSE(answer.error);
  std::vector<std::pair<std::string, int>> cleared;
  for (const TaskInstance& ti : answer.task_instances) cleared.emplace_back(ti.task_id, ti.map_index);
  std::ranges::sort(cleared);
  Array list;
  for (const auto& [task_id, map_index] : cleared) list.emplace_back(Array{task_id, map_index});
  return to_json(list);
}

// "task_id map_index" and its state, by run.
using RunStates = std::map<std::string, std::map<std::string, std::string>>;

std::string key_of(const std::string& task_id, std::int64_t map_index) {
  return task_id + " " + std::to_string(map_index);
}

RunStates found_states(const World& world) {
  RunStates found;
  for (const auto& [no, run] : world.runs()) {
    auto& states = found[run.run_id];
    states["run"] =
        std::string(to_string(run.state)) +
        (run.run_type == RunType::manual ? ""
                                         : " " + format_time(*run.logical_date) + " " + format_time(*run.data_interval_start) +
                                               " " + format_time(*run.data_interval_end) + " " + format_time(run.run_after));
    for (const TaskInstance& ti : world.instances_of(run)) {
      states[key_of(ti.task_id, ti.map_index)] = std::string(to_string(ti.state)) + ", try " + std::to_string(ti.try_number);
    }
  }
  return found;
}

RunStates recorded_states(const Array& runs) {
  RunStates wanted;
  for (const Value& run : runs) {
    auto& states = wanted[run.get_string("name")];
    states["run"] = run.get_string("state");
    if (run.get_string("run_type") != "manual") {
      for (const char* date : {"logical_date", "data_interval_start", "data_interval_end", "run_after"})
        states["run"] += " " + run.get_string(date);
    }
    for (const Value& ti : run.at("tis").as_array()) {
      const Array& row = ti.as_array();
      states[key_of(row.at(0).as_string(), row.at(1).as_int())] =
          (row.at(2).is_null() ? "none" : row.at(2).as_string()) + ", try " + std::to_string(row.at(3).as_int());
    }
  }
  return wanted;
}

// What there is of a server is the engine alone: scenarios whose tasks need more, and steps that are others than those of
// schedules, and than to clear what has ended, are left to tests/oracle/run.
std::string what_it_needs(const Value& scenario) {
  if (scenario.at("dags").as_array().size() != 1) return "several DAGs";
  const Value& dag = scenario.at("dags").as_array().front();
  for (const char* member : {"params", "params_schema", "dag_callbacks"}) {
    if (dag.get(member) != nullptr) return member;
  }
  if (const Value& schedule = dag.at("schedule"); schedule.get("assets") != nullptr || schedule.get("asset_or_time") != nullptr)
    return "assets";
  static const std::set<std::string> known{"noop",         "succeed",  "fail",        "raise_fail",   "skip",
                                           "fail_n_times", "sleep_ms", "push_by_try", "skip_n_times", "branch",
                                           "push_xcom",    "echo",     "by_item",     "pull_xcom",    "short_circuit"};
  for (const Value& task : dag.at("tasks").as_array()) {
    if (!known.contains(task.get_string("kind"))) return "tasks of kind " + task.get_string("kind");
    for (const char* member : {"retry_policy", "execution_timeout_s", "do_xcom_push", "callbacks"}) {
      if (task.get(member) != nullptr) return member;
    }
    if (task.get_value("args").get_bool("to_item")) return "a choice that is its item";
  }
  static const std::set<std::string> steps{"pool",    "sleep_s", "trigger",    "clear",    "clear_run", "await",
                                           "unpause", "pause",   "await_runs", "settle_s", "backfill",  "await_backfill"};
  for (const char* name : {"needs", "script"}) {
    const Value* list = scenario.get(name);
    if (list == nullptr) continue;
    int triggers = 0, backfills = 0;
    for (const Value& step : list->as_array()) {
      triggers += step.get("trigger") != nullptr ? 1 : 0;
      backfills += step.get("backfill") != nullptr ? 1 : 0;
      if (backfills > 1 && step.get("status") != nullptr)
        return "a backfill beside another";  // here each step is played to its end
      if (!std::ranges::any_of(step.as_object(), [](const auto& member) { return steps.contains(member.first); }))
        return to_json(step);
    }
    if (triggers > 1) return "several runs";
  }
  return {};
}

// Those that need no server; tests/oracle/run plays all.
std::vector<std::string> scenarios() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "corpus")) {
    if (what_it_needs(read_file(entry.path())).empty()) names.push_back(entry.path().stem());
  }
  std::ranges::sort(names);
  return names;
}

class ScenarioTest : public testing::TestWithParam<std::string> {
 protected:
  void begin() {
    is_triggered_ = scenario_.get("script") == nullptr;
    for (const char* name : {"needs", "script"}) {
      const Value* list = scenario_.get(name);
      if (list == nullptr) continue;
      for (const Value& step : list->as_array()) take(step);
    }
    world_.zones() = std::move(*schedule::TimeZones::load());
    ASSERT_TRUE(world_.zones().add_for(dag_->timetable));
    world_.step(engine::DagSeen{dag_});
    if (is_triggered_) world_.trigger(dag_->dag_id, "r1");
  }
  // Those of schedules unpause, and let time pass; all others trigger one run, some clear it when it has ended.
  void take(const Value& step) {
    if (step.get("pool") != nullptr) {
      world_.step(engine::SetPool{world_.next_command(),
                                  {step.get_string("pool"), static_cast<int>(step.get_int("slots")), "", false}});
    } else if (const Value* sleep = step.get("sleep_s")) {
      end_ = world_.now + std::chrono::seconds(sleep->as_int());
    } else if (step.get("trigger") != nullptr) {
      is_triggered_ = true;
    }
  }

  void backfill(const Value& step) {
    const engine::Answer answer = world_.backfill(
        dag_->dag_id, *parse_time(step.get_string("from_date")), *parse_time(step.get_string("to_date")), [&](Backfill& asked) {
          asked.run_backwards = step.get_bool("run_backwards");
          asked.reprocess_behavior = parse_reprocess_behavior(step.get_string("reprocess_behavior", "none")).value();
          asked.max_active_runs = static_cast<int>(step.get_int("max_active_runs", 10));
          if (const Value* conf = step.get("dag_run_conf")) asked.dag_run_conf = *conf;
        });
    EXPECT_EQ(answer.error.has_value(), step.get("status") != nullptr) << to_json(step);
  }

  [[nodiscard]] const TaskInstance& ti(const DagRun& run, const std::string& task_id) const {
    for (const auto& [no, ti] : world_.task_instances()) {
      if (ti.run == run.no && ti.task_id == task_id) return ti;
    }
    throw std::runtime_error("no " + task_id + " in " + run.run_id);
  }
  static std::vector<std::string> names(const Value& constraint) {
    std::vector<std::string> list;
    for (const Value& name : constraint.at("tasks").as_array()) list.push_back(name.as_string());
    return list;
  }
  void check_max_parallel(const DagRun& run, const Value& constraint) const {
    for (const std::string& a : names(constraint)) {
      int beside = 0;  // it
      for (const std::string& b : names(constraint)) {
        if (*ti(run, b).start_date <= *ti(run, a).start_date && *ti(run, a).start_date < *ti(run, b).end_date) ++beside;
      }
      EXPECT_LE(beside, constraint.get_int("limit")) << a;
    }
  }
  void check(const Value& constraint) const {
    const std::string type = constraint.get_string("type");
    const DagRun* before = nullptr;
    for (const auto& [no, run] : world_.runs()) {
      if (type == "max_parallel") {
        check_max_parallel(run, constraint);
      } else if (type == "starts_before") {
        const auto tasks = names(constraint);
        for (std::size_t i = 1; i < tasks.size(); ++i)
          EXPECT_LT(*ti(run, tasks[i - 1]).start_date, *ti(run, tasks[i]).start_date) << tasks[i];
      } else if (type == "task_after_previous_run") {
        if (before != nullptr)
          EXPECT_GE(*ti(run, constraint.get_string("task")).start_date,
                    *ti(*before, constraint.get_string("previous")).end_date);
      } else if (type == "runs_not_overlapping") {
        if (before != nullptr) EXPECT_GE(*run.start_date, *before->end_date);
      }  // others are of tasks' times on a real server
      before = &run;
    }
  }

  Value scenario_;
  std::shared_ptr<const Dag> dag_;
  World world_;
  bool is_triggered_ = false;
  Time end_ = world_.now + std::chrono::hours(24);
};

TEST_P(ScenarioTest, EndsAsOnAirflow) {
  scenario_ = read_file(folder / "corpus" / (GetParam() + ".json"));
  const Value& described = scenario_.at("dags").as_array().at(0);
  const ScenarioProgram program(described);
  ASSERT_THAT(program.mistakes(), testing::IsEmpty());
  auto dag = std::make_shared<Dag>(read_serialized_dag(program.serialized()).value());
  dag->version_id = "v1";
  dag_ = dag;
  begin();

  const Value record = read_file(folder / "records" / (GetParam() + ".json"));
  Workers workers(world_, program);
  workers.run_all(end_);
  if (const Value* script = scenario_.get("script")) {
    for (const Value& step : script->as_array()) {
      if (step.get("backfill") != nullptr) {
        backfill(step);
        workers.run_all(end_);
      }
      if (step.get("clear") == nullptr && step.get("clear_run") == nullptr) continue;
      const std::string cleared = clear(world_, step);
      const Value* noted = record.at("notes").get(step.get_string("note"));
      if (noted != nullptr && noted->is_array()) EXPECT_EQ(cleared, to_json(*noted));
      workers.run_all(end_);
    }
  }

  const Value observed = described.get_value("observe");
  const Array recorded = record.at("dags").at(dag->dag_id).as_array();
  if (observed.is_object() && observed.get_bool("manual_only")) {  // how many there are depends on time
    EXPECT_GT(world_.runs().size(), 3U);
  } else {
    EXPECT_EQ(found_states(world_), recorded_states(recorded)) << scenario_.get_string("about");
  }
  if (const Value* constraints = described.get("constraints")) {
    for (const Value& constraint : constraints->as_array()) check(constraint);
  }
  if (!recorded.empty() && recorded.front().get("priority_weight") != nullptr) {
    for (const Value& weight : recorded.front().at("priority_weight").as_array()) {
      const Task& task = dag->tasks.at(*dag->find_task(weight.as_array().at(0).as_string()));
      EXPECT_EQ(task.priority_weight, weight.as_array().at(1).as_int()) << task.task_id;
    }
  }
  if (recorded.empty()) return;
  if (const Value* names = recorded.front().get("rendered_map_index")) {
    Workers::Names recorded_names;
    for (const Value& name : names->as_array()) {
      const Array& row = name.as_array();
      recorded_names[{row.at(0).as_string(), static_cast<int>(row.at(1).as_int())}] = row.at(2).as_string();
    }
    EXPECT_EQ(workers.names(), recorded_names);
  }
  const Value* xcoms = recorded.front().get("xcoms");
  if (xcoms == nullptr || scenario_.get_string("family") != "mapping") return;
  std::set<std::string> given, expected;
  for (const auto& [of, value] : workers.xcoms()) {
    given.insert(of.first + " " + std::to_string(of.second) + " " + to_json(in_jsonb_order(value)));
  }
  for (const Value& xcom : xcoms->as_array()) {
    const Array& row = xcom.as_array();
    if (row.at(2).as_string() != "return_value") continue;
    const auto& tasks = described.at("tasks").as_array();
    const bool is_pull = std::ranges::any_of(tasks, [&](const Value& task) {
      const std::string group = task.get_string("group"), label = task.at("id").as_string();
      return (group.empty() ? label : group + "." + label) == row.at(0).as_string() &&
             task.get_string("kind") == "pull_xcom";  // what it pulls is no part of the comparison
    });
    if (!is_pull)
      expected.insert(row.at(0).as_string() + " " + std::to_string(row.at(1).as_int()) + " " +
                      to_json(in_jsonb_order(row.at(3))));
  }
  EXPECT_EQ(given, expected);
}

INSTANTIATE_TEST_SUITE_P(Oracle, ScenarioTest, testing::ValuesIn(scenarios()), [](const auto& info) { return info.param; });

}  // namespace
}  // namespace venturi::oracle_tests
