// Logs of runs that ended take a tenth of their room when they are compressed; `tasks logs` and the API read both.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "base/time.h"

namespace venturi::server {

// Compresses the logs of tries below a run's folder that nobody wrote to since `before`; how many those were. For a thread
// beside the loop.
[[nodiscard]] Result<std::int64_t> compress_old_logs(const std::string& run_folder, Time before, const std::atomic<bool>& stop);

// The file of this name, or the compressed one in its place: then `is_compressed`. Empty, with errno, where there is neither.
[[nodiscard]] Fd open_log(const std::string& path, bool& is_compressed);

// Its content; nothing where there is neither. At most so many bytes.
[[nodiscard]] Result<std::optional<std::string>> read_log(const std::string& path, std::size_t most);

// Of a longer one no more than the end is held.
struct LogEnd {
  std::string text;      // at most so many bytes, from the beginning of a line on
  std::size_t size = 0;  // of all of it
};
[[nodiscard]] Result<std::optional<LogEnd>> read_log_end(const std::string& path, std::size_t most);

}  // namespace venturi::server
