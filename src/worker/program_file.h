// Which file a program's path leads to: another one, once the program was built again.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>

namespace venturi::worker {

struct ProgramFile {
  dev_t device = 0;
  ino_t inode = 0;
  std::int64_t modified_ns = 0, size = 0;
  friend bool operator==(const ProgramFile&, const ProgramFile&) = default;
};

// Nothing, with errno set, where there is none.
[[nodiscard]] inline std::optional<ProgramFile> program_file(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return ProgramFile{info.st_dev, info.st_ino, info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec, info.st_size};
}

}  // namespace venturi::worker
