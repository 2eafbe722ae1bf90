// `variables`.
#include <algorithm>
#include <utility>

#include "base/json.h"
#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "cli/secret_files.h"
#include "cli/variable_file.h"
#include "model/connection.h"
#include "server/command_client.h"
#include "server/lookups.h"

extern char** environ;

namespace venturi::cli {
namespace {

Value as_value(const store::VariableRow& row) {
  return Object{{"key", row.key}, {"value", row.value}, {"description", row.description}};
}

Result<void> set(const OpenedHome& opened, const std::vector<store::VariableRow>& variables, bool replace) {
  Array list;
  for (const store::VariableRow& row : variables) list.push_back(as_value(row));
  const auto done = server::run_command(
      opened.home, opened.config, Object{{"command", "variables set"}, {"variables", std::move(list)}, {"replace", replace}});
  if (!done) return std::unexpected(done.error());
  return {};
}

Result<std::vector<store::VariableRow>> stored_variables(const OpenedHome& opened) {
  const auto metadata = server::open_reader(opened.home, opened.config);
  if (!metadata && metadata.error().kind == ErrorKind::not_found) return std::vector<store::VariableRow>();
  if (!metadata) return std::unexpected(metadata.error());
  return metadata->reader->variables();
}

}  // namespace

Result<int> variables_list(const Arguments& arguments) {
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  const auto variables = metadata->reader().variables();
  if (!variables) return std::unexpected(variables.error());
  const bool with_values = arguments.has("show-values");
  Rows rows{{"key"}, {}};
  if (with_values) rows.columns = {"key", "val", "description"};
  for (const store::VariableRow& row : *variables) {
    auto& cells = rows.rows.emplace_back(std::vector<Value>{row.key});
    if (!with_values) continue;
    cells.emplace_back(arguments.has("hide-sensitive") || is_sensitive_name(row.key) ? "***" : row.value);
    cells.emplace_back(row.description);
  }
  print(format_rows(rows, output_format(arguments.text("output"))));
  return exit_done;
}

Result<int> variables_get(const Arguments& arguments) {
  const std::string key = arguments.text("key");
  auto metadata = open_metadata();
  if (!metadata && metadata.error().kind != ErrorKind::not_found) return std::unexpected(std::move(metadata.error()));
  std::vector<store::Reader*> readers;
  if (metadata) readers.push_back(&metadata->reader());
  auto value = server::Lookups(environ, std::move(readers)).variable(key);
  if (!value) return std::unexpected(std::move(value.error()));
  if (!*value) {
    const auto otherwise = arguments.maybe("default");
    if (!otherwise) {
      return fail(ErrorKind::not_found, "there is no variable " + key, "",
                  "see: venturi variables list; set it with: venturi variables set " + key + " VALUE");
    }
    print(*otherwise + "\n");
    return exit_done;
  }
  if (!arguments.has("json")) {
    print(**value + "\n");
    return exit_done;
  }
  const auto parsed = parse_json(**value);
  if (!parsed) return fail(ErrorKind::invalid, "its value is no JSON", "variable " + key, "leave --json out");
  print((parsed->is_string() ? parsed->as_string() : to_json(*parsed)) + "\n");
  return exit_done;
}

Result<int> variables_set(const Arguments& arguments) {
  const auto opened = open_or_make_home();
  if (!opened) return std::unexpected(opened.error());
  std::string value = arguments.text("value");
  if (value == "-") {
    auto read = read_input("-");
    if (!read) return std::unexpected(std::move(read.error()));
    value = std::move(*read);
  }
  if (arguments.has("json")) value = to_json(Value(value));
  const std::string key = arguments.text("key");
  if (auto done = set(*opened, {{key, std::move(value), arguments.text("description")}}, true); !done)
    return std::unexpected(std::move(done.error()));
  print("Variable " + key + " created\n");
  return exit_done;
}

Result<int> variables_delete(const Arguments& arguments) {
  const auto opened = open_or_make_home();
  if (!opened) return std::unexpected(opened.error());
  const std::string key = arguments.text("key");
  const auto done = server::run_command(opened->home, opened->config, Object{{"command", "variables delete"}, {"key", key}});
  if (!done) return std::unexpected(done.error());
  print("Variable " + key + " deleted\n");
  return exit_done;
}

Result<int> variables_import(const Arguments& arguments) {
  auto variables = read_variable_file(arguments.text("file"));
  if (!variables) return std::unexpected(std::move(variables.error()));
  const std::size_t in_file = variables->size();
  const auto opened = open_or_make_home();
  if (!opened) return std::unexpected(opened.error());
  const std::string action = arguments.text("action-on-existing-key");
  if (action == "skip") {
    const auto stored = stored_variables(*opened);
    if (!stored) return std::unexpected(stored.error());
    std::erase_if(*variables, [&](const store::VariableRow& row) {
      const bool exists = std::ranges::find(*stored, row.key, &store::VariableRow::key) != stored->end();
      if (exists) print_note("note: variable " + row.key + " is there already and stays as it is");
      return exists;
    });
  }
  if (!variables->empty()) {
    if (auto done = set(*opened, *variables, action == "overwrite"); !done) return std::unexpected(std::move(done.error()));
  }
  print(std::to_string(variables->size()) + " of " + std::to_string(in_file) + " variables successfully updated.\n");
  return exit_done;
}

Result<int> variables_export(const Arguments& arguments) {
  const std::string file = arguments.text("file");
  if (auto fit = check_secret_target(file); !fit) return std::unexpected(std::move(fit.error()));
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  auto variables = metadata->reader().variables();
  if (!variables) return std::unexpected(std::move(variables.error()));
  std::ranges::sort(*variables, {}, &store::VariableRow::key);
  if (auto written = write_secret_file(file, variable_file(*variables)); !written)
    return std::unexpected(std::move(written.error()));
  print(std::to_string(variables->size()) + " variables successfully exported to " + file + ".\n");
  return exit_done;
}

}  // namespace venturi::cli
