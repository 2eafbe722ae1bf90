// The rows of a query (pg_export.h) into objects of a store, one after the other: each is there as a whole or not at all.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "providers/http/object_sink.h"
#include "providers/postgres/pg_export.h"

namespace venturi::providers {

struct ExportLimits {
  std::uint64_t bytes = UINT64_MAX;  // an object that has so many, uncompressed, is the last but one
  std::int64_t rows = INT64_MAX;     // at most so many in one
};

struct ExportHow {
  ExportLimits limits = {};
  bool gzip = false;
  bool header = true;           // of CSV
  bool writes_on_empty = true;  // an object where there are no rows
  // pandas's index: the number of the row within its object, in front of it; its name in the header.
  std::optional<std::string> index_label = {};
  char delimiter = ',';
};

struct ExportedObject {
  std::string name;  // as the sink says it
  std::int64_t rows = 0;
  std::uint64_t bytes = 0;  // as stored
};

// Opens the n-th object, from 0, of rows with these values in the partition columns.
using OpenObject = std::function<boost::asio::awaitable<ObjectSinkPtr>(std::size_t number, std::vector<std::string> partition)>;

class ExportObjects {
 public:
  ExportObjects(std::shared_ptr<PgExport> rows, ExportHow how, OpenObject open);

  // All of them. Where it fails, or the try is cancelled, the object that was being written is given up, and those before it
  // stay; the query's transaction is not committed.
  [[nodiscard]] boost::asio::awaitable<std::vector<ExportedObject>> run();

 private:
  struct Gzip;
  boost::asio::awaitable<void> write_all();
  boost::asio::awaitable<void> take(std::shared_ptr<const ExportPage> page);
  boost::asio::awaitable<void> open(std::string partition);
  boost::asio::awaitable<void> flush();
  boost::asio::awaitable<void> close();
  void append(std::string_view line);
  boost::asio::awaitable<std::string> compressed(std::string bytes, bool is_end);

  std::shared_ptr<PgExport> rows_;
  ExportHow how_;
  OpenObject open_;
  ObjectSinkPtr sink_;
  std::shared_ptr<Gzip> gzip_;
  std::string partition_;    // of the object that is being written
  std::string pending_;      // lines for it
  std::uint64_t bytes_ = 0;  // of its lines
  std::int64_t count_ = 0;
  std::size_t number_ = 0;
  std::vector<ExportedObject> done_;
};

}  // namespace venturi::providers
