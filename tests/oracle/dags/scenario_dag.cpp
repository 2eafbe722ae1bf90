#include "scenario_dag.h"

#include <venturi/cross_dag.h>
#include <venturi/own_operator.h>
#include <venturi/own_sensor.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include "scenario_options.h"
#include "scenario_tasks.h"
using namespace venturi;

namespace oracle {
namespace {

using Computed = List<Value, true>;  // of any list: constants, XComs, what functions give
using Item = MappedItem<Value>;

std::string full_id(const Value& task) {
  const std::string group = task.get_string("group");
  return group.empty() ? task.at("id").as_string() : group + "." + task.at("id").as_string();
}

class Maker {
 public:
  Maker(const Value& description, Dag dag, std::string state_folder, bool sleeps)
      : description_(description), dag_(dag), state_folder_(std::move(state_folder)), sleeps_(sleeps) {}

  void make() {
    make_level("", dag_, nullptr);
    for (const Value& task : tasks()) connect(task.get("up"), {full_id(task)});
    for (const auto& [id, group] : described_groups()) connect(group.get("up"), firsts_of(id));
    for (const Value& task : tasks()) {
      if (task.get_bool("setup")) Output<void>(made(full_id(task)).node()).as_setup();
    }
    for (const Value& task : tasks()) {
      if (const Value* setups = task.get("teardown_of")) make_teardown(full_id(task), *setups, task);
    }
  }

 private:
  [[nodiscard]] const Array& tasks() const { return description_.at("tasks").as_array(); }
  [[nodiscard]] std::vector<std::pair<std::string, Value>> described_groups() const {
    std::vector<std::pair<std::string, Value>> groups;
    if (const Value* list = description_.get("groups")) {
      for (const Value& group : list->as_array()) groups.emplace_back(group.at("id").as_string(), group);
    }
    return groups;
  }
  [[nodiscard]] Value described_group(const std::string& id) const {
    for (const auto& [name, group] : described_groups()) {
      if (name == id) return group;
    }
    return Object{{"id", id}};
  }
  [[nodiscard]] const TaskRef& made(const std::string& id) const {
    const auto task = made_.find(id);
    if (task == made_.end()) throw std::runtime_error("there is no task " + id + " before the one that names it");
    return task->second;
  }

  // ---- groups ------------------------------------------------------------------------------------------------------------

  // What lies in a group ("": the DAG). A group within is made where its first task stands, so that a mapped one may use the
  // XCom of whatever stands before it.
  void make_level(const std::string& path, TaskGroup& group, const Item* item) {
    const std::string prefix = path.empty() ? "" : path + ".";
    std::set<std::string> done;
    for (const Value& task : tasks()) {
      const std::string inside = task.get_string("group");
      if (inside == path) {
        make_task(task, group, item);
      } else if ((inside + ".").starts_with(prefix)) {
        const std::string child = prefix + inside.substr(prefix.size(), inside.find('.', prefix.size()) - prefix.size());
        if (done.insert(child).second) make_group(described_group(child), child, group, item);
      }
    }
  }
  void make_group(const Value& described, const std::string& id, TaskGroup& around, const Item* item) {
    const std::string label = id.substr(id.rfind('.') + 1);  // npos + 1: the whole
    if (const Value* over = described.get("map_over")) {
      const auto body = [this, id](TaskGroup& group, const Item& own) { make_level(id, group, &own); };
      around.expand_group(label, body)(list_of(*over));
      return;
    }
    TaskGroupOptions options;
    if (const Value* defaults = described.get("default_args")) options.default_args = task_options(*defaults, state_folder_);
    TaskGroup group = around.group(label, options);
    make_level(id, group, item);
  }

  // ---- lists to map over -------------------------------------------------------------------------------------------------

  [[nodiscard]] Computed output_of(const std::string& task_id, std::string_view key = "return_value") const {
    return Computed(made(task_id), key);
  }
  [[nodiscard]] std::vector<Computed> outputs_of(const Value& task_ids) const {
    std::vector<Computed> lists;
    for (const Value& task_id : task_ids.as_array()) lists.push_back(output_of(task_id.as_string()));
    return lists;
  }
  [[nodiscard]] Computed zipped(const Value& over) const {
    const std::vector<Computed> lists = outputs_of(over.at("zip"));
    const Value fill = over.get_value("fill");
    const bool fills = over.is_object() && over.as_object().contains("fill");
    if (lists.size() == 2) {
      const auto both = zip(lists[0], lists[1]);
      const auto pair = [](const Value& a, const Value& b) -> Value { return Array{a, b}; };
      return fills ? both.fillvalue(fill).map(pair) : both.map(pair);
    }
    if (lists.size() != 3) throw std::runtime_error("zip of " + std::to_string(lists.size()) + " lists");
    const auto all = zip(lists[0], lists[1], lists[2]);
    const auto triple = [](const Value& a, const Value& b, const Value& c) -> Value { return Array{a, b, c}; };
    return fills ? all.fillvalue(fill).map(triple) : all.map(triple);
  }
  [[nodiscard]] Computed concatenated(const Value& task_ids) const {
    const std::vector<Computed> lists = outputs_of(task_ids);
    Computed all = lists.at(0);
    for (std::size_t i = 1; i < lists.size(); ++i) all = concat(all, lists[i]);
    return all;
  }
  [[nodiscard]] Computed list_of(const Value& over) const {
    if (!over.is_object()) return Computed(over);
    if (const Value* list = over.get("list")) return Computed(*list);
    if (const Value* dict = over.get("dict")) return Computed(*dict);
    if (over.get("zip") != nullptr) return zipped(over);
    if (const Value* parts = over.get("concat")) return concatenated(*parts);
    Computed list = output_of(over.at("xcom").as_string(), key_of(over));
    const std::string function = over.get_string("map");
    if (function == "double") return list.map<doubled>();
    if (function == "skip_odd") return list.map<without_odd>();
    return list;
  }
  static std::string key_of(const Value& over) {
    const std::string key = over.get_string("key");
    return key.empty() ? "return_value" : key;
  }

  // ---- tasks -------------------------------------------------------------------------------------------------------------

  void make_task(const Value& task, TaskGroup& group, const Item* item) {
    made_.emplace(full_id(task), added(task, group, item));
    order_.push_back(full_id(task));
    for (const std::string& source : sources_of(task)) edges_.emplace_back(source, full_id(task));
  }
  // The tasks whose XComs it takes, which it runs after.
  static std::vector<std::string> sources_of(const Value& task) {
    std::vector<std::string> ids;
    const auto look = [&ids](const Value& at, const auto& again) -> void {
      if (!at.is_object()) return;
      for (const char* key : {"xcom", "zip", "concat"}) {
        for (const std::string& id : ids_of(at.get_value(key))) ids.push_back(id);
      }
      for (const char* key : {"kwargs", "product", "item", "item2", "text"}) again(at.get_value(key), again);
    };
    look(task.get_value("map_over"), look);
    look(task.get_value("args"), look);
    return ids;
  }
  [[nodiscard]] TaskRef added(const Value& task, TaskGroup& group, const Item* item) {
    const std::string label = task.at("id").as_string(), kind = task.at("kind").as_string();
    const Value args = task.get_value("args");
    TaskOptions options = task_options(task, state_folder_);
    // As in Airflow, one with callbacks runs as any other task.
    if (kind == "noop" && task.get("callbacks") == nullptr) return group.empty(label, options);
    if (kind == "branch") return branch(group, label, args, item, options);
    if (kind == "short_circuit") {
      take_rule(options, args);
      return TaskRef(group.short_circuit(label, [value = args.get_value("value")] { return value; }, options).node());
    }
    if (kind == "sensor_after_n_pokes" || kind == "sensor_timeout") {
      const auto sensor = [args, folder = state_folder_](const Context& context) { return poke(context, args, folder); };
      return TaskRef(group.sensor(label, sensor, sensor_options(args), options).node());
    }
    if (kind == "trigger_dagrun") return trigger(group, label, args, task.get("map_over"), options);
    if (const Value* over = task.get("map_over")) return mapped(group, label, kind, args, *over, options);
    return TaskRef(group.add(label, one(kind, args, item), options).node());
  }
  static void take_rule(TaskOptions& options, const Value& args) {
    if (args.get("ignore_downstream_trigger_rules") != nullptr)
      options.ignore_downstream_trigger_rules = args.get_bool("ignore_downstream_trigger_rules");
  }
  // `args.item`: a constant, the XCom of a task, or the item of the mapped group around.
  [[nodiscard]] Field<Value> item_of(const Value& args, const Item* item) const {
    const Value given = args.get_value("item");
    if (given.is_string() && given.as_string() == "$group") {
      if (item == nullptr) throw std::runtime_error("$group stands in no mapped group");
      return *item;
    }
    if (given.get("xcom") != nullptr) return Output<Value>(made(given.get_string("xcom")).node());
    return {};  // as in Airflow's own program, a constant alone is no item
  }
  [[nodiscard]] ScenarioTask one(const std::string& kind, const Value& args, const Item* item) const {
    Field<Value> text;
    return {.kind = kind,
            .args = args,
            .item = item_of(args, item),
            .text = args.get("text") != nullptr ? Field<Value>(args.at("text")) : Field<Value>(),
            .sleeps = sleeps_};
  }
  [[nodiscard]] TaskRef branch(TaskGroup& group, const std::string& label, const Value& args, const Item* item,
                               const TaskOptions& options) const {
    if (!args.get_bool("to_item")) {
      return group.branch(label, [to = ids_of(args.get_value("to"))] { return to; }, options);
    }
    const auto choose = group.branch(label, [](const Value& choice) { return ids_of(choice); }, options);
    const Value given = args.get_value("item");
    if (given.get("xcom") != nullptr) return choose(Output<Value>(made(given.get_string("xcom")).node()));
    if (item == nullptr) throw std::runtime_error("a branch to its item has none");
    return choose(*item);
  }
  [[nodiscard]] static TriggerDagRunOperator trigger_of(const std::string& label, const Value& args) {
    const auto text = [&](const char* key) {
      return args.get(key) == nullptr ? Field<std::string>() : Field<std::string>(args.get_string(key));
    };
    const auto flag = [&](const char* key) {
      return args.get(key) == nullptr ? Field<bool>() : Field<bool>(args.get_bool(key));
    };
    const auto words = [&](const char* key) {
      return args.get(key) == nullptr ? Field<std::vector<std::string>>()
                                      : Field<std::vector<std::string>>(ids_of(args.at(key)));
    };
    return {.task_id = label,
            .trigger_dag_id = text("dag"),
            .trigger_run_id = text("trigger_run_id"),
            .conf = args.get("conf") == nullptr ? Field<Value>() : Field<Value>(args.at("conf")),
            .logical_date = text("logical_date"),
            .reset_dag_run = flag("reset_dag_run"),
            .wait_for_completion = flag("wait_for_completion"),
            .poke_interval = seconds(args.get_double("poke_interval", 1)),
            .allowed_states = words("allowed_states"),
            .failed_states = words("failed_states"),
            .skip_when_already_exists = flag("skip_when_already_exists"),
            .fail_when_dag_is_paused = flag("fail_when_dag_is_paused")};
  }
  [[nodiscard]] static TaskRef trigger(TaskGroup& group, const std::string& label, const Value& args, const Value* over,
                                       const TaskOptions& options) {
    const TriggerDagRunOperator op = trigger_of(label, args);
    if (over == nullptr) return TaskRef(group.add(op, options).node());
    return TaskRef(group.partial(op, options).expand_kwargs(List<Value>(over->at("kwargs"))).node());
  }

  using Place = Field<Value> ScenarioTask::*;
  static Place place_of(const std::string& field) {
    if (field == "item") return &ScenarioTask::item;
    if (field == "item2") return &ScenarioTask::item2;
    if (field == "text") return &ScenarioTask::text;
    throw std::runtime_error("a task cannot be mapped over its " + field);
  }
  [[nodiscard]] TaskRef mapped(TaskGroup& group, const std::string& label, const std::string& kind, const Value& args,
                               const Value& over, const TaskOptions& options) const {
    const auto partial = group.partial(label, one(kind, args, nullptr), options);
    if (const Value* kwargs = over.get("kwargs")) return TaskRef(partial.expand_kwargs(list_of(*kwargs)).node());
    const Value* product = over.get("product");
    if (product == nullptr) return TaskRef(partial.expand(&ScenarioTask::item, list_of(over)).node());
    std::vector<std::pair<Place, Computed>> lists;  // their order is that of the product
    for (const auto& [field, list] : product->as_object()) lists.emplace_back(place_of(field), list_of(list));
    if (lists.size() == 1) return TaskRef(partial.expand(lists[0].first, lists[0].second).node());
    if (lists.size() != 2) throw std::runtime_error("a product of " + std::to_string(lists.size()) + " lists");
    return TaskRef(partial.expand(lists[0].first, lists[0].second, lists[1].first, lists[1].second).node());
  }

  // ---- order -------------------------------------------------------------------------------------------------------------

  // As in Airflow an edge of a group becomes edges of its first or last tasks at once, by what was connected until then, and
  // before it is known which tasks are setups and teardowns.
  [[nodiscard]] std::vector<std::string> inside(const std::string& group) const {
    std::vector<std::string> ids;
    for (const std::string& id : order_) {
      if (id.starts_with(group + ".")) ids.push_back(id);
    }
    if (ids.empty()) throw std::runtime_error("there is no task or group " + group);
    return ids;
  }
  [[nodiscard]] std::vector<std::string> firsts_of(const std::string& group) const {
    std::vector<std::string> ids = inside(group);
    const std::set<std::string> all(ids.begin(), ids.end());
    std::erase_if(ids, [&](const std::string& id) {
      return std::ranges::any_of(edges_, [&](const auto& edge) { return edge.second == id && all.contains(edge.first); });
    });
    return ids;
  }
  [[nodiscard]] std::vector<std::string> lasts_of(const std::string& group) const {
    std::vector<std::string> ids = inside(group);
    const std::set<std::string> all(ids.begin(), ids.end());
    std::erase_if(ids, [&](const std::string& id) {
      return std::ranges::any_of(edges_, [&](const auto& edge) { return edge.first == id && all.contains(edge.second); });
    });
    return ids;
  }
  void connect(const Value* upstream, const std::vector<std::string>& below) {
    if (upstream == nullptr) return;
    for (const std::string& up : ids_of(*upstream)) {
      const std::vector<std::string> before = made_.contains(up) ? std::vector<std::string>{up} : lasts_of(up);
      for (const std::string& from : before) {
        for (const std::string& to : below) {
          made(from) >> made(to);
          edges_.emplace_back(from, to);
        }
      }
    }
  }
  void make_teardown(const std::string& id, const Value& setups, const Value& task) const {
    const TeardownOptions options{.on_failure_fail_dagrun = task.get_bool("on_failure_fail_dagrun")};
    std::vector<TaskRef> list;
    for (const std::string& setup : ids_of(setups)) list.push_back(made(setup));
    const Output<void> teardown(made(id).node());
    if (list.empty())
      teardown.as_teardown(options);
    else
      teardown.as_teardown(list, options);
  }

  const Value& description_;
  Dag dag_;
  std::string state_folder_;
  bool sleeps_;
  std::map<std::string, TaskRef> made_;
  std::vector<std::string> order_;  // of their making
  std::vector<std::pair<std::string, std::string>> edges_;
};

}  // namespace

void add_dag(DagBag& bag, const Value& description, const std::string& state_folder, bool sleeps) {
  const DagOptions options = dag_options(description, state_folder);
  Maker(description, bag.add(description.at("dag_id").as_string(), options), state_folder, sleeps).make();
}

}  // namespace oracle
