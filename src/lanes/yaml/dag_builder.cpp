#include "lanes/yaml/dag_builder.h"

#include <fmt/format.h>

#include <algorithm>

#include "sdk/options.h"

namespace venturi::lanes::yaml {
namespace {

bool is_valid_label(std::string_view label, bool may_have_dots) {
  return internal::is_valid_id(label) && (may_have_dots || !label.contains('.'));
}

// What a list or a mapping of tasks, groups or DAGs holds: id, where it stands, and what it is.
template <class Visit>
void for_each_named(Problems& problems, Given given, std::string_view id_key, const Visit& visit) {
  Values values(problems);
  if (given.node.is_null()) return;
  if (given.node.is_mapping()) {
    for (const auto& [key, member] : given.node.members) visit(key->text, key->mark, *member);
    return;
  }
  if (!given.node.is_sequence()) return values.refuse(given, "a mapping of ids, or a list");
  for (const YamlNode* item : given.node.items) {
    const YamlNode* id = item->is_mapping() ? item->find(id_key) : nullptr;
    if (id == nullptr) {
      problems.add(item->mark, fmt::format("an element of {} has no {}", quoted(given.name), quoted(id_key)), "give it one");
    } else if (const auto text = values.text({id_key, *id})) {
      visit(*text, item->mark, *item);
    }
  }
}

}  // namespace

DagBuilder::DagBuilder(Problems& problems, Calendar& calendar, std::string dag_id, YamlMark mark, const YamlNode& node,
                       const DefaultArgs* defaults)
    : problems_(problems),
      calendar_(calendar),
      values_(problems),
      options_(problems),
      dag_id_(std::move(dag_id)),
      mark_(mark),
      node_(node),
      file_defaults_(defaults) {}

std::optional<BuiltDag> DagBuilder::build(const internal::SourceFile& source) {
  const std::size_t before = problems_.count();
  if (!node_.is_mapping()) {
    values_.refuse({dag_id_, node_}, "a DAG, which is a mapping");
    return std::nullopt;
  }
  if (!internal::is_valid_id(dag_id_)) {
    problems_.add(mark_, "the dag_id " + quoted(dag_id_) + " is not allowed", std::string(internal::id_rule));
    return std::nullopt;
  }
  Group& root = groups_.emplace_back(Group{nullptr, &node_, {}, nullptr, {}});
  const DagOptions options = read_options();
  dag_ = bag_.add(dag_id_, options).node().dag;
  root.node = &dag_->root;
  read_children(node_, root);
  for (Group& group : groups_) connect(group);
  for (Task& task : tasks_) connect(task);
  check_all();
  if (problems_.count() != before) return std::nullopt;
  BuiltDag built{dag_id_, mark_, {}, internal::serialize_dag(*dag_, source)};
  for (const Task& task : tasks_) built.tasks.emplace(task.node->task_id, task.mark);
  if (!timetable_.is_null()) built.serialized.as_object().find("dag")->as_object().set("timetable", timetable_);
  put_in_params(built.serialized);
  check_timetable(built.serialized);
  if (problems_.count() != before) return std::nullopt;
  return built;
}

DagOptions DagBuilder::read_options() {
  DagOptions options;
  // Dates and schedule are read in it.
  if (const YamlNode* zone = node_.find("timezone"); zone != nullptr && !zone->is_null()) {
    if (auto name = values_.text({"timezone", *zone})) {
      if (const auto known = calendar_.check_zone(*name))
        options.timezone = std::move(*name);
      else
        problems_.add(zone->mark, known.error().what, known.error().hint);
    }
  }
  for (const auto& [key, member] : node_.members) {
    if (const Key* known = find_key(dag_keys(), key->text)) {
      set_option(options, *known, *member);
    } else if (!key->text.starts_with("x-")) {
      std::vector<std::string> names;
      add_names(names, dag_keys());
      if (find_key(option_keys(), key->text) != nullptr)
        problems_.add(key->mark, "a DAG has no key " + quoted(key->text),
                      "it is an option of tasks: write it below `default_args`");
      else
        options_.unknown_key(*key, "a DAG", names);
    }
  }
  if (file_defaults_ != nullptr) {
    options.default_args = internal::with_defaults(options.default_args, file_defaults_->options);
    DefaultArgs& own = groups_.front().defaults;
    for (const auto& [name, argument] : file_defaults_->arguments) own.arguments.emplace(name, argument);
    if (own.params.is_null()) own.params = file_defaults_->params;
  }
  return options;
}

void DagBuilder::set_option(DagOptions& options, const Key& key, const YamlNode& node) {
  const Given given{key.name, node};
  if (node.is_null()) return;
  const std::string_view name = key.name;
  if (key.kind == KeyKind::date) {
    (name == "start_date" ? options.start_date : options.end_date) = read_date(given, options.timezone);
  } else if (key.kind == KeyKind::flag) {
    const auto flag = values_.flag(given);
    if (!flag) return;
    if (name == "catchup") options.catchup = *flag;
    if (name == "fail_fast") options.fail_fast = *flag;
    if (name == "rerun_with_latest_version") options.rerun_with_latest_version = *flag;
    if (name == "is_paused_upon_creation") options.is_paused_upon_creation = *flag;
  } else if (key.kind == KeyKind::integer) {
    auto& option = name == "max_active_runs"    ? options.max_active_runs
                   : name == "max_active_tasks" ? options.max_active_tasks
                                                : options.max_consecutive_failed_dag_runs;
    if (const auto n = values_.integer(given, key.minimum)) option = static_cast<int>(*n);
  } else if (key.kind == KeyKind::texts) {
    if (auto texts = values_.texts(given)) {
      auto& list = name == "tags" ? options.tags : options.template_searchpath;
      for (auto& one : *texts) list.push_back(std::move(one.text));
    }
  } else if (key.kind == KeyKind::text && name != "timezone") {
    if (auto text = values_.text(given)) (name == "doc_md" ? options.doc_md : options.description) = std::move(*text);
  } else if (key.kind == KeyKind::duration) {
    if (const auto duration = values_.duration(given)) options.dagrun_timeout = *duration;
  } else if (key.kind == KeyKind::callbacks) {
    (name == "on_success_callback" ? options.on_success_callback : options.on_failure_callback) = options_.callbacks(given);
  } else if (key.kind == KeyKind::deadlines) {
    options.deadline = read_deadlines(given, options.timezone);
  } else if (key.kind == KeyKind::params) {
    params_ = options_.params(given);
  } else if (key.kind == KeyKind::schedule) {
    read_schedule(options, node);
  } else if (key.kind == KeyKind::default_args) {
    groups_.front().defaults = options_.default_args(node);
    options.default_args = groups_.front().defaults.options;
  }
}

// ---- tasks and groups by their names -------------------------------------------------------------------------------------

void DagBuilder::read_children(const YamlNode& node, Group& group) {
  if (const YamlNode* tasks = node.find("tasks")) {
    for_each_named(problems_, {"tasks", *tasks}, "task_id",
                   [&](const std::string& label, YamlMark mark, const YamlNode& task) { read_task(label, mark, task, group); });
  }
  if (const YamlNode* inner = node.find("task_groups")) {
    for_each_named(
        problems_, {"task_groups", *inner}, "group_id",
        [&](const std::string& label, YamlMark mark, const YamlNode& child) { read_group(label, mark, child, group); });
  }
}

bool DagBuilder::is_new_id(const std::string& id, YamlMark mark, std::string_view what) {
  if (!is_valid_label(id, true)) {
    problems_.add(mark, fmt::format("the {} {} is not allowed", what, quoted(id)), std::string(internal::id_rule));
    return false;
  }
  if (!tasks_by_id_.contains(id) && !groups_by_id_.contains(id)) return true;
  problems_.add(mark, fmt::format("there is a {} {} already", tasks_by_id_.contains(id) ? "task" : "task group", quoted(id)),
                "give each an id of its own");
  return false;
}

void DagBuilder::read_task(const std::string& label, YamlMark mark, const YamlNode& node, Group& group) {
  if (!is_new_id(group.node->child_id(label), mark, "task_id")) return;
  if (!node.is_mapping()) return values_.refuse({label, node}, "a task, which is a mapping", "write `operator: ...` below it");
  const YamlNode* name = node.find("operator");
  if (name == nullptr) return problems_.add(mark, "task " + quoted(label) + " has no `operator`", "say what it does");
  const auto text = values_.text({"operator", *name});
  if (!text) return;
  const catalog::OperatorInfo* op = find_operator(*text);
  if (op == nullptr) {
    std::vector<std::string> names;
    for (const catalog::OperatorInfo& known : catalog::operators()) names.emplace_back(known.task_type);
    problems_.add(name->mark, "unknown operator " + quoted(*text),
                  text->contains("Python") ? "functions need code: write the DAG in C++, or use another operator"
                                           : did_you_mean(*text, names));
  }
  TaskOptions options;
  Value params;
  for (const auto& [key, member] : node.members) {
    const Key* option = find_key(option_keys(), key->text);
    if (option == nullptr || option->name == "do_xcom_push" || (op != nullptr && find_argument(*op, key->text) != nullptr))
      continue;
    if (option->kind == KeyKind::params)
      params = options_.params({key->text, *member});
    else
      options_.set(options, *option, *member);
  }
  for (const Group* around = &group; params.is_null() && around != nullptr; around = around->around)
    params = around->defaults.params;
  detail::TaskNode& made = detail::add_node(*group.node, label, options);
  made.task_type = op == nullptr ? "EmptyOperator" : op->task_type;
  if (op != nullptr) {
    made.branches = op->branches;
    made.template_ext = op->template_ext;
    if (op->is_sensor) made.fields.add("_is_sensor", true);
    for (const catalog::ArgumentInfo& argument : op->arguments) {
      if (argument.templated) made.template_fields.push_back(argument.name);
    }
  }
  Task& task = tasks_.emplace_back(Task{&made, &node, &group, op, mark, std::move(params)});
  tasks_by_id_.emplace(made.task_id, &task);
}

void DagBuilder::read_group(const std::string& label, YamlMark mark, const YamlNode& node, Group& group) {
  if (!is_new_id(group.node->child_id(label), mark, "group_id")) return;
  if (!node.is_mapping())
    return values_.refuse({label, node}, "a task group, which is a mapping", "write `tasks: ...` below it");
  TaskGroupOptions options;
  DefaultArgs defaults;
  for (const auto& [key, member] : node.members) {
    const Given given{key->text, *member};
    if (find_key(group_keys(), key->text) == nullptr) {
      std::vector<std::string> names;
      add_names(names, group_keys());
      options_.unknown_key(*key, "a task group", names);
    } else if (member->is_null()) {
      continue;
    } else if (key->text == "tooltip") {
      options.tooltip = values_.text(given).value_or("");
    } else if (key->text == "prefix_group_id") {
      options.prefix_group_id = values_.flag(given).value_or(true);
    } else if (key->text == "default_args") {
      defaults = options_.default_args(*member);
      options.default_args = defaults.options;
    }
  }
  TaskGroup made = TaskGroup(*group.node).group(label, options);
  Group& inner = groups_.emplace_back(Group{&made.node(), &node, std::move(defaults), &group, {}});
  groups_by_id_.emplace(inner.node->group_id, &inner);
  read_children(node, inner);
}

// ---- the whole -----------------------------------------------------------------------------------------------------------

void DagBuilder::check_all() {
  internal::connect_groups(*dag_);
  settle_dates();
  internal::check_dag(*dag_);
  for (const std::string& mistake : dag_->mistakes) tell_mistake(mistake);
  for (const Task& task : tasks_) check_choices(task);
  if (tasks_.empty() && problems_.empty())
    problems_.add(mark_, "DAG " + quoted(dag_id_) + " has no tasks", "write some below `tasks`");
}

// "task x: ...", "its tasks form a cycle: x -> y -> x; ...", "schedule: ...": put where it belongs.
void DagBuilder::tell_mistake(const std::string& mistake) {
  YamlMark mark = mark_;
  std::string_view id = mistake;
  constexpr std::string_view of_task = "task ", of_group = "task group ", cycle = "its tasks form a cycle: ";
  if (mistake.starts_with(of_group)) {
    id = id.substr(of_group.size());
    if (const auto group = groups_by_id_.find(id.substr(0, id.find_first_of(": "))); group != groups_by_id_.end())
      mark = group->second->yaml->mark;
  } else if (mistake.starts_with(of_task) || mistake.starts_with(cycle)) {
    id = id.substr(mistake.starts_with(cycle) ? cycle.size() : of_task.size());
    if (const auto task = tasks_by_id_.find(id.substr(0, id.find_first_of(": "))); task != tasks_by_id_.end())
      mark = task->second->mark;
  } else if (const YamlNode* member = node_.find(id.substr(0, id.find(':')))) {
    mark = member->mark;
  }
  problems_.add(mark, mistake);
}

// Params are data here, which the SDK's types for them are not made for.
void DagBuilder::put_in_params(Value& serialized) {
  Object& dag = serialized.as_object().find("dag")->as_object();
  if (!params_.is_null()) dag.set("params", params_);
  Array& tasks = dag.find("tasks")->as_array();
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (!tasks_[i].params.is_null()) tasks[i].as_object().find("__var")->as_object().set("params", tasks_[i].params);
  }
}

}  // namespace venturi::lanes::yaml
