#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "base/time.h"
#include "operators/mover_try.h"
#include "operators/outcome.h"
#include "providers/parquet/parquet_rows.h"
#include "providers/parquet/plugin.h"
#include "providers/rows/new_file.h"

namespace venturi::providers {
namespace {

using operators::Arguments;
using operators::MoverTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;

constexpr std::int64_t sink_rows = 8192;
constexpr std::size_t sink_bytes = 64UL << 20U;  // of texts, which are counted in 32 bits
constexpr std::int64_t default_row_group = 131072;

const char* format_of(ColumnType type) {
  switch (type) {
    case ColumnType::boolean:
      return "b";
    case ColumnType::int64:
      return "l";
    case ColumnType::float64:
      return "g";
    case ColumnType::timestamp:
      return "tsu:UTC";
    case ColumnType::string:
      break;
  }
  return "u";
}

// Whoever gets it calls `release`, which gives all of it back.
struct SchemaOwner {
  std::vector<Column> columns;
  std::vector<ArrowSchema> fields;
  std::vector<ArrowSchema*> pointers;
};
void release_field(ArrowSchema* schema) {
  schema->release = nullptr;
}
void release_schema(ArrowSchema* schema) {
  delete static_cast<SchemaOwner*>(schema->private_data);
  schema->release = nullptr;
}
ArrowSchema make_schema(const std::vector<Column>& columns) {
  auto owner = std::make_unique<SchemaOwner>();
  owner->columns = columns;
  owner->fields.resize(columns.size());
  for (std::size_t c = 0; c < columns.size(); ++c) {
    ArrowSchema& field = owner->fields[c];
    field.format = format_of(columns[c].type);
    field.name = owner->columns[c].name.c_str();
    field.flags = ARROW_FLAG_NULLABLE;
    field.release = release_field;
    owner->pointers.push_back(&field);
  }
  ArrowSchema schema{};
  schema.format = "+s";
  schema.name = "";
  schema.n_children = static_cast<std::int64_t>(columns.size());
  schema.children = owner->pointers.data();
  schema.release = release_schema;
  schema.private_data = owner.release();
  return schema;
}

// The values of a column that were put so far.
struct ColumnData {
  std::vector<std::uint8_t> validity, bits;
  std::vector<std::int64_t> integers;
  std::vector<double> reals;
  std::vector<std::int32_t> offsets{0};
  std::string text;
  std::int64_t nulls = 0;
};
void set_bit(std::vector<std::uint8_t>& bits, std::int64_t place, bool value) {
  const auto byte = static_cast<std::size_t>(place / 8);
  if (bits.size() <= byte) bits.resize(byte + 1);
  if (value) bits[byte] = static_cast<std::uint8_t>(bits[byte] | 1U << static_cast<unsigned>(place % 8));
}

struct ArrayOwner {
  ColumnData data;
  std::array<const void*, 3> buffers{};
};
void release_array(ArrowArray* array) {
  delete static_cast<ArrayOwner*>(array->private_data);
  array->release = nullptr;
}
ArrowArray make_array(ColumnType type, std::int64_t rows, ColumnData&& data) {
  auto owner = std::make_unique<ArrayOwner>();
  owner->data = std::move(data);
  const ColumnData& kept = owner->data;
  owner->buffers[0] = kept.nulls > 0 ? kept.validity.data() : nullptr;
  ArrowArray array{};
  array.n_buffers = 2;
  switch (type) {
    case ColumnType::boolean:
      owner->buffers[1] = kept.bits.data();
      break;
    case ColumnType::float64:
      owner->buffers[1] = kept.reals.data();
      break;
    case ColumnType::string:
      owner->buffers[1] = kept.offsets.data();
      owner->buffers[2] = kept.text.data();
      array.n_buffers = 3;
      break;
    case ColumnType::int64:
    case ColumnType::timestamp:
      owner->buffers[1] = kept.integers.data();
      break;
  }
  array.length = rows;
  array.null_count = kept.nulls;
  array.buffers = owner->buffers.data();
  array.release = release_array;
  array.private_data = owner.release();
  return array;
}

struct BatchOwner {
  std::vector<ArrowArray> arrays;
  std::vector<ArrowArray*> pointers;
  const void* buffers[1] = {nullptr};
  ~BatchOwner() {
    for (ArrowArray& array : arrays) {
      if (array.release != nullptr) array.release(&array);
    }
  }
};
void release_batch(ArrowArray* batch) {
  delete static_cast<BatchOwner*>(batch->private_data);
  batch->release = nullptr;
}

class ParquetSink final : public RowSink {
 public:
  ParquetSink(const MoverTry& t, const Arguments& arguments, std::vector<Column> columns)
      : columns_(std::move(columns)),
        data_(columns_.size()),
        plugin_(load_parquet()),
        file_(absolute_file("output_path", arguments.string("output_path")), t.facts.ti_id) {
    name_ = arguments.string("output_path");
    if (columns_.empty()) throw TaskFailed("there are no columns to write to " + name_ + ": name them");
    const std::int64_t row_group = arguments.integer("row_group_size", default_row_group);
    if (row_group < 1) throw TaskFailedForGood("the argument row_group_size must be at least 1");
    const std::string compression = arguments.string("compression", "snappy");
    constexpr std::array words{"snappy", "zstd", "gzip", "lz4", "brotli", "none"};
    if (std::ranges::find(words, compression) == words.end()) {
      throw TaskFailedForGood(
          fmt::format("the argument compression must be snappy, zstd, gzip, lz4, brotli or none, not '{}'", compression));
    }
    ArrowSchema schema = make_schema(columns_);
    check_parquet(plugin_, plugin_.create(file_.fd(), &schema, compression.c_str(), row_group, &writer_), name_);
  }
  ~ParquetSink() override {
    if (writer_ != nullptr) plugin_.discard(writer_);
  }
  ParquetSink(const ParquetSink&) = delete;
  ParquetSink& operator=(const ParquetSink&) = delete;

  std::int64_t put(const std::vector<Value>& row) override {
    for (std::size_t c = 0; c < row.size(); ++c) put(data_[c], columns_[c].type, row[c]);
    if (++rows_ == sink_rows || bytes_ > sink_bytes) flush();
    return 0;
  }
  Value finish() override {
    flush();
    check_parquet(plugin_, plugin_.finish(writer_), name_);
    struct stat info{};
    if (::fstat(file_.fd(), &info) == 0) file_.set_size(static_cast<std::size_t>(info.st_size));
    file_.finish();
    return name_;
  }
  [[nodiscard]] std::size_t bytes() const override { return file_.size(); }

 private:
  // Values are of the column's type, or null.
  void put(ColumnData& data, ColumnType type, const Value& value) {
    const bool is_null = value.is_null();
    set_bit(data.validity, rows_, !is_null);
    data.nulls += is_null ? 1 : 0;
    switch (type) {
      case ColumnType::boolean:
        return set_bit(data.bits, rows_, !is_null && value.as_bool());
      case ColumnType::int64:
        return data.integers.push_back(is_null ? 0 : value.as_int());
      case ColumnType::float64:
        return data.reals.push_back(is_null ? 0 : value.as_double());
      case ColumnType::timestamp:
        return data.integers.push_back(is_null ? 0 : parse_time(value.as_string()).value_or(Time()).time_since_epoch().count());
      case ColumnType::string:
        if (!is_null) {
          data.text += value.as_string();
          bytes_ += value.as_string().size();
        }
        return data.offsets.push_back(static_cast<std::int32_t>(data.text.size()));
    }
  }
  void flush() {
    if (rows_ == 0) return;
    auto owner = std::make_unique<BatchOwner>();
    for (std::size_t c = 0; c < columns_.size(); ++c)
      owner->arrays.push_back(make_array(columns_[c].type, rows_, std::exchange(data_[c], ColumnData())));
    for (ArrowArray& array : owner->arrays) owner->pointers.push_back(&array);
    ArrowArray batch{};
    batch.length = rows_;
    batch.n_buffers = 1;
    batch.buffers = owner->buffers;
    batch.n_children = static_cast<std::int64_t>(columns_.size());
    batch.children = owner->pointers.data();
    batch.release = release_batch;
    batch.private_data = owner.release();
    rows_ = 0;
    bytes_ = 0;
    check_parquet(plugin_, plugin_.write(writer_, &batch), name_);
  }

  std::vector<Column> columns_;
  std::vector<ColumnData> data_;
  const VenturiParquet& plugin_;
  NewFile file_;
  void* writer_ = nullptr;
  std::int64_t rows_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

std::unique_ptr<RowSink> open_parquet_sink(const MoverTry& t, const Arguments& arguments, std::vector<Column> columns) {
  return std::make_unique<ParquetSink>(t, arguments, std::move(columns));
}

}  // namespace venturi::providers
