// read_serialized_dag: from {"__version": 3, "client_defaults": {"tasks": {...}}, "dag": {..., "tasks": [{"__type": "operator",
// "__var": {...}}, ...]}}. A member of an operator is looked for in
//
//   "partial_kwargs" of a mapped one  →  the operator itself  →  the DAG's client_defaults  →  the defaults of dag_operator.cpp
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <map>

#include "base/edit_distance.h"
#include "model/dag.h"
#include "model/dag_deadlines.h"
#include "model/dag_fields.h"
#include "model/dag_graph.h"
#include "model/dag_operator.h"
#include "model/params.h"

namespace venturi {
namespace {

constexpr std::int64_t format_version = 3;
constexpr int largest = std::numeric_limits<std::int32_t>::max();
constexpr const char* rebuild = "build the DAG program with the SDK of this Venturi";

std::string id_rule(std::string_view what) {
  return fmt::format("a {} is made of 1 to 250 letters, digits, dashes, dots and underscores", what);
}

class DagReader {
 public:
  explicit DagReader(const Value& serialized) : serialized_(serialized) {}

  Result<Dag> read() {
    Result<void> done = open();
    if (done) done = read_attributes();
    if (done) done = read_tasks();
    if (done) done = read_mapped_groups(members_->find("task_group"), {});
    if (done) done = connect_tasks();
    if (!done) return std::unexpected(std::move(done.error()));
    apply_weight_rules(dag_.tasks, weight_rules_);
    apply_setups(dag_.tasks);
    apply_mapping(dag_.tasks);
    apply_edge_sets(dag_);
    dag_.serialized = serialized_;
    if (auto fit = check_params(dag_); !fit) return std::unexpected(std::move(fit.error()));
    return std::move(dag_);
  }

 private:
  [[nodiscard]] std::unexpected<Error> refuse(std::string what, std::string where, std::string hint) const {
    return fail(ErrorKind::invalid, std::move(what), std::move(where), std::move(hint));
  }
  [[nodiscard]] std::string where() const { return "dag " + dag_.dag_id; }
  [[nodiscard]] std::string where(std::string_view task_id) const {
    return fmt::format("dag {}, task {}", dag_.dag_id, task_id);
  }

  Result<void> open() {
    if (!serialized_.is_object()) return refuse("no serialized DAG: it has to be an object", {}, rebuild);
    const Value* version = serialized_.get("__version");
    if (version == nullptr || !version->is_int() || version->as_int() != format_version) {
      return refuse(fmt::format("the serialized DAG has format version {}, and only {} is known",
                                version == nullptr ? "none" : to_json(*version), format_version),
                    {}, rebuild);
    }
    const Value* dag = serialized_.get("dag");
    if (dag == nullptr || !dag->is_object()) return refuse("the serialized DAG has no object \"dag\"", {}, rebuild);
    members_ = &dag->as_object();
    if (const Value* defaults = serialized_.get("client_defaults"); defaults != nullptr) {
      const Value* tasks = defaults->get("tasks");
      if (tasks != nullptr && tasks->is_object()) task_defaults_ = &tasks->as_object();
    }
    const Value* dag_id = dag->get("dag_id");
    if (dag_id == nullptr || !dag_id->is_string()) return refuse("a DAG without dag_id", {}, "give it one");
    if (!is_valid_id(dag_id->as_string())) {
      return refuse("the dag_id " + to_json(*dag_id) + " is not allowed", {}, id_rule("dag_id"));
    }
    dag_.dag_id = dag_id->as_string();
    return {};
  }

  Result<void> read_attributes() {
    Fields fields(where(), {members_});
    if (const Value* timetable = members_->find("timetable"); timetable != nullptr && !timetable->is_null()) {
      dag_.timetable = *timetable;
    } else {
      dag_.timetable = Object{{"__type", "airflow.timetables.simple.NullTimetable"}, {"__var", Object{}}};
    }
    if (const Value* zone = fields.find("timezone"); zone != nullptr && zone->is_int()) {
      dag_.timezone = std::to_string(zone->as_int());  // a fixed offset in seconds
    } else {
      dag_.timezone = fields.string("timezone", "UTC");
    }
    dag_.start_date = fields.time("start_date");
    dag_.end_date = fields.time("end_date");
    dag_.catchup = fields.boolean("catchup", false);
    const auto limit = [&fields](const char* name) -> std::optional<int> {
      if (fields.find(name) == nullptr) return std::nullopt;
      return static_cast<int>(fields.integer(name, 1, 1, largest));
    };
    dag_.max_active_runs = limit("max_active_runs");
    dag_.max_active_tasks = limit("max_active_tasks");
    // Airflow's 0 is "as configured".
    const auto failed_runs = fields.integer("max_consecutive_failed_dag_runs", 0, 0, largest);
    if (failed_runs > 0) dag_.max_consecutive_failed_dag_runs = static_cast<int>(failed_runs);
    dag_.fail_fast = fields.boolean("fail_fast", false);
    dag_.is_paused_upon_creation = fields.boolean("is_paused_upon_creation");
    dag_.rerun_with_latest_version = fields.boolean("rerun_with_latest_version");
    dag_.dagrun_timeout = fields.duration("dagrun_timeout");
    dag_.tags = fields.strings("tags");
    dag_.template_searchpath = fields.strings("template_searchpath");
    dag_.description = fields.string("description");
    dag_.callbacks = read_callbacks(fields);
    dag_.deadlines = read_deadlines(fields);
    if (fields.error()) return std::unexpected(*fields.error());
    return {};
  }

  Result<void> read_tasks() {
    const Value* list = members_->find("tasks");
    if (list == nullptr || !list->is_array()) {
      return refuse("it has no list \"tasks\"", where(), rebuild);
    }
    for (const Value& item : list->as_array()) {
      const Value& serialized = unwrapped(item);
      const Value* id = serialized.get("task_id");
      const std::string number = fmt::format("task number {}", declared_.size() + 1);
      if (item.get_string("__type") != "operator" || !serialized.is_object()) {
        return refuse(number + " is no serialized operator", where(), rebuild);
      }
      if (id == nullptr || !id->is_string()) return refuse(number + " has no task_id", where(), "give it one");
      if (!is_valid_id(id->as_string())) {
        return refuse("the task_id " + to_json(*id) + " is not allowed", where(), id_rule("task_id"));
      }
      if (auto read = read_operator(id->as_string(), serialized); !read) return read;
    }
    return {};
  }

  Result<void> read_operator(const std::string& task_id, const Value& serialized) {
    if (!positions_.emplace(task_id, static_cast<TaskIndex>(declared_.size())).second) {
      return refuse("two tasks have the task_id " + task_id, where(), "give each task of a DAG an id of its own");
    }
    std::vector<const Object*> layers;
    if (const Value* partial = serialized.get("partial_kwargs"); partial != nullptr && unwrapped(*partial).is_object()) {
      layers.push_back(&unwrapped(*partial).as_object());
    }
    layers.push_back(&serialized.as_object());
    if (task_defaults_ != nullptr) layers.push_back(task_defaults_);
    Fields fields(where(task_id), std::move(layers));
    Task& task = declared_.emplace_back(read_operator_members(fields, task_id, serialized)).task;
    // As in Airflow, a task starts no earlier than its DAG and ends no later.
    if (dag_.start_date) task.start_date = std::max(task.start_date.value_or(*dag_.start_date), *dag_.start_date);
    if (dag_.end_date) task.end_date = std::min(task.end_date.value_or(*dag_.end_date), *dag_.end_date);
    if (fields.error()) return std::unexpected(*fields.error());
    return {};
  }

  [[nodiscard]] std::string nearest_id(std::string_view id) const {
    const auto near =
        std::ranges::min_element(declared_, {}, [&](const DeclaredTask& d) { return edit_distance(id, d.task.task_id); });
    return near->task.task_id;
  }

  // Puts the tasks into their order and turns names into indices.
  Result<void> connect_tasks() {
    std::vector<std::vector<TaskIndex>> downstream(declared_.size());
    for (std::size_t i = 0; i < declared_.size(); ++i) {
      for (const std::string& id : declared_[i].downstream) {
        const auto found = positions_.find(id);
        if (found == positions_.end()) {
          return refuse("its downstream task " + to_json(id) + " does not exist", where(declared_[i].task.task_id),
                        "declare it, or correct the dependency; the nearest task_id is " + nearest_id(id));
        }
        downstream[i].push_back(found->second);
      }
      std::ranges::sort(downstream[i]);
      const auto doubles = std::ranges::unique(downstream[i]);
      downstream[i].erase(doubles.begin(), doubles.end());
    }
    const TopologicalOrder sorted = order_tasks(downstream);
    if (!sorted.cycle.empty()) return refuse_cycle(sorted.cycle);

    std::vector<TaskIndex> place(declared_.size());  // from the position of the declaration
    for (TaskIndex i = 0; i < sorted.order.size(); ++i) place[sorted.order[i]] = i;
    for (const TaskIndex position : sorted.order) {
      Task& task = dag_.tasks.emplace_back(std::move(declared_[position].task));
      weight_rules_.push_back(declared_[position].weight_rule);
      std::vector<TaskIndex> all;
      for (const TaskIndex below : downstream[position]) all.push_back(place[below]);
      std::ranges::sort(all);
      task.downstream = TaskList(std::move(all));
    }
    for (TaskIndex position = 0; position < declared_.size(); ++position) {
      Task& task = dag_.tasks[place[position]];
      for (const DeclaredTask::List& list : declared_[position].mapped_over) {
        auto found = find_list(position, list, place, downstream);
        if (!found) return std::unexpected(std::move(found.error()));
        task.mapped_over.push_back(std::move(*found));
      }
    }
    for (TaskIndex i = 0; i < dag_.tasks.size(); ++i) {
      for (const TaskIndex below : dag_.tasks[i].downstream) dag_.tasks[below].upstream.push_back(i);
    }
    for (const auto& [id, position] : positions_) dag_.by_task_id.push_back(place[position]);
    for (const Task& task : dag_.tasks) {
      if (std::ranges::find(owners_, task.owner) == owners_.end()) owners_.push_back(task.owner);
    }
    dag_.owner = fmt::format("{}", fmt::join(owners_, ", "));
    return {};
  }

  // Turns a list's name into its task, and has the task's XCom measured.
  Result<MappedList> find_list(TaskIndex position, const DeclaredTask::List& list, const std::vector<TaskIndex>& place,
                               const std::vector<std::vector<TaskIndex>>& downstream) {
    const Task& task = dag_.tasks[place[position]];
    MappedList read{.length = list.length, .join = list.join};
    if (!list.task_id.empty()) {
      const auto found = positions_.find(list.task_id);
      // A group's lists are above its first tasks; those behind them need not name them.
      const bool is_above =
          found != positions_.end() &&
          (task.mapped_group || std::ranges::find(downstream[found->second], position) != downstream[found->second].end());
      if (!is_above) {
        return refuse("it is mapped over the XCom of " + to_json(list.task_id) + ", which is not directly above it",
                      where(task.task_id), rebuild);
      }
      Task& source = dag_.tasks[place[found->second]];
      if (source.is_in_group_of(task)) {
        return refuse("its task group is mapped over the XCom of " + to_json(list.task_id) + ", which is within it",
                      where(task.task_id), "map the group over what a task above it gives");
      }
      read.task = place[found->second];
      read.key = list.key;
      if (std::ranges::find(source.mapped_keys, list.key) == source.mapped_keys.end()) source.mapped_keys.push_back(list.key);
    }
    for (const DeclaredTask::List& part : list.parts) {
      auto next = find_list(position, part, place, downstream);
      if (!next) return next;
      read.parts.push_back(std::move(*next));
    }
    return read;
  }

  // "task_group": {"children": {id: ["operator", id] | ["taskgroup", {...}]}, "is_mapped": true, "expand_input": {...}}
  Result<void> read_mapped_groups(const Value* group, std::optional<std::uint32_t> around) {
    if (group == nullptr || !group->is_object()) return {};
    if (group->get_bool("is_mapped")) {
      const std::string here = where() + ", task group " + group->get_string("_group_id");
      if (around) {
        return refuse("a mapped task group within a mapped one is not supported", here,
                      "map the outer one over all combinations: expand() takes several lists");
      }
      Fields fields(here, {&group->as_object()});
      around = static_cast<std::uint32_t>(mapped_groups_.size());
      read_expand_input(fields, group->get("expand_input"), mapped_groups_.emplace_back());
      if (fields.error()) return std::unexpected(*fields.error());
      dag_.mapped_groups.push_back(*group->get("expand_input"));
    }
    const Value* children = group->get("children");
    if (children == nullptr || !unwrapped(*children).is_object()) return {};
    for (const auto& [id, child] : unwrapped(*children).as_object()) {
      if (!child.is_array() || child.as_array().size() != 2) continue;
      Result<void> done;
      if (child.as_array()[0] == Value("taskgroup"))
        done = read_mapped_groups(&unwrapped(child.as_array()[1]), around);
      else if (around && child.as_array()[1].is_string())
        done = put_into_group(child.as_array()[1].as_string(), *around);
      if (!done) return done;
    }
    return {};
  }

  // The rules are Airflow's.
  Result<void> put_into_group(const std::string& task_id, std::uint32_t group) {
    const auto found = positions_.find(task_id);
    if (found == positions_.end()) return {};
    DeclaredTask& declared = declared_[found->second];
    if (!declared.mapped_over.empty()) {
      return refuse("a mapped task in a mapped task group is not supported", where(task_id),
                    "take one of the two expand() away, or map the group over all combinations");
    }
    if (declared.task.trigger_rule == TriggerRule::always) {
      return refuse("trigger_rule always is not allowed in a mapped task group", where(task_id),
                    "its tasks cannot run before it is known how many there are: take another rule, such as all_done");
    }
    declared.task.mapped_group = group;
    declared.mapped_over = mapped_groups_[group];
    return {};
  }

  [[nodiscard]] std::unexpected<Error> refuse_cycle(const std::vector<TaskIndex>& cycle) const {
    constexpr std::size_t shown = 20;
    std::string path;
    for (std::size_t i = 0; i < std::min(cycle.size(), shown); ++i) path += declared_[cycle[i]].task.task_id + " -> ";
    if (cycle.size() > shown) path += fmt::format("... ({} more) -> ", cycle.size() - shown);
    return refuse("its tasks form a cycle: " + path + declared_[cycle.front()].task.task_id, where(),
                  "take one of these dependencies away");
  }

  const Value& serialized_;
  const Object* members_ = nullptr;
  const Object* task_defaults_ = nullptr;
  Dag dag_;
  std::vector<DeclaredTask> declared_;
  std::vector<std::vector<DeclaredTask::List>> mapped_groups_;
  std::map<std::string, TaskIndex, std::less<>> positions_;
  std::vector<WeightRule> weight_rules_;
  std::vector<std::string> owners_;
};

}  // namespace

Result<Dag> read_serialized_dag(const Value& serialized) {
  return DagReader(serialized).read();
}

}  // namespace venturi
