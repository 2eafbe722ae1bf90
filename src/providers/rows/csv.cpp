#include "providers/rows/csv.h"

#include <fmt/format.h>

#include "operators/cells.h"
#include "operators/mover_try.h"
#include "operators/outcome.h"
#include "providers/rows/csv_input.h"

namespace venturi::providers {

namespace {

using operators::Arguments;
using operators::ArgumentType;
using operators::MoverTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;
using operators::templated;

}  // namespace

Value move_from_csv(MoverTry& t, const Arguments& arguments) {
  std::optional<std::vector<Column>> columns = operators::columns_of(arguments);
  const std::string path = arguments.string("path");
  try {
    const CsvInput input(arguments, columns, t.stop);
    CsvReader& reader = *input.reader;
    if (!columns) {
      columns.emplace();
      for (const std::string& name : reader.header()) columns->push_back({name, ColumnType::string});
    }
    std::vector<std::size_t> places;
    for (const Column& column : *columns) places.push_back(reader.place_of(column.name));
    RunFileWriter writer(t.run_dir, operators::file_name(arguments, t), *columns);
    std::int64_t unreadable = 0;
    std::vector<TextCell> cells(places.size());
    while (reader.next()) {
      const auto fields = reader.fields();
      for (std::size_t c = 0; c < places.size(); ++c) {
        const CsvField field = places[c] < fields.size() ? fields[places[c]] : CsvField{};
        cells[c] = {field.text, field.is_null((*columns)[c].type)};
      }
      unreadable += writer.text_row(cells.data(), cells.size());
    }
    const RunFile written = writer.finish();
    t.log.info(fmt::format("read {} and wrote {} rows, {} bytes, to {}", path, written.row_count, written.bytes, written.path));
    if (unreadable > 0)
      t.log.warning(fmt::format("{} cells are no values of their column's type; they are kept as unreadable", unreadable));
    return written.to_value();
  } catch (const CsvError& e) {
    throw TaskFailed(e.what());
  }
}

}  // namespace venturi::providers
