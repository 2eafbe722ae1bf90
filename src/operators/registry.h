// The built-in operators, notifiers, hooks and connection types, as data: one entry each. Each provider adds its own at
// start-up (src/providers/NAME/provider.cpp); nobody else knows a provider.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"
#include "model/connection.h"
#include "operators/arguments.h"
#include "operators/sensor.h"
#include "venturi/value.h"

namespace venturi::operators {

class OperatorTry;
class MoverTry;
class Notification;
class HookSession;
class WatcherRun;
struct HookCall;

// Whether a connection can be used as it is. `test` runs in a process of its own, may wait, and throws what it finds wrong.
struct ConnectionTest {
  bool is_good = false;
  std::string message;  // as Airflow's hooks say it; without the connection's secrets
};
inline constexpr std::string_view connection_is_good = "Connection successfully tested";  // Airflow's words
struct ConnectionType {
  catalog::ConnectionTypeInfo info;  // but for the provider, which the registry knows
  ConnectionTest (*test)(const Connection&) = nullptr;
};

struct OperatorEntry {
  std::string_view task_type;  // Airflow's class name
  std::vector<Argument> arguments;
  // Airflow's template_ext: a text in a templated argument that ends with one of them is the name of a file with the template
  // (template_files.h).
  std::vector<std::string_view> template_ext = {};
  // Exactly one of the three. `poke` makes it a sensor (sensor.h). `run` waits only, in the host's loop; `move` moves data, in
  // a process of its own, and makes the operator a mover. Both return the XCom (null: none), and throw TaskFailed and its kin
  // otherwise (outcome.h).
  boost::asio::awaitable<Value> (*run)(OperatorTry&, Arguments) = nullptr;
  Value (*move)(MoverTry&, const Arguments&) = nullptr;
  boost::asio::awaitable<Poke> (*poke)(OperatorTry&, const Arguments&) = nullptr;
  // It gets a stdout and a stderr from the worker for what it starts (worker/supervisor_operators.cpp).
  bool starts_commands = false;
  // It renders texts while it runs (render_text() of render.h): what templates know stays with its tries until they end.
  bool keeps_context = false;
  // It chooses among the tasks directly below it (branch.h).
  bool branches = false;
  // Of a sensor: Airflow's trigger for what it waits for. With `deferrable` its task instance is deferred from the first poke
  // on that says "not yet".
  std::string_view trigger = {};
  // ... its first poke, which is no coroutine itself, has read the arguments and waits until it is done: they are not kept.
  bool waits_it_out = false;
  // The key of an XCom in which a try says what it has begun elsewhere. It is not cleared for the next try, which finds it in
  // `remembered`.
  std::string_view remembers = {};
  std::string_view provider = {};  // the registry gives it
};

struct NotifierEntry {
  std::string_view classpath;
  std::vector<Argument> arguments;
  boost::asio::awaitable<void> (*notify)(Notification&, Arguments) = nullptr;
  std::string_view provider = {};  // the registry gives it
};

// What a watcher of an asset waits for (Airflow's event triggers).
struct EventTriggerEntry {
  std::string_view classpath;
  std::vector<Argument> arguments;
  // Fires by WatcherRun::fire(), again and again, until it is cancelled. When it throws, or returns, it is begun again after a
  // while, from what the last firing left.
  boost::asio::awaitable<void> (*watch)(WatcherRun&, Arguments) = nullptr;
  std::string_view provider = {};  // the registry gives it
};

// What tasks of DAG programs can call (hook_session.h).
struct HookEntry {
  std::string_view name;
  // The result's body, at most some megabytes: more comes in pages.
  boost::asio::awaitable<Value> (*call)(HookSession&, HookCall) = nullptr;
};

class Registry {
 public:
  // All throw std::logic_error for an entry that is there already or is not complete. What is added belongs to the provider
  // that was added last.
  void add(catalog::ProviderInfo provider);
  void add(ConnectionType type);
  void add(OperatorEntry entry);
  void add(NotifierEntry entry);
  void add(HookEntry entry);
  void add(EventTriggerEntry entry);

  // nullptr where there is none. Good as long as nothing is added.
  [[nodiscard]] const OperatorEntry* find_operator(std::string_view task_type) const;
  [[nodiscard]] const NotifierEntry* find_notifier(std::string_view classpath) const;
  [[nodiscard]] const HookEntry* find_hook(std::string_view name) const;
  [[nodiscard]] const EventTriggerEntry* find_event_trigger(std::string_view classpath) const;
  [[nodiscard]] const ConnectionType* find_connection_type(std::string_view conn_type) const;
  // "BashOperator, ConstantOperator, ...", for errors.
  [[nodiscard]] std::string operator_names() const;
  [[nodiscard]] std::string hook_names() const;
  // In the order in which they were added.
  [[nodiscard]] const std::vector<catalog::ProviderInfo>& providers() const { return providers_; }
  [[nodiscard]] const std::vector<ConnectionType>& connection_types() const { return connection_types_; }
  [[nodiscard]] const std::vector<OperatorEntry>& operators() const { return operators_; }
  [[nodiscard]] const std::vector<NotifierEntry>& notifiers() const { return notifiers_; }
  [[nodiscard]] const std::vector<EventTriggerEntry>& event_triggers() const { return event_triggers_; }

 private:
  [[nodiscard]] std::string_view provider() const { return providers_.empty() ? std::string_view() : providers_.back().name; }

  std::vector<catalog::ProviderInfo> providers_;
  std::vector<ConnectionType> connection_types_;
  std::vector<OperatorEntry> operators_;
  std::vector<NotifierEntry> notifiers_;
  std::vector<HookEntry> hooks_;
  std::vector<EventTriggerEntry> event_triggers_;
};

}  // namespace venturi::operators
