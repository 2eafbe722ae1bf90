// Files that operators write outside of the run's folder.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "operators/charset.h"

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

 private:
  [[noreturn]] void fail(const char* what) const;

  std::string path_, folder_, temporary_;
  Fd fd_;
  std::size_t size_ = 0;
};

// Collects bytes of UTF-8, and writes them in the encoding that is wanted.
class EncodedFile {
 public:
  // Throws TaskFailedForGood for an encoding that nobody knows.
  EncodedFile(NewFile& file, const std::string& encoding);
  void put(std::string_view bytes);
  void flush();

 private:
  NewFile& file_;
  std::string buffer_;
  std::optional<operators::CharsetConverter> converter_;
};

}  // namespace venturi::providers
