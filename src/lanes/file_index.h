// Content hashes of files by their stamps, kept over restarts: a start with a thousand unchanged programs reads none of them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "lanes/cache_file.h"

namespace venturi::lanes {

class FileIndex {
 public:
  // An index that is missing or unreadable is an empty one: it only saves work.
  explicit FileIndex(std::string path);

  [[nodiscard]] std::optional<std::string> find(const std::string& file, const FileStamp& stamp);
  // `read_at`: wall clock in nanoseconds before the first byte was read. A file written shortly before that is not trusted
  // later, since a second write within the same tick of the clock would leave its stamp as it is.
  void remember(const std::string& file, const FileStamp& stamp, std::string hash, std::int64_t read_at_ns);
  // The hash of a small file, read now where the index does not know it.
  [[nodiscard]] Result<std::string> hash_now(const std::string& file);

  // Entries that nobody asked for since the start are left out when `forget_unused`. Writes nothing when nothing changed.
  [[nodiscard]] Result<void> save(bool forget_unused);

 private:
  struct Entry {
    FileStamp stamp;
    std::string hash;
    bool used = false;
  };
  std::string path_;
  std::map<std::string, Entry, std::less<>> entries_;
  bool changed_ = false;
};

[[nodiscard]] std::int64_t wall_clock_ns();

}  // namespace venturi::lanes
