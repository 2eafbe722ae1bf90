// What is built in for other systems, as data: providers with their connection types, operators and notifiers. The server and
// the command line know operators by this alone; what runs them is in another program (src/providers), from whose registry the
// tables are made when Venturi is built.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace venturi::catalog {

enum class ArgumentType : std::uint8_t { any, string, integer, number, boolean, object, string_list, list };

[[nodiscard]] constexpr std::string_view name_of(ArgumentType type) {
  constexpr std::string_view names[] = {"any", "string", "integer", "number", "boolean", "object", "string_list", "list"};
  return names[static_cast<std::size_t>(type)];
}

struct ArgumentInfo {
  std::string_view name;
  ArgumentType type = ArgumentType::string;
  bool required = false;
  bool templated = false;
};

struct OperatorInfo {
  std::string_view task_type;      // Airflow's class name
  std::string_view provider = {};  // its name
  bool is_sensor = false;
  bool branches = false;  // chooses among the tasks directly below it
  std::vector<std::string_view> template_ext = {};
  std::vector<ArgumentInfo> arguments;
};

struct NotifierInfo {
  std::string_view name;  // "SmtpNotifier"
  std::string_view classpath;
  std::string_view provider = {};
  std::vector<ArgumentInfo> arguments;
};

// What watchers of assets wait for.
struct EventTriggerInfo {
  std::string_view name;  // "FileDeleteTrigger"
  std::string_view classpath;
  std::string_view provider = {};
  std::vector<ArgumentInfo> arguments;
};

// One member of a connection's form.
struct FieldInfo {
  // One of Airflow's columns (host, port, schema, login, password), or else a member of extra.
  std::string_view name;
  std::string_view label;  // "Database"
  std::string_view help = {};
  ArgumentType type = ArgumentType::string;
  bool is_secret = false;
};
[[nodiscard]] bool is_column(const FieldInfo& field);

struct ConnectionTypeInfo {
  std::string_view conn_type;  // "postgres"
  std::string_view label;      // "PostgreSQL"
  std::string_view provider = {};
  std::string_view hook = {};        // the class of the SDK: "PostgresHook"; empty where only operators use it
  std::string_view default_conn_id;  // "postgres_default"
  std::vector<FieldInfo> fields;     // in the order of the form
};

struct ProviderInfo {
  std::string_view name;         // Airflow's package without "apache-airflow-providers-"
  std::string_view description;  // one line
  std::string_view page;         // of docs/: "providers/postgres.md"
};

// All sorted by their first member.
[[nodiscard]] const std::vector<ProviderInfo>& providers();
[[nodiscard]] const std::vector<ConnectionTypeInfo>& connection_types();
[[nodiscard]] const std::vector<OperatorInfo>& operators();
[[nodiscard]] const std::vector<NotifierInfo>& notifiers();
[[nodiscard]] const std::vector<EventTriggerInfo>& event_triggers();

// nullptr where there is none.
[[nodiscard]] const OperatorInfo* find_operator(std::string_view task_type);
[[nodiscard]] const ConnectionTypeInfo* find_connection_type(std::string_view conn_type);

}  // namespace venturi::catalog
