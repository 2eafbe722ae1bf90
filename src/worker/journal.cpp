#include "worker/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

#include "base/errno_error.h"
#include "worker/crc32.h"

namespace venturi::worker {
namespace {

void put(std::string& out, std::uint32_t value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}
std::uint32_t take(std::string_view bytes) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

}  // namespace

Journal::Journal(const std::string& folder) : path_(folder + "/journal") {
  file_ = Fd(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file_) throw errno_error("open " + path_);
  const Fd parent(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent || ::fsync(parent.get()) != 0) throw errno_error("fsync " + folder);
  std::string content;
  char buffer[65536];
  for (ssize_t n = 0; (n = ::pread(file_.get(), buffer, sizeof buffer, static_cast<off_t>(content.size()))) != 0;) {
    if (n < 0) throw errno_error("read " + path_);
    content.append(buffer, static_cast<std::size_t>(n));
  }
  std::string_view rest = content;
  while (rest.size() >= 8) {
    const std::uint32_t length = take(rest);
    if (rest.size() - 8 < length) break;
    const std::string_view frame = rest.substr(8, length);
    if (crc32(frame) != take(rest.substr(4))) break;
    found_.emplace_back(frame);
    rest.remove_prefix(8 + length);
  }
  bytes_ = content.size() - rest.size();
}

void Journal::append(std::string_view frame) {
  put(unwritten_, static_cast<std::uint32_t>(frame.size()));
  put(unwritten_, crc32(frame));
  unwritten_ += frame;
}

void Journal::sync() {
  if (unwritten_.empty()) return;
  std::size_t done = 0;
  while (done < unwritten_.size()) {
    const ssize_t n =
        ::pwrite(file_.get(), unwritten_.data() + done, unwritten_.size() - done, static_cast<off_t>(bytes_ + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw errno_error("write " + path_);
    done += static_cast<std::size_t>(n);
  }
  if (::fdatasync(file_.get()) != 0) throw errno_error("fdatasync " + path_);
  bytes_ += done;
  unwritten_.clear();
}

void Journal::clear() {
  unwritten_.clear();
  if (bytes_ == 0) return;
  if (::ftruncate(file_.get(), 0) != 0) throw errno_error("truncate " + path_);
  bytes_ = 0;
}

}  // namespace venturi::worker
