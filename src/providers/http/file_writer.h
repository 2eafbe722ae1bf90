// A file that is there as a whole or not at all: written under a hidden name beside its own, with a checksum on the way, and
// renamed when it is complete. Each call blocks: in a thread beside the loop (net/background.h), one at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/crypto.h"
#include "base/fd.h"

namespace venturi::providers {

class FileWriter {
 public:
  enum class Checksum : std::uint8_t { none, sha256, crc32c };
  // Makes missing folders. Throws std::system_error naming the path.
  FileWriter(std::string path, Checksum checksum);
  // What was not finished is removed.
  ~FileWriter();
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;

  void write(std::string_view bytes);
  void start_again();
  // Of what was written, where it was asked for; nothing may be written afterwards.
  [[nodiscard]] std::string sha256() { return sha256_.hex(); }
  [[nodiscard]] std::uint32_t crc32c() const { return crc32c_; }
  // On the disk, and under its name.
  void finish();
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  std::string path_, hidden_;
  Checksum checksum_;
  Fd fd_;
  Sha256 sha256_;
  std::uint32_t crc32c_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace venturi::providers
