// The built-in operators and notifiers, by what a YAML file says of them: names and arguments. Made from the registry of
// src/providers (providers/operator_table.h), with which the server is not linked.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace venturi::lanes::yaml {

enum class ArgumentKind : std::uint8_t { any, string, integer, number, boolean, object, string_list, list };

struct ArgumentInfo {
  std::string_view name;
  ArgumentKind kind = ArgumentKind::string;
  bool required = false;
  bool templated = false;
};

struct OperatorInfo {
  std::string_view task_type;
  bool is_sensor = false;
  bool branches = false;  // chooses among the tasks directly below it
  std::vector<std::string_view> template_ext;
  std::vector<ArgumentInfo> arguments;
};

struct NotifierInfo {
  std::string_view name;  // "SmtpNotifier"
  std::string_view classpath;
  std::vector<ArgumentInfo> arguments;
};

// Both sorted by name.
[[nodiscard]] const std::vector<OperatorInfo>& operator_table();
[[nodiscard]] const std::vector<NotifierInfo>& notifier_table();

}  // namespace venturi::lanes::yaml
