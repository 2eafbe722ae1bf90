#include "sdk/hook_data.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "base/errno_error.h"
#include "base/fd.h"
#include "sdk/whole_file.h"

namespace venturi::inline sdk::internal {

PassedFile::PassedFile(const Context& context) : path_(context.run_dir() + "/.hook-XXXXXX") {
  make_folder_of(path_);
  const Fd made(::mkostemp(path_.data(), O_CLOEXEC));  // 0600
  if (!made) throw errno_error("write " + path_);
}

PassedFile::~PassedFile() {
  ::unlink(path_.c_str());
}

void PassedFile::write(std::string_view data) const {
  const Fd file(::open(path_.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
  if (!file || !write_all(file.get(), data)) throw errno_error("write " + path_);
}

std::string PassedFile::read() const {
  const Fd file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 256UL << 10U> part{};
  for (;;) {
    const ssize_t n = file ? ::read(file.get(), part.data(), part.size()) : -1;
    if (n < 0) throw errno_error("read " + path_);
    if (n == 0) return text;
    text.append(part.data(), static_cast<std::size_t>(n));
  }
}

std::string path_in_run(const Context& context, std::string_view name) {
  if (name.starts_with('/')) return std::string(name);
  return context.run_dir() + "/" + std::string(name);
}

}  // namespace venturi::inline sdk::internal
