// A Parquet file, batch by batch: memory grows neither with the file nor with its row groups. The next batch is unpacked by a
// thread of its own while the caller goes through the present one.
#pragma once

#include <cstdint>
#include <future>
#include <string>
#include <vector>

#include "operators/stop_signal.h"
#include "providers/parquet/arrow_column.h"
#include "providers/parquet/plugin.h"

namespace venturi::providers {

class ParquetReader {
 public:
  // Throws TaskFailed naming the file where it is missing, damaged or no Parquet file; TaskFailedForGood without the plugin.
  ParquetReader(std::string path, const operators::StopSignal& stop);
  ParquetReader(const ParquetReader&) = delete;
  ParquetReader& operator=(const ParquetReader&) = delete;
  ~ParquetReader();

  // All columns of the file.
  [[nodiscard]] const std::vector<ArrowColumn>& columns() const { return columns_; }
  // The number of a column; -1: there is none. Throws TaskFailed where several have that name.
  [[nodiscard]] int find(std::string_view name) const;
  [[nodiscard]] std::int64_t row_count() const;

  // Begins to read the columns with these numbers. Throws TaskFailed for one of a type that has no text.
  void read(const std::vector<int>& columns);
  // Goes to the next batch with rows in it; false at the end. Throws TaskFailed where the file is damaged; Stopped.
  bool next();
  [[nodiscard]] std::int64_t batch_rows() const { return batch_.length; }
  // Rows of the batches before this one.
  [[nodiscard]] std::int64_t rows_before() const { return rows_before_; }
  // Of the batch, in the order of read().
  [[nodiscard]] const ArrowArray& array(std::size_t place) const { return *batch_.children[places_[place]]; }
  [[nodiscard]] const ArrowColumn& column(std::size_t place) const { return read_columns_[places_[place]]; }
  [[nodiscard]] std::size_t width() const { return places_.size(); }

 private:
  struct Fetched {
    ArrowArray batch{};
    std::string problem;
  };
  Fetched fetch();
  void release();

  std::string path_;
  const operators::StopSignal& stop_;
  const VenturiParquet& plugin_;
  void* reader_ = nullptr;
  ArrowArrayStream stream_{};
  ArrowArray batch_{};
  std::future<Fetched> coming_;
  std::vector<ArrowColumn> columns_, read_columns_;
  std::vector<std::size_t> places_;  // of the columns of read() in a batch
  std::int64_t rows_before_ = 0;
};

}  // namespace venturi::providers
