#include "operators/cells.h"

#include <algorithm>

#include <fmt/format.h>

#include "operators/mover_try.h"
#include "operators/outcome.h"

namespace venturi::operators {

std::optional<std::vector<Column>> columns_of(const Arguments& arguments) {
  const Value* list = arguments.find("columns");
  if (list == nullptr) return std::nullopt;
  std::vector<Column> columns;
  for (const Value& entry : list->as_array()) {
    const Value* name = entry.get("name");
    if (name == nullptr || !name->is_string() || name->as_string().empty()) {
      throw TaskFailedForGood(
          fmt::format("columns[{}] has no name: write {{\"name\": \"id\", \"type\": \"int64\"}}", columns.size()));
    }
    const std::string word = entry.get_string("type", "string");
    const auto type = parse_column_type(word);
    if (!type) {
      throw TaskFailedForGood(fmt::format(
          "the column {} has the type '{}': it must be boolean, int64, float64, string or timestamp", name->as_string(), word));
    }
    if (std::ranges::find(columns, name->as_string(), &Column::name) != columns.end()) {
      throw TaskFailedForGood(fmt::format("the column {} is declared twice", name->as_string()));
    }
    columns.push_back({name->as_string(), *type});
  }
  if (columns.empty()) throw TaskFailedForGood("columns is empty: leave it out to take all columns of the source");
  return columns;
}

std::string file_name(const Arguments& arguments, const MoverTry& t) {
  return arguments.string("file_name", arguments.string("file", t.default_file()));
}

}  // namespace venturi::operators
