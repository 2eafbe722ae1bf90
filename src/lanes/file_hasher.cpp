#include "lanes/file_hasher.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <vector>

#include "base/crypto.h"
#include "base/fd.h"
#include "lanes/file_index.h"
#include "lanes/loop_slice.h"

namespace venturi::lanes {

namespace {

constexpr std::size_t chunk_size = 256 << 10;

}  // namespace

struct FileHasher::Job {
  std::string path, copy_to;
  OnDone done;
  Fd in, out;
  Sha256 hash;
  HashedFile file;

  Job(std::string p, std::string c, OnDone d) : path(std::move(p)), copy_to(std::move(c)), done(std::move(d)) {}

  [[nodiscard]] std::unexpected<Error> failed(std::string what, const std::string& where, ErrorKind kind) {
    const int error = errno;
    if (out) ::unlink(copy_to.c_str());
    if (error == ENOSPC) kind = ErrorKind::exhausted;
    if (error != 0) what += std::string(": ") + std::strerror(error);
    return fail(kind, std::move(what), where, kind == ErrorKind::exhausted ? "make room on that disk" : "");
  }

  Result<void> open() {
    in = Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!in) return failed("cannot be opened", path, errno == ENOENT ? ErrorKind::not_found : ErrorKind::denied);
    struct stat status{};
    if (::fstat(in.get(), &status) != 0) return failed("fstat", path, ErrorKind::unavailable);
    file.stamp = stamp_of(status);
    file.read_at_ns = wall_clock_ns();
    if (copy_to.empty()) return {};
    out = Fd(::open(copy_to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700));
    if (!out) return failed("cannot be made", copy_to, ErrorKind::unavailable);
    return {};
  }

  // True when all was read.
  Result<bool> read_chunk(std::vector<char>& buffer) {
    const ssize_t n = ::read(in.get(), buffer.data(), buffer.size());
    if (n < 0) return failed("cannot be read", path, ErrorKind::unavailable);
    if (n == 0) return true;
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(n));
    hash.update(bytes);
    if (out && !write_all(out.get(), bytes)) return failed("cannot be written", copy_to, ErrorKind::unavailable);
    return false;
  }

  Result<HashedFile> finish() {
    if (stamp_of(path) != file.stamp) {
      errno = 0;
      return failed("changed while it was read", path, ErrorKind::conflict);
    }
    // Begins the writing to disk without waiting for it, which would hold up the loop (10 ms for a small program here). With
    // ext4's ordered mode the next commit of the metadata database then waits for these blocks, before a run can refer to
    // them. A copy that is cut off all the same is noticed and made again (ProgramStore::find).
    if (out) (void)::sync_file_range(out.get(), 0, 0, SYNC_FILE_RANGE_WRITE);
    file.hash = hash.hex();
    return file;
  }
};

FileHasher::FileHasher(EventLoop& loop) : loop_(loop) {}

FileHasher::~FileHasher() {
  if (timer_) loop_.cancel(*timer_);
  for (const auto& job : jobs_) {
    if (job->out) ::unlink(job->copy_to.c_str());
  }
}

void FileHasher::hash(std::string path, std::string copy_to, OnDone done) {
  jobs_.push_back(std::make_unique<Job>(std::move(path), std::move(copy_to), std::move(done)));
  step_soon();
}

void FileHasher::step_soon() {
  if (timer_ || jobs_.empty()) return;
  timer_ = loop_.after(std::chrono::microseconds(0), [this] {
    timer_.reset();
    step();
  });
}

void FileHasher::step() {
  const auto until = std::chrono::steady_clock::now() + loop_slice;
  std::vector<char> buffer(chunk_size);
  Job& job = *jobs_.front();
  Result<HashedFile> outcome;
  if (auto opened = job.in ? Result<void>() : job.open(); !opened) {
    outcome = std::unexpected(opened.error());
  } else {
    Result<bool> ended = false;
    while (ended && !*ended && std::chrono::steady_clock::now() < until) ended = job.read_chunk(buffer);
    if (ended && !*ended) return step_soon();
    if (ended)
      outcome = job.finish();
    else
      outcome = std::unexpected(ended.error());
  }
  const std::unique_ptr<Job> over = std::move(jobs_.front());
  jobs_.pop_front();
  over->out.reset();  // closed before anybody executes the copy
  step_soon();
  over->done(std::move(outcome));
}

}  // namespace venturi::lanes
