#include "oracle/scenario_program.h"

#include <functional>
#include <map>
#include <stdexcept>

#include "sdk/serialize.h"
#include "sdk/testing/try_of.h"
#include "venturi/own_operator.h"

namespace venturi::oracle_tests {

// Airflow's operator of that kind, where templates look at its fields.
struct Echo {
  Field<Value> item{};
  Value execute(const Context& context) const {
    (void)context;
    return *item;
  }
};
VENTURI_STRUCT(Echo, item);

namespace {

std::vector<std::string> texts(const Value* list) {
  std::vector<std::string> all;
  if (list == nullptr) return all;
  if (list->is_string()) return {list->as_string()};
  for (const Value& text : list->as_array()) all.push_back(text.as_string());
  return all;
}

TriggerRule rule_of(const std::string& word) {
  static const std::map<std::string, TriggerRule> rules{
      {"all_success", TriggerRule::all_success},
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
      {"all_skipped", TriggerRule::all_skipped}};
  return rules.at(word);
}

Duration seconds(double s) {
  return Duration(static_cast<std::int64_t>(s * 1e6));
}

// "schedule": nothing, a text, or an object by the kind of the timetable.
Schedule schedule_of(const Value& dag) {
  const Value* described = dag.get("schedule");
  if (described == nullptr || described->is_null()) return {};
  if (described->is_string()) return described->as_string();
  const std::string zone = described->get_string("tz");
  const Duration interval = seconds(described->get_double("interval_s"));
  if (const Value* cron = described->get("cron_interval"))
    return CronDataIntervalTimetable{.cron = cron->as_string(), .timezone = zone};
  if (const Value* cron = described->get("cron_trigger"))
    return CronTriggerTimetable{.cron = cron->as_string(), .timezone = zone, .interval = interval};
  if (const Value* delta = described->get("delta_s")) return seconds(delta->as_double());
  if (const Value* delta = described->get("delta_trigger_s"))
    return DeltaTriggerTimetable{.delta = seconds(delta->as_double()), .interval = interval};
  EventsTimetable events;
  for (const Value& date : described->at("events").as_array()) events.event_dates.emplace_back(date.as_string());
  return events;
}

Date date_of(const Value& object, std::string_view key) {
  const Value* date = object.get(key);
  return date == nullptr || date->is_null() ? Date() : Date(date->as_string());
}

Option<int> number_of(const Value& object, std::string_view key) {
  if (object.get(key) == nullptr) return {};
  return static_cast<int>(object.get_int(key));
}

WeightRule weight_rule_of(const std::string& word) {
  return word == "upstream" ? WeightRule::upstream : word == "absolute" ? WeightRule::absolute : WeightRule::downstream;
}

TaskOptions options_of(const Value& task) {
  TaskOptions o;
  o.start_date = date_of(task, "start_date");
  o.end_date = date_of(task, "end_date");
  if (task.get_bool("depends_on_past")) o.depends_on_past = true;
  if (task.get_bool("wait_for_downstream")) o.wait_for_downstream = true;
  o.pool = task.get_string("pool");
  o.pool_slots = number_of(task, "pool_slots");
  o.priority_weight = number_of(task, "priority_weight");
  if (task.get("weight_rule") != nullptr) o.weight_rule = weight_rule_of(task.get_string("weight_rule"));
  o.max_active_tis_per_dag = number_of(task, "max_active_tis_per_dag");
  o.max_active_tis_per_dagrun = number_of(task, "max_active_tis_per_dagrun");
  if (task.get("trigger_rule") != nullptr) o.trigger_rule = rule_of(task.get_string("trigger_rule"));
  if (task.get("retries") != nullptr) o.retries = static_cast<int>(task.get_int("retries"));
  if (task.get("retry_delay_s") != nullptr) o.retry_delay = seconds(task.get_double("retry_delay_s"));
  if (task.get("max_retry_delay_s") != nullptr) o.max_retry_delay = seconds(task.get_double("max_retry_delay_s"));
  o.map_index_template = task.get_string("map_index_template");
  if (task.get("retry_exponential_backoff") != nullptr)
    o.retry_exponential_backoff = task.get_double("retry_exponential_backoff");
  return o;
}

// What the body of a task does, by its kind (Airflow's exceptions are RuntimeError, AirflowFailException,
// AirflowSkipException).
std::function<void(const Context&)> body_of(const std::string& kind, int n) {
  static const std::map<std::string, std::function<void(const Context&, int)>> bodies{
      {"succeed", [](const Context&, int) {}},
      {"sleep_ms", [](const Context&, int) {}},
      {"pull_xcom", [](const Context&, int) {}},  // what it pulls is no part of the comparison
      {"fail", [](const Context&, int) { throw std::runtime_error("it fails"); }},
      {"raise_fail", [](const Context&, int) { fail_task("it fails for good"); }},
      {"skip", [](const Context&, int) { skip_task("it skips"); }},
      {"fail_n_times",
       [](const Context& context, int times) {
         if (context.try_number() <= times) throw std::runtime_error("not yet");
       }},
      {"skip_n_times", [](const Context& context, int times) {
         if (context.try_number() <= times) skip_task("not yet");
       }}};
  return [body = bodies.at(kind), n](const Context& context) { body(context, n); };
}

// by_item: does what its item says, and gives it.
Value do_item(const Context& context, const Value& item) {
  const std::string word = item.is_string() ? item.as_string() : "";
  if (word == "fail") throw std::runtime_error("it fails");
  if (word == "raise_fail") fail_task("it fails for good");
  if (word == "skip") skip_task("it skips");
  if (word.starts_with("fail_times:") && context.try_number() <= std::stoi(word.substr(11)))
    throw std::runtime_error("not yet");
  return item;
}

// Python's x * 2.
Value doubled(const Value& item) {
  if (item.is_string()) return item.as_string() + item.as_string();
  if (item.is_int()) return item.as_int() * 2;
  return item.as_double() * 2;
}

// Whether Python takes the value for true.
bool is_true(const Value& value) {
  if (value.is_null()) return false;
  if (value.is_bool()) return value.as_bool();
  if (value.is_number()) return value.as_double() != 0;
  if (value.is_string()) return !value.as_string().empty();
  return value.is_array() ? !value.as_array().empty() : !value.as_object().empty();
}

}  // namespace

struct ScenarioProgram::State {
  DagBag bag;
  std::string dag_id;
  std::map<std::string, TaskGroup> groups;
  std::map<std::string, MappedItem<Value>> items;  // of mapped groups
  std::map<std::string, Output<void>> tasks;
  std::map<std::string, Duration, std::less<>> sleeps;

  void add_groups(Dag& dag, const Value& scenario) {
    groups.emplace("", dag);
    const Value* list = scenario.get("groups");
    if (list == nullptr) return;
    for (const Value& group : list->as_array()) {
      const std::string& id = group.at("id").as_string();
      const std::size_t dot = id.rfind('.');
      TaskGroup& around = groups.at(dot == std::string::npos ? "" : id.substr(0, dot));
      const std::string label = dot == std::string::npos ? id : id.substr(dot + 1);
      if (const Value* over = group.get("map_over")) {
        detail::MappedLists lists;
        const detail::ItemBase item = lists.take(expand(list_of(*over)));
        const TaskGroup made(detail::add_mapped_group(around.node(), label, {}, lists));
        items.emplace(id, MappedItem<Value>({.group = &made.node(), .axis = item.axis, .list = item.list}));
        groups.emplace(id, made);
      } else {
        groups.emplace(id, around.group(label));
      }
    }
  }
  void add_task(const Value& task) {
    const std::string group = task.get_string("group"), label = task.at("id").as_string();
    const std::string id = group.empty() ? label : group + "." + label;
    const Value args = task.get_value("args");
    sleeps[id] = std::chrono::milliseconds(args.get_int("ms"));
    if (const Value* over = task.get("map_over")) {
      tasks.emplace(id, make_mapped(groups.at(group), label, task.at("kind").as_string(), *over, options_of(task), *this));
      return;
    }
    if (args.get_string("item") == "$group") {
      tasks.emplace(id, Output<void>(groups.at(group).task(label, do_item, options_of(task))(items.at(group)).node()));
      return;
    }
    tasks.emplace(id, make(groups.at(group), label, task.at("kind").as_string(), args, options_of(task)));
  }
  // What map_over names: a list, a dict, a task's XCom, which a function may change, or several of these joined.
  [[nodiscard]] List<Value, true> list_of(const Value& over) const {
    using Computed = List<Value, true>;  // of any list: what is expanded here are functions
    if (over.is_array()) return Computed(Value(over));
    for (const char* constant : {"list", "dict"}) {
      if (const Value* value = over.get(constant)) return Computed(*value);
    }
    if (const Value* parts = over.get("concat")) {
      const auto lists = outputs_of(*parts);
      return lists.size() == 3 ? Computed(concat(lists[0], lists[1], lists[2])) : Computed(concat(lists[0], lists[1]));
    }
    if (const Value* parts = over.get("zip")) {
      const auto lists = outputs_of(*parts);
      const auto zipped = zip(lists[0], lists[1]);
      const auto pair = [](const Value& a, const Value& b) -> Value { return Array{a, b}; };
      return over.get("fill") == nullptr ? zipped.map(pair) : zipped.fillvalue(over.at("fill")).map(pair);
    }
    Computed list = output_of(over.at("xcom").as_string(), over.get_string("key", "return_value"));
    const std::string function = over.get_string("map");
    if (function == "double") return list.map([](const Value& item) { return doubled(item); });
    if (function == "skip_odd")
      return list.map([](const Value& item) {
        if (item.as_int() % 2 != 0) skip_task("odd");
        return item;
      });
    return list;
  }
  [[nodiscard]] List<Value, true> output_of(const std::string& task_id, std::string_view key = "return_value") const {
    return List<Value, true>(tasks.at(task_id), key);
  }
  [[nodiscard]] std::vector<List<Value, true>> outputs_of(const Value& task_ids) const {
    std::vector<List<Value, true>> lists;
    for (const Value& task_id : task_ids.as_array()) lists.push_back(output_of(task_id.as_string()));
    return lists;
  }
  static Output<void> make_mapped(TaskGroup& group, const std::string& label, const std::string& kind, const Value& over,
                                  const TaskOptions& options, const State& state) {
    if (const Value* product = over.get("product")) {
      const auto& lists = product->as_object();
      const bool is_reversed = lists.begin()->first == "item2";  // the order of the lists is that of the product
      auto both = group.task(
          label, [is_reversed](const Value& a, const Value& b) -> Value { return is_reversed ? Array{b, a} : Array{a, b}; },
          options);
      return Output<void>(
          both(expand(state.list_of(lists.begin()->second)), expand(state.list_of((lists.begin() + 1)->second))).node());
    }
    const Value* kwargs = over.get("kwargs");
    if (!options.map_index_template.empty() && kwargs == nullptr) {
      return Output<void>(group.partial(label, Echo{}, options).expand(&Echo::item, state.list_of(over)).node());
    }
    auto one = group.task(
        label,
        [by_item = kind == "by_item", is_kwargs = kwargs != nullptr](const Context& context, const Value& item) -> Value {
          if (by_item) return do_item(context, is_kwargs ? item.at("item") : item);
          if (!is_kwargs) return item;
          return item.get("item2") == nullptr ? item.at("item") : Array{item.at("item"), item.at("item2")};
        },
        options);
    if (kwargs != nullptr) return Output<void>(one.expand_kwargs(state.list_of(*kwargs)).node());
    return Output<void>(one(expand(state.list_of(over))).node());
  }
  static Output<void> make(TaskGroup& group, const std::string& label, const std::string& kind, const Value& args,
                           TaskOptions options) {
    if (kind == "noop") return group.empty(label, options);
    if (kind == "push_xcom") {
      return Output<void>(group.task(label, [value = args.get_value("value")] { return value; }, options).node());
    }
    if (kind == "push_by_try") {
      const auto value = [values = args.at("values").as_array()](const Context& context) {
        return values.at(static_cast<std::size_t>(context.try_number() - 1));
      };
      return Output<void>(group.task(label, value, options).node());
    }
    if (kind == "branch") return group.branch(label, [to = texts(args.get("to"))] { return to; }, options);
    if (kind == "short_circuit") {
      if (args.get("ignore_downstream_trigger_rules") != nullptr) {
        options.ignore_downstream_trigger_rules = args.get_bool("ignore_downstream_trigger_rules");
      }
      const auto circuit =
          group.short_circuit(label, [goes_on = is_true(args.get_value("value"))] { return goes_on; }, options);
      return Output<void>(circuit.node());
    }
    return group.task(label, body_of(kind, static_cast<int>(args.get_int("n"))), options);
  }
  [[nodiscard]] Tasks named(const std::string& id) const {
    if (const auto task = tasks.find(id); task != tasks.end()) return task->second;
    return groups.at(id);
  }
  void connect(const Value& task) {
    const std::string group = task.get_string("group"), label = task.at("id").as_string();
    const Output<void>& mine = tasks.at(group.empty() ? label : group + "." + label);
    for (const std::string& id : texts(task.get("up"))) named(id) >> mine;
  }
  void mark(const Value& task) {
    const std::string group = task.get_string("group"), label = task.at("id").as_string();
    const Output<void>& mine = tasks.at(group.empty() ? label : group + "." + label);
    if (task.get_bool("setup")) mine.as_setup();
    if (const Value* setups = task.get("teardown_of")) {
      const TeardownOptions options{.on_failure_fail_dagrun = task.get_bool("on_failure_fail_dagrun")};
      std::vector<TaskRef> list;
      for (const std::string& id : texts(setups)) list.push_back(tasks.at(id));
      mine.as_teardown(list, options);
    }
  }
};

ScenarioProgram::ScenarioProgram(const Value& dag) : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.dag_id = dag.at("dag_id").as_string();
  DagOptions options;
  options.schedule = schedule_of(dag);
  options.start_date = date_of(dag, "start_date");
  options.end_date = date_of(dag, "end_date");
  options.timezone = dag.get_string("timezone");
  options.catchup = dag.get_bool("catchup");
  options.max_active_runs = number_of(dag, "max_active_runs");
  options.max_consecutive_failed_dag_runs = number_of(dag, "max_consecutive_failed_dag_runs");
  options.fail_fast = dag.get_bool("fail_fast");
  options.is_paused_upon_creation = false;
  if (dag.get("dagrun_timeout_s") != nullptr) options.dagrun_timeout = seconds(dag.get_double("dagrun_timeout_s"));
  if (dag.get("max_active_tasks") != nullptr) options.max_active_tasks = static_cast<int>(dag.get_int("max_active_tasks"));
  Dag made = s.bag.add(s.dag_id, options);
  s.add_groups(made, dag);
  for (const Value& task : dag.at("tasks").as_array()) s.add_task(task);
  for (const Value& task : dag.at("tasks").as_array()) s.connect(task);
  if (const Value* groups = dag.get("groups")) {
    for (const Value& group : groups->as_array()) {
      for (const std::string& id : texts(group.get("up"))) s.named(id) >> s.groups.at(group.at("id").as_string());
    }
  }
  // In Airflow an edge of a group becomes edges of its tasks at once, and the recordings told setups and teardowns afterwards.
  detail::DagNode& node = *s.bag.state().dags.front();
  internal::connect_groups(node);
  for (const Value& task : dag.at("tasks").as_array()) s.mark(task);
  internal::check_dag(node);
}
ScenarioProgram::~ScenarioProgram() = default;

std::vector<std::string> ScenarioProgram::mistakes() const {
  return state_->bag.state().dags.front()->mistakes;
}

Value ScenarioProgram::serialized() const {
  return internal::serialize_dag(*state_->bag.state().dags.front(), {.file = "/dags/scenario.cpp", .bundle_path = "/dags"});
}

std::vector<Value> ScenarioProgram::run(std::string_view task_id, int map_index, int try_number, bool should_retry,
                                        const std::vector<std::int64_t>& items,
                                        const std::function<Value(const Value&)>& answers) const {
  internal::TryOptions options;
  options.map_index = map_index;
  options.items = items;
  options.should_retry = should_retry;
  options.try_number = try_number;
  return internal::try_of(state_->bag, state_->dag_id, task_id, options,
                          [&](const Value& request) { return internal::Answer{.body = answers(request), .error = {}}; })
      .requests;
}

Duration ScenarioProgram::sleeps(std::string_view task_id) const {
  const auto found = state_->sleeps.find(task_id);
  return found == state_->sleeps.end() ? Duration{} : found->second;
}

}  // namespace venturi::oracle_tests
