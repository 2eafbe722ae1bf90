// What refers to names: order, arguments with what other tasks give, lists that tasks and groups are mapped over.
#include <fmt/format.h>

#include <algorithm>

#include "lanes/yaml/dag_builder.h"
#include "sdk/encode.h"

namespace venturi::lanes::yaml {
namespace {

constexpr std::string_view return_value = "return_value";
constexpr std::string_view sensor_modes[] = {"poke", "reschedule"};
// To find the nearest name takes time in proportion to their number.
constexpr std::size_t most_hints = 50;

}  // namespace

// ---- order ---------------------------------------------------------------------------------------------------------------

// A name counts within its group first, then in those around it; a whole id counts everywhere.
std::optional<detail::Step> DagBuilder::resolve(const Group* group, std::string_view name, YamlMark mark) {
  const auto step_of = [&](const std::string& id) -> std::optional<detail::Step> {
    if (const auto task = tasks_by_id_.find(id); task != tasks_by_id_.end()) return detail::Step(TaskRef(*task->second->node));
    if (const auto found = groups_by_id_.find(id); found != groups_by_id_.end())
      return detail::Step(TaskGroup(*found->second->node));
    return std::nullopt;
  };
  for (const Group* around = group; around != nullptr; around = around->around) {
    if (auto step = step_of(around->node->child_id(name))) return step;
  }
  if (auto step = step_of(std::string(name))) return step;
  std::vector<std::string> names;
  if (problems_.count() > most_hints)
    return problems_.add(mark, "there is no task or task group " + quoted(name)), std::nullopt;
  for (const auto& [id, task] : tasks_by_id_) names.push_back(task->group == group ? task->node->label : id);
  for (const auto& [id, known] : groups_by_id_) names.push_back(id);
  problems_.add(mark, "there is no task or task group " + quoted(name), did_you_mean(name, names));
  return std::nullopt;
}

detail::TaskNode* DagBuilder::resolve_task(const Group* group, std::string_view name, YamlMark mark) {
  const auto step = resolve(group, name, mark);
  if (!step) return nullptr;
  if (step->task() == nullptr)
    problems_.add(mark, quoted(name) + " is a task group, and gives nothing", "name one of its tasks");
  return step->task();
}

void DagBuilder::add_edges(const detail::Step& step, const Group* group, const YamlNode& node) {
  for (const bool is_before : {true, false}) {
    const std::string_view word = is_before ? "upstream" : "downstream";
    const YamlNode* names = node.find(word);
    if (names == nullptr || names->is_null()) continue;
    for (const auto& name : values_.texts({word, *names}).value_or(std::vector<Values::Text>{})) {
      const auto other = resolve(group, name.text, name.mark);
      if (!other) continue;
      if (is_before)
        detail::add_edge(*other, step);
      else
        detail::add_edge(step, *other);
    }
  }
}

void DagBuilder::connect(Group& group) {
  if (group.around == nullptr) return;
  add_edges(detail::Step(TaskGroup(*group.node)), group.around, *group.yaml);
  if (const YamlNode* lists = group.yaml->find("expand"); lists != nullptr && !lists->is_null()) expand_group(group, *lists);
}

void DagBuilder::connect(Task& task) {
  add_edges(detail::Step(TaskRef(*task.node)), task.group, *task.yaml);
  if (task.op != nullptr) read_arguments(task);
  const YamlNode& yaml = *task.yaml;
  if (const YamlNode* setup = yaml.find("as_setup"); setup != nullptr && values_.flag({"as_setup", *setup}).value_or(false))
    detail::make_setup(*task.node);
  if (const YamlNode* teardown = yaml.find("as_teardown"); teardown != nullptr && !teardown->is_null())
    make_teardown(task, *teardown);
}

// true, the names of its setups, or {setups: ..., on_failure_fail_dagrun: ...}.
void DagBuilder::make_teardown(Task& task, const YamlNode& node) {
  TeardownOptions options;
  const YamlNode* setups = nullptr;
  if (node.is_mapping()) {
    for (const auto& [key, member] : node.members) {
      if (key->text == "setups") {
        setups = member;
      } else if (key->text == "on_failure_fail_dagrun") {
        options.on_failure_fail_dagrun = values_.flag({key->text, *member}).value_or(false);
      } else {
        options_.unknown_key(*key, "as_teardown", std::vector<std::string>{"setups", "on_failure_fail_dagrun"});
      }
    }
  } else if (node.value.is_bool()) {
    if (!node.value.as_bool()) return;
  } else {
    setups = &node;
  }
  detail::make_teardown(*task.node, nullptr, options);
  if (setups == nullptr || setups->is_null()) return;
  for (const auto& name : values_.texts({"setups", *setups}).value_or(std::vector<Values::Text>{})) {
    detail::TaskNode* setup = resolve_task(task.group, name.text, name.mark);
    if (setup == nullptr) continue;
    detail::make_setup(*setup);
    detail::add_edge(*setup, *task.node);
  }
}

// What it can choose has to stand directly below it.
void DagBuilder::check_choices(const Task& task) {
  if (task.op == nullptr || !task.op->branches) return;
  const auto is_below = [&](const std::string& id) {
    return std::ranges::any_of(task.node->downstream, [&](const detail::TaskNode* below) { return below->task_id == id; });
  };
  for (const auto& [key, member] : task.yaml->members) {
    if (!key->text.starts_with("follow_task_ids_")) continue;
    const Values::Text one{member->text, member->mark};
    std::vector<Values::Text> ids;
    if (member->is_sequence()) {
      for (const YamlNode* item : member->items) ids.push_back({item->text, item->mark});
    } else if (member->value.is_string()) {
      ids.push_back(one);
    }
    for (const auto& id : ids) {
      if (is_below(id.text)) continue;
      std::vector<std::string> names;
      for (const detail::TaskNode* below : task.node->downstream) names.push_back(below->task_id);
      problems_.add(id.mark, quoted(id.text) + " is not directly below this branch",
                    names.empty() ? "write `upstream: " + task.node->label + "` in it" : did_you_mean(id.text, names));
    }
  }
}

// ---- arguments -----------------------------------------------------------------------------------------------------------

void DagBuilder::read_arguments(Task& task) {
  ArgumentReader reader(problems_, [this, &task](const YamlNode& node) { return reference(task, node); });
  const YamlNode& yaml = *task.yaml;
  for (const auto& [key, member] : yaml.members) {
    if (find_key(task_keys(), key->text) == nullptr) read_argument(task, reader, *key, *member);
  }
  if (const YamlNode* partial = yaml.find("partial"); partial != nullptr && !partial->is_null()) {
    if (!partial->is_mapping()) values_.refuse({"partial", *partial}, "a mapping of arguments");
    for (const auto& [key, member] : partial->members) read_argument(task, reader, *key, *member);
  }
  if (const YamlNode* expand = yaml.find("expand"); expand != nullptr && !expand->is_null()) expand_task(task, *expand);
  if (const YamlNode* kwargs = yaml.find("expand_kwargs"); kwargs != nullptr && !kwargs->is_null())
    expand_kwargs(task, *kwargs);
  add_default_arguments(task, reader);
  // Times of day are those of the DAG's zone, as in C++.
  if (const std::string& zone = dag_->options.timezone;
      !zone.empty() && find_argument(*task.op, "timezone") != nullptr && !task.node->fields.contains("timezone"))
    task.node->fields.add("timezone", zone);
  check_required(task);
}

void DagBuilder::read_argument(Task& task, ArgumentReader& reader, const YamlNode& key, const YamlNode& node) {
  const catalog::ArgumentInfo* argument = find_argument(*task.op, key.text);
  if (argument == nullptr) {
    if (find_key(option_keys(), key.text) != nullptr) return;  // read as an option
    std::vector<std::string> names;
    for (const catalog::ArgumentInfo& known : task.op->arguments) names.emplace_back(known.name);
    add_names(names, task_keys());
    add_names(names, option_keys());
    return options_.unknown_key(key, task.op->task_type, names);
  }
  if (task.node->fields.contains(key.text))
    return problems_.add(key.mark, quoted(key.text) + " is given twice", "take one of the two away");
  if (task.op->is_sensor && key.text == "mode" && !values_.word({key.text, node}, "mode of a sensor", sensor_modes)) return;
  if (auto value = reader.read(*argument, node)) task.node->fields.add(key.text, std::move(*value));
}

// The nearest default_args that have it count.
void DagBuilder::add_default_arguments(Task& task, ArgumentReader& reader) {
  for (const Group* group = task.group; group != nullptr; group = group->around) {
    for (const auto& [name, node] : group->defaults.arguments) {
      const catalog::ArgumentInfo* argument = find_argument(*task.op, name);
      if (argument == nullptr || task.node->fields.contains(name) || task.yaml->find(name) != nullptr) continue;
      if (auto value = reader.read(*argument, *node)) task.node->fields.add(name, std::move(*value));
    }
  }
}

void DagBuilder::check_required(const Task& task) {
  if (task.node->expands_kwargs) return;
  const YamlNode* partial = task.yaml->find("partial");
  for (const catalog::ArgumentInfo& argument : task.op->arguments) {
    if (!argument.required || task.node->fields.contains(argument.name)) continue;
    const YamlNode* given = task.yaml->find(argument.name);
    if (given == nullptr && partial != nullptr) given = partial->find(argument.name);
    if (given == nullptr || given->is_null())
      problems_.add(task.mark,
                    fmt::format("task {}: {} needs {}", quoted(task.node->task_id), task.op->task_type, quoted(argument.name)),
                    "give it");
  }
}

// The task and the key of {xcom: task, key: name}.
std::optional<DagBuilder::ListSource> DagBuilder::xcom_of(const Group* group, const YamlNode& node) {
  const YamlNode* xcom = node.find("xcom");
  const auto name = values_.text({"xcom", *xcom});
  detail::TaskNode* from = name ? resolve_task(group, *name, xcom->mark) : nullptr;
  const YamlNode* key_node = node.find("key");
  const auto key = key_node == nullptr ? std::optional<std::string>(return_value) : values_.text({"key", *key_node});
  if (from == nullptr || !key) return std::nullopt;
  return ListSource{from, *key, {}};
}

// {xcom: task, key: name}, which makes the task run after the other one; {item: name} in a mapped group.
std::optional<Value> DagBuilder::reference(Task& task, const YamlNode& node) {
  if (const YamlNode* item = node.find("item")) {
    const auto name = values_.text({"item", *item});
    if (!name) return std::nullopt;
    std::vector<std::string> names;
    for (const Group* group = task.group; group != nullptr; group = group->around) {
      if (const auto axis = group->axes.find(*name); axis != group->axes.end())
        return internal::typed("xcomref", Object{{"type", "item"}, {"axis", axis->second}, {"list", 0}});
      for (const auto& [known, axis] : group->axes) names.push_back(known);
    }
    problems_.add(item->mark, "no task group around it is mapped over a list " + quoted(*name),
                  names.empty() ? "write `expand: {" + *name + ": ...}` in the group" : did_you_mean(*name, names));
    return std::nullopt;
  }
  const auto xcom = xcom_of(task.group, node);
  if (!xcom) return std::nullopt;
  detail::add_edge(*xcom->task, *task.node);
  return internal::xcom_ref(xcom->task->task_id, xcom->key);
}

}  // namespace venturi::lanes::yaml
