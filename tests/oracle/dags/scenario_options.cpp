#include "scenario_options.h"

#include <array>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "scenario_callbacks.h"
using namespace venturi;

namespace oracle {
namespace {

template <class Enum, std::size_t n>
Enum named(const std::array<std::pair<std::string_view, Enum>, n>& words, const std::string& word) {
  for (const auto& [name, value] : words) {
    if (name == word) return value;
  }
  throw std::runtime_error("there is no " + word);
}

constexpr std::array<std::pair<std::string_view, TriggerRule>, 13> trigger_rules{
    {{"all_success", TriggerRule::all_success},
     {"all_failed", TriggerRule::all_failed},
     {"all_done", TriggerRule::all_done},
     {"all_done_min_one_success", TriggerRule::all_done_min_one_success},
     {"all_done_setup_success", TriggerRule::all_done_setup_success},
     {"one_success", TriggerRule::one_success},
     {"one_failed", TriggerRule::one_failed},
     {"one_done", TriggerRule::one_done},
     {"none_failed", TriggerRule::none_failed},
     {"none_skipped", TriggerRule::none_skipped},
     {"none_failed_min_one_success", TriggerRule::none_failed_min_one_success},
     {"always", TriggerRule::always},
     {"all_skipped", TriggerRule::all_skipped}}};
constexpr std::array<std::pair<std::string_view, WeightRule>, 3> weight_rules{
    {{"downstream", WeightRule::downstream}, {"upstream", WeightRule::upstream}, {"absolute", WeightRule::absolute}}};

void take(Option<int>& option, const Value& from, std::string_view key) {
  if (from.get(key) != nullptr) option = static_cast<int>(from.get_int(key));
}
void take(Option<bool>& option, const Value& from, std::string_view key) {
  if (from.get(key) != nullptr) option = from.get_bool(key);
}
void take(Option<Duration>& option, const Value& from, std::string_view key) {
  if (from.get(key) != nullptr) option = seconds(from.get_double(key));
}
void take(Date& date, const Value& from, std::string_view key) {
  if (const Value* text = from.get(key)) date = Date(text->as_string());
}

bool has_offset(const std::string& date) {
  if (date.ends_with("Z")) return true;
  const std::size_t time = date.find_first_of("T ");
  return time != std::string::npos && date.find_first_of("+-", time) != std::string::npos;
}

Params params_of(const Value* values, const Value* schemas) {
  Params params;
  if (values != nullptr) {
    for (const auto& [name, value] : values->as_object()) params.add(Params::Member(name, Param{.value = value}));
  }
  if (schemas == nullptr) return params;
  for (const auto& [name, schema] : schemas->as_object()) {
    Param param{.schema = schema.as_object(), .description = schema.get_string("description")};
    if (const Value* value = param.schema.find("default")) param.value = *value;
    param.schema.erase("default");
    param.schema.erase("description");
    params.add(Params::Member(name, param));
  }
  return params;
}

EventsTimetable events_of(const Value& schedule) {
  EventsTimetable events{.restrict_to_events = schedule.get_bool("restrict_to_events"), .description = "events"};
  for (const Value& date : schedule.at("events").as_array())
    events.event_dates.emplace_back(has_offset(date.as_string()) ? date.as_string() : date.as_string() + "Z");
  return events;
}

// Python's classes, by what the tasks of scenarios throw for them: RuntimeError is std::runtime_error.
std::vector<RetryRule> policy_of(const Value* described) {
  std::vector<RetryRule> policy;
  if (described == nullptr) return policy;
  for (const Value& rule : described->as_array()) {
    const std::string word = rule.get_string("action"), exception = rule.get_string("exception");
    const RetryAction action = word == "fail"    ? RetryAction::fail
                               : word == "retry" ? RetryAction::retry
                                                 : RetryAction::standard;
    std::optional<Duration> delay;
    if (rule.get("retry_delay_s") != nullptr) delay = seconds(rule.get_double("retry_delay_s"));
    if (exception == "builtins.Exception" || exception == "builtins.BaseException")
      policy.push_back(on_exception<std::exception>(action, delay));
    else if (exception == "builtins.RuntimeError")
      policy.push_back(on_exception<std::runtime_error>(action, delay));
    else
      policy.push_back(on_exception<std::logic_error>(action, delay));  // none of them throws one
  }
  return policy;
}

// A uri, a list (all of), {"any": [...]} or {"all": [...]}.
AssetExpression assets_of(const Value& described) {
  if (described.is_string()) return Asset(described.as_string());
  const Value* any = described.get("any");
  std::vector<AssetExpression> of;
  for (const Value& each : (described.is_array() ? described : any != nullptr ? *any : described.at("all")).as_array())
    of.push_back(assets_of(each));
  return any != nullptr ? AssetExpression::any(of) : AssetExpression::all(of);
}

Schedule schedule_of(const Value* described) {
  if (described == nullptr || described->is_null()) return {};
  if (described->is_string()) return described->as_string();
  const std::string zone = described->get_string("tz", "UTC");
  const Duration interval = seconds(described->get_double("interval_s"));
  const bool at_once = described->get_bool("run_immediately");
  if (const Value* cron = described->get("cron_interval"))
    return CronDataIntervalTimetable{.cron = cron->as_string(), .timezone = zone};
  if (const Value* cron = described->get("cron_trigger"))
    return CronTriggerTimetable{.cron = cron->as_string(), .timezone = zone, .interval = interval, .run_immediately = at_once};
  if (const Value* crons = described->get("multi_cron")) {
    MultipleCronTriggerTimetable timetable{.timezone = zone, .interval = interval, .run_immediately = at_once};
    for (const Value& cron : crons->as_array()) timetable.crons.push_back(cron.as_string());
    return timetable;
  }
  if (const Value* delta = described->get("delta_s")) return seconds(delta->as_double());
  if (const Value* delta = described->get("delta_interval_s"))
    return DeltaDataIntervalTimetable{.delta = seconds(delta->as_double())};
  if (const Value* delta = described->get("delta_trigger_s"))
    return DeltaTriggerTimetable{.delta = seconds(delta->as_double()), .interval = interval};
  if (described->get("events") != nullptr) return events_of(*described);
  if (const Value* assets = described->get("assets")) return assets_of(*assets);
  if (const Value* both = described->get("asset_or_time"))
    return AssetOrTimeSchedule{.timetable = schedule_of(&both->at("time")), .assets = assets_of(both->at("assets"))};
  throw std::runtime_error("its schedule is of no kind that is known: " + to_json(*described));
}

void add_callbacks(TaskOptions& options, const Value& task, const std::string& state_folder) {
  const Value* events = task.get("callbacks");
  if (events == nullptr) return;
  static constexpr std::array<std::pair<std::string_view, Callbacks TaskOptions::*>, 5> members{
      {{"execute", &TaskOptions::on_execute_callback},
       {"failure", &TaskOptions::on_failure_callback},
       {"success", &TaskOptions::on_success_callback},
       {"retry", &TaskOptions::on_retry_callback},
       {"skipped", &TaskOptions::on_skipped_callback}}};
  for (const Value& event : events->as_array())
    (options.*named(members, event.as_string())).add(task_callback(event.as_string(), state_folder));
}

}  // namespace

Duration seconds(double s) {
  return Duration(std::llround(s * 1e6));
}

TaskOptions task_options(const Value& task, const std::string& state_folder) {
  TaskOptions o;
  take(o.retries, task, "retries");
  o.retry_policy = policy_of(task.get("retry_policy"));
  take(o.retry_delay, task, "retry_delay_s");
  take(o.max_retry_delay, task, "max_retry_delay_s");
  take(o.execution_timeout, task, "execution_timeout_s");
  if (const Value* factor = task.get("retry_exponential_backoff"))  // true is 2, as in Airflow
    o.retry_exponential_backoff = factor->is_bool() ? (factor->as_bool() ? 2.0 : 0.0) : factor->as_double();
  if (task.get("trigger_rule") != nullptr) o.trigger_rule = named(trigger_rules, task.get_string("trigger_rule"));
  if (task.get("weight_rule") != nullptr) o.weight_rule = named(weight_rules, task.get_string("weight_rule"));
  take(o.start_date, task, "start_date");
  take(o.end_date, task, "end_date");
  take(o.depends_on_past, task, "depends_on_past");
  take(o.ignore_first_depends_on_past, task, "ignore_first_depends_on_past");
  take(o.wait_for_downstream, task, "wait_for_downstream");
  take(o.max_active_tis_per_dag, task, "max_active_tis_per_dag");
  take(o.max_active_tis_per_dagrun, task, "max_active_tis_per_dagrun");
  o.pool = task.get_string("pool");
  if (const Value* outlets = task.get("outlets")) {
    for (const Value& uri : outlets->as_array()) o.outlets.emplace_back(Asset(uri.as_string()));
  }
  take(o.pool_slots, task, "pool_slots");
  take(o.priority_weight, task, "priority_weight");
  o.queue = task.get_string("queue");
  o.map_index_template = task.get_string("map_index_template");
  o.params = params_of(task.get("params"), nullptr);
  take(o.do_xcom_push, task, "do_xcom_push");
  take(o.multiple_outputs, task, "multiple_outputs");
  add_callbacks(o, task, state_folder);
  return o;
}

DagOptions dag_options(const Value& dag, const std::string& state_folder) {
  DagOptions o;
  o.schedule = schedule_of(dag.get("schedule"));
  take(o.start_date, dag, "start_date");
  take(o.end_date, dag, "end_date");
  // As in Airflow the DAG's zone is that of its start_date.
  if (const Value* start = dag.get("start_date"); start != nullptr && !has_offset(start->as_string()))
    o.timezone = dag.get_string("timezone");
  o.catchup = dag.get_bool("catchup");
  if (const Value* tags = dag.get("tags")) {
    for (const Value& tag : tags->as_array()) o.tags.push_back(tag.as_string());
  }
  take(o.max_active_runs, dag, "max_active_runs");
  take(o.max_active_tasks, dag, "max_active_tasks");
  take(o.max_consecutive_failed_dag_runs, dag, "max_consecutive_failed_dag_runs");
  take(o.dagrun_timeout, dag, "dagrun_timeout_s");
  o.fail_fast = dag.get_bool("fail_fast");
  if (const Value* defaults = dag.get("default_args")) o.default_args = task_options(*defaults, state_folder);
  o.params = params_of(dag.get("params"), dag.get("params_schema"));
  if (const Value* events = dag.get("dag_callbacks")) {
    for (const Value& event : events->as_array()) {
      Callbacks& callbacks = event.as_string() == "failure" ? o.on_failure_callback : o.on_success_callback;
      callbacks.add(dag_callback(event.as_string(), state_folder));
    }
  }
  return o;
}

SensorOptions sensor_options(const Value& args) {
  SensorOptions o;
  o.poke_interval = seconds(args.get_double("poke_interval_s", 1));
  take(o.timeout, args, "timeout_s");
  if (args.get("mode") != nullptr) o.mode = args.get_string("mode") == "reschedule" ? SensorMode::reschedule : SensorMode::poke;
  take(o.soft_fail, args, "soft_fail");
  take(o.never_fail, args, "never_fail");
  take(o.silent_fail, args, "silent_fail");
  take(o.exponential_backoff, args, "exponential_backoff");
  return o;
}

}  // namespace oracle
