/* What Venturi and its Parquet plugin say to each other: a table of C functions, and batches of columns in the form of the
 * Arrow C data interface (https://arrow.apache.org/docs/format/CDataInterface.html), whose layout no release of Arrow changes.
 * The plugin is compiled against one pyarrow wheel; nothing of Arrow's C++ passes here. */
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The three structures of that interface, under the guards that it prescribes: Arrow's own header has them too. */
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE
#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema** children;
  struct ArrowSchema* dictionary;
  void (*release)(struct ArrowSchema*);
  void* private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void** buffers;
  struct ArrowArray** children;
  struct ArrowArray* dictionary;
  void (*release)(struct ArrowArray*);
  void* private_data;
};
#endif

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE
struct ArrowArrayStream {
  int (*get_schema)(struct ArrowArrayStream*, struct ArrowSchema* out);
  int (*get_next)(struct ArrowArrayStream*, struct ArrowArray* out);
  const char* (*get_last_error)(struct ArrowArrayStream*);
  void (*release)(struct ArrowArrayStream*);
  void* private_data;
};
#endif

/* Another number: another table. A plugin of another number is not used. */
#define VENTURI_PARQUET_ABI 1

/* Each function that gives a text gives NULL where all went well, and otherwise what is wrong: free_text() takes it back. */
struct VenturiParquet {
  int32_t abi; /* VENTURI_PARQUET_ABI: the first member, for ever */
  const char* arrow_version;
  void (*free_text)(char* text);

  /* Reads a file. The descriptor belongs to the plugin from here on, whatever becomes of it. */
  char* (*open)(int fd, void** reader);
  char* (*schema)(void* reader, struct ArrowSchema* out);
  int64_t (*row_count)(void* reader);
  /* The columns with these numbers, in ascending order, in batches of at most so many rows, one after the other. */
  char* (*read)(void* reader, const int32_t* columns, int32_t count, int64_t batch_rows, struct ArrowArrayStream* out);
  void (*close)(void* reader); /* after the stream was released */

  /* Writes a file. `schema` and each `batch`, a struct of the columns, belong to the plugin; `compression` is snappy, zstd,
   * gzip, lz4, brotli or none. The descriptor does not: it stays open, and what was written is there after finish(). */
  char* (*create)(int fd, struct ArrowSchema* schema, const char* compression, int64_t row_group_rows, void** writer);
  char* (*write)(void* writer, struct ArrowArray* batch);
  char* (*finish)(void* writer);
  void (*discard)(void* writer); /* of a writer, finished or not */
};

/* What the shared object exports. */
#define VENTURI_PARQUET_SYMBOL "venturi_parquet"
typedef const struct VenturiParquet* (*VenturiParquetFunction)(void);

#ifdef __cplusplus
}
#endif
