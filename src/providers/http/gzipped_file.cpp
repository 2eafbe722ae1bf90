#include "providers/http/gzipped_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "base/errno_error.h"
#include "base/fd.h"
#include "base/gzip_stream.h"
#include "net/background.h"
#include "operators/operator_try.h"
#include "operators/outcome.h"

namespace venturi::providers {

namespace asio = boost::asio;
using operators::TaskFailed;
using operators::TaskFailedForGood;

struct GzippedFile::State {
  Fd fd;
};

namespace {

// Tells the work, which cannot be cancelled, that nobody waits for it any more.
class Wanted {
 public:
  Wanted() : is_wanted_(std::make_shared<std::atomic<bool>>(true)) {}
  Wanted(const Wanted&) = delete;
  Wanted& operator=(const Wanted&) = delete;
  ~Wanted() { *is_wanted_ = false; }
  [[nodiscard]] std::shared_ptr<const std::atomic<bool>> flag() const { return is_wanted_; }

 private:
  std::shared_ptr<std::atomic<bool>> is_wanted_;
};

std::shared_ptr<GzippedFile::State> pack(const std::string& path, const std::string& folder,
                                         const std::atomic<bool>& is_wanted) {
  const Fd in(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat its{};
  if (!in || ::fstat(in.get(), &its) != 0) throw errno_error(path);
  if (!S_ISREG(its.st_mode)) throw TaskFailedForGood(path + " is no file");
  std::error_code ignored;  // mkostemp() tells it better
  std::filesystem::create_directories(folder, ignored);
  std::string name = folder + "/.gzip-XXXXXX";
  const auto state = std::make_shared<GzippedFile::State>();
  state->fd = Fd(::mkostemp(name.data(), O_CLOEXEC));
  if (!state->fd) throw errno_error(folder);
  ::unlink(name.c_str());
  GzipPacker packer([&](std::string_view packed) {
    if (!write_all(state->fd.get(), packed)) throw errno_error(folder);
  });
  std::string block(256UL << 10U, '\0');
  while (is_wanted) {
    const ssize_t n = ::read(in.get(), block.data(), block.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw errno_error(path);
    if (n == 0) break;
    packer.write({block.data(), static_cast<std::size_t>(n)});
  }
  packer.finish();
  return state;
}

}  // namespace

std::string GzippedFile::path() const {
  return fmt::format("/proc/self/fd/{}", state_->fd.get());
}

asio::awaitable<GzippedFile> gzip_file(const operators::OperatorTry& t, std::string path) {
  if (t.run_dir->empty()) throw TaskFailed("the server gave no folder for files of the run, in which the file is compressed");
  const Wanted wanted;
  auto work = [path = std::move(path), folder = *t.run_dir, flag = wanted.flag()] { return pack(path, folder, *flag); };
  try {
    co_return GzippedFile(co_await net::in_background(std::move(work)));
  } catch (const std::system_error& e) {
    throw TaskFailed(std::string("the file cannot be compressed: ") + e.what());
  }
}

}  // namespace venturi::providers
