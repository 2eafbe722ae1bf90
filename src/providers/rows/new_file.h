// Files that operators write outside of the run's folder.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/gzip_stream.h"
#include "operators/charset.h"
#include "providers/rows/compression.h"

namespace venturi::providers {

// Throws TaskFailedForGood where the text is no absolute path of a file.
[[nodiscard]] std::string absolute_file(std::string_view argument, std::string path);

// A file that appears under its name when it is complete, and leaves nothing where it does not. What cannot be done is
// TaskFailed, naming the file.
class NewFile {
 public:
  // `tag` makes the temporary name one of its own.
  NewFile(std::string path, const std::string& tag);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  void write(std::string_view bytes);
  // Durable from here on.
  void finish();
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] int fd() const { return fd_.get(); }
  // For who writes into fd() itself: how much that was.
  void set_size(std::size_t size) { size_ = size; }

 private:
  [[noreturn]] void fail(const char* what) const;

  std::string path_, folder_, temporary_;
  Fd fd_;
  std::size_t size_ = 0, sent_ = 0;
};

// Collects bytes of UTF-8, and writes them in the encoding and the compression that are wanted.
class EncodedFile {
 public:
  // Throws TaskFailedForGood for an encoding that nobody knows.
  EncodedFile(NewFile& file, const std::string& encoding, Compression compression = Compression::none);
  void put(std::string_view bytes);
  // Nothing is put after it.
  void finish();

 private:
  void flush();
  void write(std::string_view bytes);

  NewFile& file_;
  std::string buffer_;
  std::optional<operators::CharsetConverter> converter_;
  std::optional<GzipPacker> packer_;
};

}  // namespace venturi::providers
