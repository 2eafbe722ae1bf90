// `providers`: what operators, notifiers, hooks and connection types are built in, by the system that they are for.
#include <algorithm>

#include "base/edit_distance.h"
#include "catalog/catalog.h"
#include "cli/handlers.h"
#include "cli/output.h"

namespace venturi::cli {
namespace {

// Lists are for programs; a person reads names with commas between them.
Value cell(const Array& names, OutputFormat format) {
  if (format == OutputFormat::json || format == OutputFormat::yaml) return names;
  std::string list;
  for (const Value& name : names) list += (list.empty() ? "" : ", ") + name.as_string();
  return list;
}

// Of the entries that are the provider's: one member each, where it has a value.
template <class Entry>
Array of_provider(const std::vector<Entry>& entries, std::string_view provider, std::string_view Entry::* member) {
  Array names;
  for (const Entry& entry : entries) {
    if (entry.provider == provider && !(entry.*member).empty()) names.emplace_back(entry.*member);
  }
  return names;
}

}  // namespace

Result<int> providers_list(const Arguments& arguments) {
  Rows rows{{"package_name", "description", "version"}, {}};
  for (const catalog::ProviderInfo& provider : catalog::providers())
    rows.rows.push_back({provider.name, provider.description, VENTURI_VERSION});
  print(format_rows(rows, output_format(arguments.text("output"))));
  return exit_done;
}

Result<int> providers_get(const Arguments& arguments) {
  const std::string name = arguments.text("provider_name");
  const auto& all = catalog::providers();
  const auto found = std::ranges::find(all, name, &catalog::ProviderInfo::name);
  if (found == all.end()) {
    std::vector<std::string> known;
    for (const catalog::ProviderInfo& provider : all) known.emplace_back(provider.name);
    const std::string near = nearest(name, known);
    return fail(ErrorKind::not_found, "there is no provider " + name, "",
                near.empty() ? "see: venturi providers list" : "did you mean " + near + "?");
  }
  const OutputFormat format = output_format(arguments.text("output"));
  const auto names = [&](const auto& entries, auto member) { return cell(of_provider(entries, name, member), format); };
  Rows rows{{"provider", "version", "description", "connection_type", "hook", "notifier", "operators", "documentation"},
            {{found->name, VENTURI_VERSION, found->description,
              names(catalog::connection_types(), &catalog::ConnectionTypeInfo::conn_type),
              names(catalog::connection_types(), &catalog::ConnectionTypeInfo::hook),
              names(catalog::notifiers(), &catalog::NotifierInfo::name),
              names(catalog::operators(), &catalog::OperatorInfo::task_type), "docs/" + std::string(found->page)}}};
  print(format_rows(rows, format));
  return exit_done;
}

Result<int> providers_hooks(const Arguments& arguments) {
  Rows rows{{"connection_type", "class", "package_name", "hook_name"}, {}};
  for (const catalog::ConnectionTypeInfo& type : catalog::connection_types())
    rows.rows.push_back({type.conn_type, type.hook, type.provider, type.label});
  print(format_rows(rows, output_format(arguments.text("output"))));
  return exit_done;
}

// Airflow's: the members that a connection's form has beside the columns that all have.
Result<int> providers_widgets(const Arguments& arguments) {
  Rows rows{{"connection_parameter_name", "connection_type", "package_name", "field_type"}, {}};
  for (const catalog::ConnectionTypeInfo& type : catalog::connection_types()) {
    for (const catalog::FieldInfo& field : type.fields) {
      if (is_column(field)) continue;
      rows.rows.push_back({"extra__" + std::string(type.conn_type) + "__" + std::string(field.name), type.conn_type,
                           type.provider, field.is_secret ? "secret" : catalog::name_of(field.type)});
    }
  }
  print(format_rows(rows, output_format(arguments.text("output"))));
  return exit_done;
}

Result<int> providers_notifications(const Arguments& arguments) {
  Rows rows{{"notification_class_name", "package_name"}, {}};
  for (const catalog::NotifierInfo& notifier : catalog::notifiers())
    rows.rows.push_back({notifier.classpath, notifier.provider});
  print(format_rows(rows, output_format(arguments.text("output"))));
  return exit_done;
}

}  // namespace venturi::cli
