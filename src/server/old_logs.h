// Logs of runs that ended take a tenth of their room when they are compressed; `tasks logs` and the API read both.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/fd.h"
#include "base/gzip.h"
#include "base/result.h"
#include "base/time.h"

namespace venturi::server {

// Compresses the logs of tries below a run's folder that nobody wrote to since `before`; how many those were. For a thread
// beside the loop.
[[nodiscard]] Result<std::int64_t> compress_old_logs(const std::string& run_folder, Time before, const std::atomic<bool>& stop);

// The file of this name, or the compressed one in its place: then `is_compressed`. Empty, with errno, where there is neither.
[[nodiscard]] Fd open_log(const std::string& path, bool& is_compressed);

// Reads a log in pieces, whether it is compressed or not.
class LogReader {
 public:
  // From this byte on; nothing where there is no such log.
  [[nodiscard]] static Result<std::optional<LogReader>> open(const std::string& path, std::int64_t from);
  // The next bytes: fewer than `most` at the end only.
  [[nodiscard]] Result<std::string> read(std::size_t most);
  // Where the last line ends that is whole now, or `from`; nothing where it is compressed: nobody writes to it any more.
  [[nodiscard]] std::optional<std::int64_t> end_of_lines() const;

 private:
  LogReader(Fd plain, std::optional<GunzipReader> compressed, std::string path, std::int64_t from)
      : plain_(std::move(plain)), compressed_(std::move(compressed)), path_(std::move(path)), at_(from) {}

  Fd plain_;
  std::optional<GunzipReader> compressed_;
  std::string path_;
  std::int64_t at_;
};

// Of a longer one no more than the end is held.
struct LogEnd {
  std::string text;      // at most so many bytes, from the beginning of a line on
  std::size_t size = 0;  // of all of it
};
[[nodiscard]] Result<std::optional<LogEnd>> read_log_end(const std::string& path, std::size_t most);

}  // namespace venturi::server
