// Files of rows.
#include "operators/registry.h"
#include "providers/rows/csv.h"
#include "providers/rows/rows.h"

namespace venturi::providers {

void register_rows(operators::Registry& registry) {
  registry.add(
      catalog::ProviderInfo{"rows", "Files of rows: CSV, JSON Lines, Parquet and files of a run", "providers/files.md"});
  using operators::ArgumentType;
  using operators::templated;
  registry.add(operators::OperatorEntry{.task_type = "CsvToFileOperator",
                                        .arguments = {templated({"path", ArgumentType::string, true}),
                                                      {"delimiter", ArgumentType::string},
                                                      {"header", ArgumentType::boolean},
                                                      {"encoding", ArgumentType::string},
                                                      {"source_compression", ArgumentType::string},
                                                      {"columns", ArgumentType::list},
                                                      {"file_name", ArgumentType::string},
                                                      {"file", ArgumentType::string}},
                                        .move = move_from_csv});
  for (const Way& way : ways) {
    std::vector<operators::Argument> arguments;
    if (way.from == RowFormat::run_file)
      arguments.push_back({"file", ArgumentType::object, true});
    else
      arguments.push_back(templated({"path", ArgumentType::string, true}));
    if (way.to == RowFormat::run_file)
      arguments.push_back({"file_name", ArgumentType::string});
    else if (way.to)
      arguments.push_back(templated({"output_path", ArgumentType::string, true}));
    arguments.insert(arguments.end(), {{"columns", ArgumentType::list}, {"json_schema", ArgumentType::object}});
    const auto is_text = [](RowFormat format) { return format == RowFormat::csv || format == RowFormat::json_lines; };
    if (is_text(way.from) || (way.to && is_text(*way.to))) arguments.push_back({"encoding", ArgumentType::string});
    if (is_text(way.from) && way.to && is_text(*way.to)) arguments.push_back({"source_encoding", ArgumentType::string});
    if (is_text(way.from)) arguments.push_back({"source_compression", ArgumentType::string});
    if (way.to && way.to != RowFormat::run_file) arguments.push_back({"compression", ArgumentType::string});
    if (way.to == RowFormat::parquet) arguments.push_back({"row_group_size", ArgumentType::integer});
    arguments.push_back(way.to ? operators::Argument{"unreadable", ArgumentType::string}
                               : operators::Argument{"max_errors", ArgumentType::integer});
    if (way.from == RowFormat::csv || way.to == RowFormat::csv)
      arguments.insert(arguments.end(), {{"delimiter", ArgumentType::string}, {"header", ArgumentType::boolean}});
    if (way.to == RowFormat::csv) arguments.push_back({"null_text", ArgumentType::string});
    registry.add(operators::OperatorEntry{
        .task_type = way.task_type, .arguments = std::move(arguments), .move = way.to ? move_rows : validate_rows});
  }
}

}  // namespace venturi::providers
