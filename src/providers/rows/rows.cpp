#include "providers/rows/rows.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/json_schema.h"
#include "operators/cells.h"
#include "operators/mover_try.h"
#include "operators/outcome.h"
#include "providers/parquet/parquet_rows.h"
#include "providers/rows/row_sink.h"
#include "providers/rows/row_source.h"
#include "providers/rows/typed_value.h"
#include "venturi/csv.h"

namespace venturi::providers {
namespace {

using operators::Arguments;
using operators::ArgumentType;
using operators::MoverTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;
using operators::templated;

const Way& way_of(const MoverTry& t) {
  return *std::ranges::find(ways, std::string_view(t.op.get_string("task_type")), &Way::task_type);
}

std::optional<JsonSchema> schema_of(const Arguments& arguments) {
  const Value* given = arguments.find("json_schema");
  if (given == nullptr) return std::nullopt;
  auto schema = JsonSchema::parse(*given);
  if (!schema) throw TaskFailedForGood("the argument json_schema: " + schema.error().text());
  return *std::move(schema);
}

// What a row has, for a person.
std::string shown(const Value& value) {
  constexpr std::size_t longest = 60;
  const std::string text = to_json(value);
  return text.size() > longest ? text.substr(0, longest) + "..." : text;
}

std::string no_such_value(const RowSource& source, std::size_t column) {
  const Column& c = source.columns()[column];
  return fmt::format("{}, column {}: {} is no {}", source.place(), c.name, shown(source.values()[column]), to_string(c.type));
}

bool errors_are_null(const Arguments& arguments) {
  const std::string word = arguments.string("unreadable", "error");
  if (word != "error" && word != "null")
    throw TaskFailedForGood(fmt::format("the argument unreadable must be error or null, not '{}'", word));
  return word == "null";
}

// The row as values of the columns' types. How many became null.
std::int64_t make_typed(const RowSource& source, bool null_errors, std::vector<Value>& row) {
  std::int64_t unreadable = 0;
  for (std::size_t c = 0; c < row.size(); ++c) {
    auto typed = typed_value(source.values()[c], source.columns()[c].type);
    if (!typed && !null_errors) throw TaskFailed(no_such_value(source, c));
    if (!typed) ++unreadable;
    row[c] = typed ? *std::move(typed) : Value();
  }
  return unreadable;
}

}  // namespace

Value move_rows(MoverTry& t, const Arguments& arguments) {
  const Way& way = way_of(t);
  const bool null_errors = errors_are_null(arguments);
  try {
    if (way.from == RowFormat::parquet && way.to == RowFormat::csv && may_go_by_columns(arguments))
      return move_parquet_to_csv(t, arguments);
    const auto schema = schema_of(arguments);
    const auto source = open_rows(way.from, t, arguments, false);
    // Of JSON lines without columns values keep what they are; of files of the run they are typed already. Parquet has types.
    const bool is_typed =
        way.to == RowFormat::parquet || (way.to != RowFormat::run_file && arguments.find("columns") != nullptr);
    const auto sink = open_sink(*way.to, t, arguments, source->columns());
    std::int64_t rows = 0, unreadable = 0;
    std::vector<Value> row(source->columns().size());
    while (source->next()) {
      if (schema) {
        if (const auto why = schema->misfit(source->object()))
          throw TaskFailed(fmt::format("{} does not fit json_schema: {}", source->place(), *why));
      }
      if (is_typed) unreadable += make_typed(*source, null_errors, row);
      unreadable += sink->put(is_typed ? row : source->values());
      ++rows;
    }
    const Value written = sink->finish();
    t.log.info(fmt::format("read {} and wrote {} rows, {} bytes, to {}", source->name(), rows, sink->bytes(), sink->name()));
    if (unreadable > 0) {
      t.log.warning(fmt::format("{} values are none of their column's type; they {}", unreadable,
                                way.to == RowFormat::run_file ? "are kept as unreadable" : "became null"));
    }
    return written;
  } catch (const CsvError& e) {
    throw TaskFailed(e.what());
  }
}

Value validate_rows(MoverTry& t, const Arguments& arguments) {
  const Way& way = way_of(t);
  const auto shown_at_most = arguments.integer("max_errors", 10);
  if (shown_at_most < 1) throw TaskFailedForGood("the argument max_errors must be at least 1");
  std::int64_t rows = 0, wrong = 0;
  std::vector<std::string> problems;
  const auto note = [&](std::string problem) {
    if (std::cmp_less(problems.size(), shown_at_most)) problems.push_back(std::move(problem));
  };
  const auto schema = schema_of(arguments);
  if (!schema && arguments.find("columns") == nullptr)
    throw TaskFailedForGood("there is nothing to check: give json_schema, or columns with types");
  try {
    const auto source = open_rows(way.from, t, arguments, true);
    while (source->next()) {
      bool fits = true;
      for (std::size_t c = 0; c < source->columns().size(); ++c) {
        if (typed_value(source->values()[c], source->columns()[c].type)) continue;
        fits = false;
        note(no_such_value(*source, c));
      }
      if (schema && fits) {
        Value object = source->object();
        if (way.from == RowFormat::csv) {  // texts: as what the columns say
          for (std::size_t c = 0; c < source->columns().size(); ++c)
            object.as_object().set(source->columns()[c].name, *typed_value(source->values()[c], source->columns()[c].type));
        }
        if (const auto why = schema->misfit(object)) {
          fits = false;
          note(fmt::format("{}: {}", source->place(), *why));
        }
      }
      ++rows;
      if (!fits) ++wrong;
    }
  } catch (const CsvError& e) {
    throw TaskFailed(e.what());
  }
  if (wrong > 0)
    throw TaskFailed(fmt::format("{} of {} rows are not as they should be:\n{}", wrong, rows, fmt::join(problems, "\n")));
  t.log.info(fmt::format("all {} rows of {} are as they should be", rows, arguments.string("path")));
  return static_cast<long long>(rows);
}

}  // namespace venturi::providers
