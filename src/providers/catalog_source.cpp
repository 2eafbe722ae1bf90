#include "providers/catalog_source.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <vector>

namespace venturi::providers {
namespace {

// As a string literal of C++.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string arguments_of(const std::vector<operators::Argument>& arguments) {
  std::string text;
  for (const operators::Argument& argument : arguments) {
    text += fmt::format("          {{.name = {}, .type = ArgumentType::{}, .required = {}, .templated = {}}},\n",
                        quoted(argument.name), catalog::name_of(argument.type), argument.required, argument.templated);
  }
  return text;
}

std::string extensions_of(const std::vector<std::string_view>& extensions) {
  if (extensions.empty()) return {};
  return fmt::format("       .template_ext = {{\"{}\"}},\n", fmt::join(extensions, "\", \""));
}

std::string fields_of(const std::vector<catalog::FieldInfo>& fields) {
  std::string text;
  for (const catalog::FieldInfo& field : fields) {
    text +=
        fmt::format("          {{.name = {}, .label = {}, .help = {}, .type = ArgumentType::{}, .is_secret = {}}},\n",
                    quoted(field.name), quoted(field.label), quoted(field.help), catalog::name_of(field.type), field.is_secret);
  }
  return text;
}

template <class Entry, class Name>
std::vector<const Entry*> sorted(const std::vector<Entry>& entries, Name name) {
  std::vector<const Entry*> all;
  for (const Entry& entry : entries) all.push_back(&entry);
  std::ranges::sort(all, {}, [&](const Entry* entry) { return std::invoke(name, *entry); });
  return all;
}

std::string_view conn_type_of(const operators::ConnectionType& type) {
  return type.info.conn_type;
}

// Notifiers, or event triggers.
template <class Entry>
std::string with_classpaths(const std::vector<Entry>& entries) {
  const auto name_of = [](const Entry& entry) { return entry.classpath.substr(entry.classpath.rfind('.') + 1); };
  std::string text;
  for (const Entry* entry : sorted(entries, name_of)) {
    text += fmt::format(
        "      {{.name = {},\n       .classpath = {},\n       .provider = {},\n       .arguments = {{\n{}       }}}},\n",
        quoted(name_of(*entry)), quoted(entry->classpath), quoted(entry->provider), arguments_of(entry->arguments));
  }
  return text;
}

constexpr std::string_view head = "// Made when Venturi is built, by src/providers/catalog_source.cpp.\n";

}  // namespace

std::string catalog_source(const operators::Registry& registry) {
  std::string text = std::string(head) +
                     "#include \"catalog/catalog.h\"\n\n"
                     "namespace venturi::catalog {\n\n"
                     "const std::vector<ProviderInfo>& providers() {\n"
                     "  static const std::vector<ProviderInfo> table{\n";
  for (const auto* entry : sorted(registry.providers(), &catalog::ProviderInfo::name)) {
    text += fmt::format("      {{.name = {}, .description = {}, .page = {}}},\n", quoted(entry->name),
                        quoted(entry->description), quoted(entry->page));
  }
  text +=
      "  };\n  return table;\n}\n\n"
      "const std::vector<ConnectionTypeInfo>& connection_types() {\n"
      "  static const std::vector<ConnectionTypeInfo> table{\n";
  for (const auto* entry : sorted(registry.connection_types(), conn_type_of)) {
    const catalog::ConnectionTypeInfo& info = entry->info;
    text += fmt::format(
        "      {{.conn_type = {},\n       .label = {},\n       .provider = {},\n       .hook = {},\n       .default_conn_id = "
        "{},\n       .fields = {{\n{}       }}}},\n",
        quoted(info.conn_type), quoted(info.label), quoted(info.provider), quoted(info.hook), quoted(info.default_conn_id),
        fields_of(info.fields));
  }
  text +=
      "  };\n  return table;\n}\n\n"
      "const std::vector<OperatorInfo>& operators() {\n"
      "  static const std::vector<OperatorInfo> table{\n";
  for (const auto* entry : sorted(registry.operators(), &operators::OperatorEntry::task_type)) {
    text += fmt::format(
        "      {{.task_type = {},\n       .provider = {},\n       .is_sensor = {},\n       .branches = {},\n{}       "
        ".arguments = {{\n{}       }}}},\n",
        quoted(entry->task_type), quoted(entry->provider), entry->poke != nullptr, entry->branches,
        extensions_of(entry->template_ext), arguments_of(entry->arguments));
  }
  text +=
      "  };\n  return table;\n}\n\n"
      "const std::vector<NotifierInfo>& notifiers() {\n"
      "  static const std::vector<NotifierInfo> table{\n";
  text += with_classpaths(registry.notifiers());
  text +=
      "  };\n  return table;\n}\n\n"
      "const std::vector<EventTriggerInfo>& event_triggers() {\n"
      "  static const std::vector<EventTriggerInfo> table{\n";
  text += with_classpaths(registry.event_triggers());
  return text + "  };\n  return table;\n}\n\n}  // namespace venturi::catalog\n";
}

std::string operator_kinds_source(const operators::Registry& registry) {
  const auto names = [&](auto counts) {
    std::vector<std::string> all;
    for (const auto* entry : sorted(registry.operators(), &operators::OperatorEntry::task_type)) {
      if (counts(*entry)) all.push_back(quoted(entry->task_type));
    }
    return fmt::format("{}", fmt::join(all, ", "));
  };
  return fmt::format(
      "{}#include \"worker/operator_kinds.h\"\n\n"
      "namespace venturi::worker {{\n\n"
      "std::span<const std::string_view> movers() {{\n"
      "  static constexpr std::string_view names[] = {{{}}};\n  return names;\n}}\n\n"
      "std::span<const std::string_view> commands() {{\n"
      "  static constexpr std::string_view names[] = {{{}}};\n  return names;\n}}\n\n"
      "}}  // namespace venturi::worker\n",
      head, names([](const operators::OperatorEntry& entry) { return entry.move != nullptr; }),
      names([](const operators::OperatorEntry& entry) { return entry.starts_commands; }));
}

}  // namespace venturi::providers
