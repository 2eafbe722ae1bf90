// Lists that tasks and groups are mapped over.
#include <algorithm>

#include "lanes/yaml/dag_builder.h"
#include "sdk/encode.h"

namespace venturi::lanes::yaml {

std::optional<DagBuilder::ListSource> DagBuilder::list_of(const Group* group, Given given) {
  if (is_reference(given.node) && given.node.find("xcom") != nullptr) return xcom_of(group, given.node);
  if (!given.node.is_sequence() && !given.node.is_mapping()) {
    values_.refuse(given, "a list, or {xcom: task}");
    return std::nullopt;
  }
  for (const YamlNode* item : given.node.items) {
    if (!is_reference(*item)) continue;
    problems_.add(item->mark, "an element of a list that a task is mapped over cannot be what another task gives",
                  "let a task make the whole list, and write {xcom: task} in its place");
    return std::nullopt;
  }
  return ListSource{nullptr, {}, to_value(given.node)};
}

void DagBuilder::expand_task(Task& task, const YamlNode& node) {
  if (!node.is_mapping() || node.members.empty())
    return values_.refuse({"expand", node}, "a mapping of arguments, each with its list", "write {bash_command: [...]}");
  for (const auto& [key, member] : node.members) {
    const catalog::ArgumentInfo* argument = find_argument(*task.op, key->text);
    if (argument == nullptr) {
      std::vector<std::string> names;
      for (const catalog::ArgumentInfo& known : task.op->arguments) names.emplace_back(known.name);
      options_.unknown_key(*key, task.op->task_type, names);
      continue;
    }
    if (task.node->fields.contains(key->text)) {
      problems_.add(key->mark, quoted(key->text) + " is given twice", "take one of the two away");
      continue;
    }
    auto list = list_of(task.group, {key->text, *member});
    if (!list) continue;
    // Its elements are what the argument may be.
    if (list->task == nullptr && member->is_sequence()) {
      ArgumentReader reader(problems_, nullptr);
      Array items;
      for (const YamlNode* item : member->items) items.push_back(reader.read(*argument, *item).value_or(Value()));
      list->constant = std::move(items);
    }
    const int axis = static_cast<int>(task.node->axes.size());
    if (list->task != nullptr) detail::add_edge(*list->task, *task.node);
    task.node->axes.push_back(list->list());
    task.node->fields.add(key->text, internal::typed("xcomref", Object{{"type", "item"}, {"axis", axis}, {"list", 0}}));
  }
}

void DagBuilder::expand_kwargs(Task& task, const YamlNode& node) {
  if (!task.node->axes.empty())
    return problems_.add(node.mark, "`expand` and `expand_kwargs` do not go together", "take one of the two away");
  for (const YamlNode* item : node.items) {
    if (!item->is_mapping()) {
      values_.refuse({"expand_kwargs", *item}, "a list of mappings");
      continue;
    }
    for (const auto& [key, member] : item->members) {
      if (find_argument(*task.op, key->text) != nullptr) continue;
      std::vector<std::string> names;
      for (const catalog::ArgumentInfo& known : task.op->arguments) names.emplace_back(known.name);
      options_.unknown_key(*key, task.op->task_type, names);
    }
  }
  auto list = list_of(task.group, {"expand_kwargs", node});
  if (!list) return;
  if (list->task != nullptr) detail::add_edge(*list->task, *task.node);
  task.node->axes.push_back(list->list());
  task.node->expands_kwargs = true;
}

void DagBuilder::expand_group(Group& group, const YamlNode& node) {
  if (!node.is_mapping() || node.members.empty())
    return values_.refuse({"expand", node}, "a mapping of names, each with its list", "write {file: {xcom: list_files}}");
  for (const auto& [key, member] : node.members) {
    auto list = list_of(group.around, {key->text, *member});
    if (!list) continue;
    group.axes.emplace(key->text, static_cast<int>(group.node->axes.size()));
    if (list->task != nullptr) detail::add_edge(detail::Step(TaskRef(*list->task)), detail::Step(TaskGroup(*group.node)));
    group.node->axes.push_back(list->list());
  }
}

}  // namespace venturi::lanes::yaml
