// Files that are kept compressed: "x.log.gz" in place of "x.log".
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/fd.h"
#include "base/result.h"

struct gzFile_s;  // zlib's

namespace venturi {

// Puts <path>.gz in the file's place, with its mode and its times. Until that is whole the file stays; a crash leaves the one
// or the other, or both with the same content.
[[nodiscard]] Result<void> gzip_in_place(const std::string& path);

struct CloseGzip {
  void operator()(gzFile_s* file) const;
};
using Gzip = std::unique_ptr<gzFile_s, CloseGzip>;

// Reads a file from its beginning on, compressed or not, in pieces.
class GunzipReader {
 public:
  [[nodiscard]] static Result<GunzipReader> open(Fd file, std::string path);
  // The next bytes: fewer than `most` at the end only. An error says what is wrong with the file.
  [[nodiscard]] Result<std::string> read(std::size_t most);
  // Passes over so many bytes, or over all where there are fewer.
  [[nodiscard]] Result<void> skip(std::int64_t bytes);

 private:
  GunzipReader(Gzip file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
  Gzip file_;
  std::string path_;
};

// The content from a descriptor at its beginning, compressed or not. An error says what is wrong with it, or that it has more
// than `most` bytes.
[[nodiscard]] Result<std::string> gunzip(Fd file, const std::string& path, std::size_t most = std::size_t(-1));

}  // namespace venturi
