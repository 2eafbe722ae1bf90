#include "providers/parquet/parquet_reader.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "operators/outcome.h"
#include "providers/rows/csv_input.h"

namespace venturi::providers {

using operators::TaskFailed;

namespace {

constexpr std::int64_t batch_size = 8192;

std::vector<ArrowColumn> arrow_columns(ArrowSchema& schema) {
  std::vector<ArrowColumn> columns;
  for (std::int64_t i = 0; i < schema.n_children; ++i) columns.push_back(arrow_column(*schema.children[i]));
  schema.release(&schema);
  return columns;
}

}  // namespace

ParquetReader::ParquetReader(std::string path, const operators::StopSignal& stop)
    : path_(std::move(path)), stop_(stop), plugin_(load_parquet()) {
  // Its contents are listed at its end: it cannot be read as it comes. Looked at before it is opened, which may wait for a
  // writer.
  if (struct stat info{}; ::stat(path_.c_str(), &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode))
    throw TaskFailed(path_ + " is a pipe or a device: a Parquet file is read from its end");
  Fd file = open_source(path_);
  check_parquet(plugin_, plugin_.open(file.release(), &reader_), path_);
  try {
    ArrowSchema schema{};
    check_parquet(plugin_, plugin_.schema(reader_, &schema), path_);
    columns_ = arrow_columns(schema);
  } catch (...) {
    release();
    throw;
  }
}

ParquetReader::~ParquetReader() {
  release();
}

void ParquetReader::release() {
  if (coming_.valid()) {
    Fetched unwanted = coming_.get();
    if (unwanted.batch.release != nullptr) unwanted.batch.release(&unwanted.batch);
  }
  if (batch_.release != nullptr) batch_.release(&batch_);
  if (stream_.release != nullptr) stream_.release(&stream_);
  if (reader_ != nullptr) plugin_.close(reader_);
  reader_ = nullptr;
}

int ParquetReader::find(std::string_view name) const {
  const auto found = std::ranges::find(columns_, name, &ArrowColumn::name);
  if (found == columns_.end()) return -1;
  if (std::find_if(found + 1, columns_.end(), [&](const ArrowColumn& c) { return c.name == name; }) != columns_.end())
    throw TaskFailed(fmt::format("{}: two columns are named {}", path_, name));
  return static_cast<int>(found - columns_.begin());
}

std::int64_t ParquetReader::row_count() const {
  return plugin_.row_count(reader_);
}

void ParquetReader::read(const std::vector<int>& columns) {
  for (const int c : columns) {
    const ArrowColumn& column = columns_[static_cast<std::size_t>(c)];
    if (const std::string part = unreadable_part(column); !part.empty()) {
      throw TaskFailed(
          fmt::format("{}: the column {} is, or has in it, what cannot be read (Arrow's type '{}'): name the columns "
                      "that are wanted, without it",
                      path_, column.name, part));
    }
  }
  std::vector<std::int32_t> sorted(columns.begin(), columns.end());
  std::ranges::sort(sorted);
  const auto same = std::ranges::unique(sorted);
  sorted.erase(same.begin(), same.end());
  for (const int c : columns) places_.push_back(static_cast<std::size_t>(std::ranges::lower_bound(sorted, c) - sorted.begin()));
  check_parquet(plugin_, plugin_.read(reader_, sorted.data(), static_cast<std::int32_t>(sorted.size()), batch_size, &stream_),
                path_);
  ArrowSchema schema{};
  if (const int error = stream_.get_schema(&stream_, &schema); error != 0)
    throw TaskFailed(fmt::format("{}: {}", path_, stream_.get_last_error(&stream_)));
  read_columns_ = arrow_columns(schema);
}

ParquetReader::Fetched ParquetReader::fetch() {
  Fetched fetched;
  if (const int error = stream_.get_next(&stream_, &fetched.batch); error != 0) {
    const char* why = stream_.get_last_error(&stream_);
    fetched.problem = why == nullptr ? std::strerror(error) : why;
  }
  return fetched;
}

bool ParquetReader::next() {
  do {
    stop_.check();
    if (batch_.release != nullptr) {
      rows_before_ += batch_.length;
      batch_.release(&batch_);
      batch_ = {};
    }
    const Fetched fetched = coming_.valid() ? coming_.get() : fetch();
    if (!fetched.problem.empty()) throw TaskFailed(fmt::format("{}, behind row {}: {}", path_, rows_before_, fetched.problem));
    batch_ = fetched.batch;
    if (batch_.release == nullptr) return false;
    coming_ = std::async(std::launch::async, [this] { return fetch(); });
  } while (batch_.length == 0);
  return true;
}

}  // namespace venturi::providers
