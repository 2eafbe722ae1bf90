// The Parquet plugin: what venturi_parquet.h declares, on the Arrow that a pyarrow wheel brings along. `install` compiles it on
// the machine where it runs, by whatever compiler there is; it is no part of Venturi's programs.
#include <venturi_parquet.h>

#include <arrow/api.h>
#include <arrow/c/bridge.h>
#include <arrow/io/file.h>
#include <arrow/util/compression.h>
#include <arrow/util/config.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

char* text_of(const std::string& text) {
  char* copy = new char[text.size() + 1];
  std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}
char* text_of(const arrow::Status& status) {
  return status.ok() ? nullptr : text_of(status.message());
}

// No exception of Arrow's leaves the plugin.
template <class Work>
char* guarded(Work work) {
  try {
    return text_of(work());
  } catch (const std::exception& e) {
    return text_of(std::string(e.what()));
  } catch (...) {
    return text_of(std::string("an unknown exception"));
  }
}

struct Reader {
  std::unique_ptr<parquet::arrow::FileReader> file;
};

struct Writer {
  std::shared_ptr<arrow::Schema> schema;
  std::shared_ptr<arrow::io::OutputStream> out;
  std::unique_ptr<parquet::arrow::FileWriter> file;
};

arrow::Status open_file(int fd, void** out) {
  ARROW_ASSIGN_OR_RAISE(auto file, arrow::io::ReadableFile::Open(fd));
  auto reader = std::make_unique<Reader>();
  parquet::ReaderProperties properties;
  // Pages as they are needed: memory does not grow with the size of a row group.
  properties.enable_buffered_stream();
  properties.set_buffer_size(1 << 18);
  parquet::ArrowReaderProperties of_arrow(/*use_threads=*/false);
  of_arrow.set_pre_buffer(false);
  parquet::arrow::FileReaderBuilder builder;
  ARROW_RETURN_NOT_OK(builder.Open(file, properties));
  builder.properties(of_arrow);
  ARROW_RETURN_NOT_OK(builder.Build(&reader->file));
  *out = reader.release();
  return arrow::Status::OK();
}

arrow::Status export_schema(const Reader& reader, ArrowSchema* out) {
  std::shared_ptr<arrow::Schema> schema;
  ARROW_RETURN_NOT_OK(reader.file->GetSchema(&schema));
  return arrow::ExportSchema(*schema, out);
}

// Parquet counts leaves: a list or a struct is one column and has several.
arrow::Status read_columns(Reader& reader, const int32_t* columns, int32_t count, int64_t batch_rows, ArrowArrayStream* out) {
  const parquet::SchemaDescriptor& schema = *reader.file->parquet_reader()->metadata()->schema();
  std::vector<int> leaves;
  for (int32_t c = 0; c < count; ++c) {
    const parquet::schema::Node* wanted = schema.group_node()->field(columns[c]).get();
    for (int leaf = 0; leaf < schema.num_columns(); ++leaf) {
      if (schema.GetColumnRoot(leaf) == wanted) leaves.push_back(leaf);
    }
  }
  std::vector<int> groups(static_cast<std::size_t>(reader.file->num_row_groups()));
  std::iota(groups.begin(), groups.end(), 0);
  reader.file->set_batch_size(batch_rows);
  ARROW_ASSIGN_OR_RAISE(auto batches, reader.file->GetRecordBatchReader(groups, leaves));
  return arrow::ExportRecordBatchReader(std::shared_ptr<arrow::RecordBatchReader>(std::move(batches)), out);
}

arrow::Result<arrow::Compression::type> codec_of(std::string_view name) {
  if (name == "none") return arrow::Compression::UNCOMPRESSED;
  if (name == "lz4") return arrow::Compression::LZ4;
  ARROW_ASSIGN_OR_RAISE(const auto type, arrow::util::Codec::GetCompressionType(std::string(name)));
  if (!arrow::util::Codec::IsAvailable(type)) return arrow::Status::Invalid("this pyarrow has no ", std::string(name));
  return type;
}

arrow::Status create_file(int fd, ArrowSchema* schema, const char* compression, int64_t row_group_rows, void** out) {
  auto writer = std::make_unique<Writer>();
  ARROW_ASSIGN_OR_RAISE(writer->schema, arrow::ImportSchema(schema));
  const int own = ::dup(fd);
  if (own < 0) return arrow::Status::IOError("dup: ", std::strerror(errno));
  ARROW_ASSIGN_OR_RAISE(writer->out, arrow::io::FileOutputStream::Open(own));
  ARROW_ASSIGN_OR_RAISE(const auto codec, codec_of(compression));
  parquet::WriterProperties::Builder properties;
  properties.compression(codec)->max_row_group_length(row_group_rows)->created_by("Venturi, Arrow " ARROW_VERSION_STRING);
  ARROW_ASSIGN_OR_RAISE(writer->file,
                        parquet::arrow::FileWriter::Open(*writer->schema, arrow::default_memory_pool(), writer->out,
                                                         properties.build(), parquet::default_arrow_writer_properties()));
  *out = writer.release();
  return arrow::Status::OK();
}

arrow::Status write_batch(Writer& writer, ArrowArray* batch) {
  ARROW_ASSIGN_OR_RAISE(const auto rows, arrow::ImportRecordBatch(batch, writer.schema));
  return writer.file->WriteRecordBatch(*rows);
}

arrow::Status finish_file(Writer& writer) {
  ARROW_RETURN_NOT_OK(writer.file->Close());
  return writer.out->Close();
}

Reader& reader_of(void* reader) {
  return *static_cast<Reader*>(reader);
}
Writer& writer_of(void* writer) {
  return *static_cast<Writer*>(writer);
}

const VenturiParquet table{
    VENTURI_PARQUET_ABI,
    ARROW_VERSION_STRING,
    [](char* text) { delete[] text; },
    [](int fd, void** reader) { return guarded([=] { return open_file(fd, reader); }); },
    [](void* reader, ArrowSchema* out) { return guarded([=] { return export_schema(reader_of(reader), out); }); },
    [](void* reader) { return reader_of(reader).file->parquet_reader()->metadata()->num_rows(); },
    [](void* reader, const int32_t* columns, int32_t count, int64_t batch_rows, ArrowArrayStream* out) {
      return guarded([=] { return read_columns(reader_of(reader), columns, count, batch_rows, out); });
    },
    [](void* reader) { delete static_cast<Reader*>(reader); },
    [](int fd, ArrowSchema* schema, const char* compression, int64_t row_group_rows, void** writer) {
      return guarded([=] { return create_file(fd, schema, compression, row_group_rows, writer); });
    },
    [](void* writer, ArrowArray* batch) { return guarded([=] { return write_batch(writer_of(writer), batch); }); },
    [](void* writer) { return guarded([=] { return finish_file(writer_of(writer)); }); },
    [](void* writer) {
      try {
        delete static_cast<Writer*>(writer);
      } catch (...) {}  // it is given up: whoever does that has an error already, and C cannot take another
    },
};

}  // namespace

extern "C" __attribute__((visibility("default"))) const VenturiParquet* venturi_parquet() {
  return &table;
}
