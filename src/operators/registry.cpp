#include "operators/registry.h"

#include <algorithm>
#include <stdexcept>

namespace venturi::operators {

void Registry::add(OperatorEntry entry) {
  const std::string name(entry.task_type);
  if (find_operator(name) != nullptr) throw std::logic_error("two operators are named " + name);
  if ((entry.run != nullptr) + (entry.move != nullptr) + (entry.poke != nullptr) != 1)
    throw std::logic_error("the operator " + name + " needs either run, move or poke");
  if (entry.poke != nullptr)
    entry.arguments.insert(entry.arguments.end(), sensor_arguments().begin(), sensor_arguments().end());
  operators_.push_back(std::move(entry));
}

void Registry::add(NotifierEntry entry) {
  const std::string name(entry.classpath);
  if (find_notifier(name) != nullptr) throw std::logic_error("two notifiers are named " + name);
  if (entry.notify == nullptr) throw std::logic_error("the notifier " + name + " does nothing");
  notifiers_.push_back(std::move(entry));
}

const OperatorEntry* Registry::find_operator(std::string_view task_type) const {
  const auto found = std::ranges::find(operators_, task_type, &OperatorEntry::task_type);
  return found == operators_.end() ? nullptr : &*found;
}

const NotifierEntry* Registry::find_notifier(std::string_view classpath) const {
  const auto found = std::ranges::find(notifiers_, classpath, &NotifierEntry::classpath);
  return found == notifiers_.end() ? nullptr : &*found;
}

std::string Registry::operator_names() const {
  std::vector<std::string_view> names;
  for (const OperatorEntry& entry : operators_) names.push_back(entry.task_type);
  std::ranges::sort(names);
  std::string text;
  for (const std::string_view name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

}  // namespace venturi::operators
