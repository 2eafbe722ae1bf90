#include "home/small_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/fd.h"
#include "home/file_error.h"

namespace venturi {

Result<std::optional<std::string>> read_small_file(const std::filesystem::path& path, std::size_t limit) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file && errno == ENOENT) return std::nullopt;
  if (!file) return std::unexpected(file_error(errno, "cannot open the file", path));
  std::string content;
  std::size_t size = 0;
  while (true) {
    content.resize(size + 4096);
    const ssize_t got = ::read(file.get(), content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(file_error(errno, "cannot read the file", path));
    size += static_cast<std::size_t>(got);
    if (size > limit)
      return fail(ErrorKind::invalid, "the file is larger than " + std::to_string(limit) + " bytes", path.string());
    if (got == 0) break;
  }
  content.resize(size);
  return content;
}

// Written under another name, synced and renamed.
Result<void> write_private_file(const std::filesystem::path& path, std::string_view content) {
  const std::filesystem::path draft = path.string() + ".new";
  const auto failed = [&](int code) {
    ::unlink(draft.c_str());
    return std::unexpected(file_error(code, "cannot write the file", path));
  };
  ::unlink(draft.c_str());  // of a process that was killed here
  const Fd file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return failed(errno);
  if (!write_all(file.get(), content) || ::fsync(file.get()) != 0) return failed(errno);
  if (::rename(draft.c_str(), path.c_str()) != 0) return failed(errno);
  const Fd folder(::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) {
    return std::unexpected(file_error(errno, "cannot sync the folder", path.parent_path()));
  }
  return {};
}

}  // namespace venturi
