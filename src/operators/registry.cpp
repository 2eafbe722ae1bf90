#include "operators/registry.h"

#include <algorithm>
#include <stdexcept>

namespace venturi::operators {
namespace {

template <class Entry>
std::string sorted_names(const std::vector<Entry>& entries, std::string_view Entry::* name) {
  std::vector<std::string_view> names;
  for (const Entry& entry : entries) names.push_back(entry.*name);
  std::ranges::sort(names);
  std::string text;
  for (const std::string_view one : names) text.append(text.empty() ? "" : ", ").append(one);
  return text;
}

}  // namespace

void Registry::add(catalog::ProviderInfo provider) {
  if (std::ranges::find(providers_, provider.name, &catalog::ProviderInfo::name) != providers_.end())
    throw std::logic_error("two providers are named " + std::string(provider.name));
  providers_.push_back(provider);
}

void Registry::add(ConnectionType type) {
  const std::string name(type.info.conn_type);
  if (find_connection_type(name) != nullptr) throw std::logic_error("two connection types are named " + name);
  type.info.provider = provider();
  connection_types_.push_back(std::move(type));
}

void Registry::add(OperatorEntry entry) {
  const std::string name(entry.task_type);
  if (find_operator(name) != nullptr) throw std::logic_error("two operators are named " + name);
  if ((entry.run != nullptr) + (entry.move != nullptr) + (entry.poke != nullptr) != 1)
    throw std::logic_error("the operator " + name + " needs either run, move or poke");
  if (entry.poke != nullptr)
    entry.arguments.insert(entry.arguments.end(), sensor_arguments().begin(), sensor_arguments().end());
  entry.provider = provider();
  operators_.push_back(std::move(entry));
}

void Registry::add(NotifierEntry entry) {
  const std::string name(entry.classpath);
  if (find_notifier(name) != nullptr) throw std::logic_error("two notifiers are named " + name);
  if (entry.notify == nullptr) throw std::logic_error("the notifier " + name + " does nothing");
  entry.provider = provider();
  notifiers_.push_back(std::move(entry));
}

void Registry::add(HookEntry entry) {
  const std::string name(entry.name);
  if (find_hook(name) != nullptr) throw std::logic_error("two hooks are named " + name);
  if (entry.call == nullptr) throw std::logic_error("the hook " + name + " does nothing");
  hooks_.push_back(entry);
}

void Registry::add(EventTriggerEntry entry) {
  const std::string name(entry.classpath);
  if (find_event_trigger(name) != nullptr) throw std::logic_error("two event triggers are named " + name);
  if (entry.watch == nullptr) throw std::logic_error("the event trigger " + name + " does nothing");
  entry.provider = provider();
  event_triggers_.push_back(std::move(entry));
}

const EventTriggerEntry* Registry::find_event_trigger(std::string_view classpath) const {
  const auto found = std::ranges::find(event_triggers_, classpath, &EventTriggerEntry::classpath);
  return found == event_triggers_.end() ? nullptr : &*found;
}

const HookEntry* Registry::find_hook(std::string_view name) const {
  const auto found = std::ranges::find(hooks_, name, &HookEntry::name);
  return found == hooks_.end() ? nullptr : &*found;
}

const ConnectionType* Registry::find_connection_type(std::string_view conn_type) const {
  const auto found = std::ranges::find(connection_types_, conn_type, [](const ConnectionType& t) { return t.info.conn_type; });
  return found == connection_types_.end() ? nullptr : &*found;
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
  return sorted_names(operators_, &OperatorEntry::task_type);
}

std::string Registry::hook_names() const {
  return sorted_names(hooks_, &HookEntry::name);
}

}  // namespace venturi::operators
