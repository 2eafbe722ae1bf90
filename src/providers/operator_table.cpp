#include "providers/operator_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace venturi::providers {
namespace {

std::string_view kind_of(operators::ArgumentType type) {
  using enum operators::ArgumentType;
  switch (type) {
    case any:
      return "any";
    case string:
      return "string";
    case integer:
      return "integer";
    case number:
      return "number";
    case boolean:
      return "boolean";
    case object:
      return "object";
    case string_list:
      return "string_list";
    case list:
      return "list";
  }
  return "any";
}

std::string arguments_of(const std::vector<operators::Argument>& arguments) {
  std::string text;
  for (const operators::Argument& argument : arguments) {
    text += fmt::format("          {{.name = \"{}\", .kind = ArgumentKind::{}, .required = {}, .templated = {}}},\n",
                        argument.name, kind_of(argument.type), argument.required, argument.templated);
  }
  return text;
}

std::string extensions_of(const std::vector<std::string_view>& extensions) {
  if (extensions.empty()) return {};
  return fmt::format("       .template_ext = {{\"{}\"}},\n", fmt::join(extensions, "\", \""));
}

template <class Entry, class Name>
std::vector<const Entry*> sorted(const std::vector<Entry>& entries, Name name) {
  std::vector<const Entry*> all;
  for (const Entry& entry : entries) all.push_back(&entry);
  std::ranges::sort(all, {}, [&](const Entry* entry) { return entry->*name; });
  return all;
}

}  // namespace

std::string operator_table_source(const operators::Registry& registry) {
  std::string text =
      "// Made by venturi_operator_table from the registry of src/providers; a test holds it to that. Not to be edited.\n"
      "// clang-format off\n"
      "#include \"lanes/yaml/operator_table.h\"\n\n"
      "namespace venturi::lanes::yaml {\n\n"
      "const std::vector<OperatorInfo>& operator_table() {\n"
      "  static const std::vector<OperatorInfo> table{\n";
  for (const auto* entry : sorted(registry.operators(), &operators::OperatorEntry::task_type)) {
    text += fmt::format(
        "      {{.task_type = \"{}\",\n       .is_sensor = {},\n       .branches = {},\n{}       .arguments = {{\n{}       "
        "}}}},\n",
        entry->task_type, entry->poke != nullptr, entry->branches, extensions_of(entry->template_ext),
        arguments_of(entry->arguments));
  }
  text +=
      "  };\n  return table;\n}\n\n"
      "const std::vector<NotifierInfo>& notifier_table() {\n"
      "  static const std::vector<NotifierInfo> table{\n";
  for (const auto* entry : sorted(registry.notifiers(), &operators::NotifierEntry::classpath)) {
    text +=
        fmt::format("      {{.name = \"{}\",\n       .classpath = \"{}\",\n       .arguments = {{\n{}       }}}},\n",
                    entry->classpath.substr(entry->classpath.rfind('.') + 1), entry->classpath, arguments_of(entry->arguments));
  }
  text += "  };\n  return table;\n}\n\n}  // namespace venturi::lanes::yaml\n";
  return text;
}

}  // namespace venturi::providers
