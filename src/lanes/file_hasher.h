// Hashes (and copies) files of any size a slice at a time, so that the loop it runs on is never held up by a folder full of
// programs.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/event_loop.h"
#include "base/result.h"
#include "lanes/cache_file.h"

namespace venturi::lanes {

struct HashedFile {
  std::string hash;  // SHA-256 of exactly the bytes that were copied
  FileStamp stamp;   // of the source, the same before and after it was read
  std::int64_t read_at_ns = 0;
};

class FileHasher {
 public:
  using OnDone = std::function<void(Result<HashedFile>)>;

  explicit FileHasher(EventLoop& loop);
  ~FileHasher();
  FileHasher(const FileHasher&) = delete;
  FileHasher& operator=(const FileHasher&) = delete;

  // `copy_to`: a new file, mode 0700, or empty for no copy; it is removed again on error. A file that changes
  // while it is read is an error of kind `conflict`: whoever writes it will be noticed again. `done` is called from the loop.
  void hash(std::string path, std::string copy_to, OnDone done);

 private:
  struct Job;
  void step();
  void step_soon();

  EventLoop& loop_;
  std::deque<std::unique_ptr<Job>> jobs_;  // the first is being read
  std::optional<EventLoop::TimerId> timer_;
};

}  // namespace venturi::lanes
