// Parquet files as rows come from and go to (providers/rows).
//
//   path / output_path   the file
//   columns              which ones, by name, and what their values are to be; all of the file's as they are where it is not
//   given compression          of what is written: snappy (the default), zstd, gzip, lz4, brotli or none row_group_size of what
//   is written: how many rows, 131072; so many are in memory, packed
#pragma once

#include <memory>
#include <vector>

#include "providers/rows/row_sink.h"
#include "providers/rows/row_source.h"

namespace venturi::providers {

// `checks` is for who only looks whether the file is as `columns` say: that is said of the types of the file's columns, all at
// once, and not of each value.
[[nodiscard]] std::unique_ptr<RowSource> open_parquet(operators::MoverTry& t, const operators::Arguments& arguments,
                                                      bool checks);
[[nodiscard]] std::unique_ptr<RowSink> open_parquet_sink(const operators::MoverTry& t, const operators::Arguments& arguments,
                                                         std::vector<Column> columns);

// Parquet to CSV, column by column: the same that row by row gives, several times as fast. Only where may_go_by_columns().
[[nodiscard]] bool may_go_by_columns(const operators::Arguments& arguments);
[[nodiscard]] Value move_parquet_to_csv(operators::MoverTry& t, const operators::Arguments& arguments);

}  // namespace venturi::providers
