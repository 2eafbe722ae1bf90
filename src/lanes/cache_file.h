// Files of the cache and what is known of a file without reading it. What is written here can be made again, so it is not
// synced to disk; it is renamed into place, so that nobody, another process on the same cache included, sees half of it.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"

namespace venturi::lanes {

// Two equal stamps of one path mean the same content, but for writes within the tick of the file system's clock
// (FileIndex takes care of those). The change time notices what `cp -p` over a file hides.
struct FileStamp {
  std::uint64_t inode = 0, size = 0;
  std::int64_t mtime_ns = 0, ctime_ns = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
[[nodiscard]] FileStamp stamp_of(const struct stat& status);
// Follows links; nothing where there is no such regular file.
[[nodiscard]] std::optional<FileStamp> stamp_of(const std::string& path);

[[nodiscard]] Result<std::string> read_file(const std::string& path);
[[nodiscard]] Result<void> write_file(const std::string& path, std::string_view content);
// Makes the folder and those above it, 0700.
[[nodiscard]] Result<void> make_folder(const std::string& path);
// Held until it is closed; an error of kind `conflict` where another process (`dags test` shares the cache with a server) has
// it.
[[nodiscard]] Result<Fd> lock_file(const std::string& path);

}  // namespace venturi::lanes
