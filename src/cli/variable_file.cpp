#include "cli/variable_file.h"

#include "base/json.h"
#include "cli/secret_files.h"

namespace venturi::cli {
namespace {

std::string value_text(const Value& value) {
  return value.is_string() ? value.as_string() : to_json(value);
}

// The value in the form that reads back to exactly this text.
Value file_value(const store::VariableRow& row) {
  const auto parsed = parse_json(row.value);
  // A JSON string would be read as the text in it, and other spellings of the same JSON as another text.
  const bool reads_back = parsed && !parsed->is_string() && to_json(*parsed) == row.value;
  return reads_back ? *parsed : Value(row.value);
}

}  // namespace

Result<std::vector<store::VariableRow>> read_variable_file(const std::filesystem::path& path) {
  const auto entries = read_secret_file(path);
  if (!entries) return std::unexpected(entries.error());
  std::vector<store::VariableRow> variables;
  for (const auto& [key, entry] : *entries) {
    const Value* value = entry.is_object() ? entry.as_object().find("value") : nullptr;
    variables.push_back(value != nullptr ? store::VariableRow{key, value_text(*value), entry.get_string("description")}
                                         : store::VariableRow{key, value_text(entry), ""});
  }
  return variables;
}

std::string variable_file(const std::vector<store::VariableRow>& variables) {
  Object object;
  for (const store::VariableRow& row : variables) {
    Value value = file_value(row);
    const bool needs_object = !row.description.empty() || (value.is_object() && value.as_object().contains("value"));
    if (!needs_object)
      object.add(row.key, std::move(value));
    else
      object.add(row.key, Object{{"value", std::move(value)},
                                 {"description", row.description.empty() ? Value() : Value(row.description)}});
  }
  return to_json(object, 4) + "\n";
}

}  // namespace venturi::cli
