#include "operators/try_log.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/time.h"
#include "venturi/value.h"

namespace venturi::operators {
namespace {

constexpr std::string_view logger = "venturi.operators";
// What a line may hold of one event: a server's answer may be anything.
constexpr std::size_t longest_event = 64UL << 10U;

bool make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return true;
  const auto slash = path.rfind('/');
  if (errno != ENOENT || slash == std::string::npos || slash == 0) return false;
  return make_folder(path.substr(0, slash)) && (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST);
}

std::string path_of(int fd) {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), ignored).string();
}

Fd open_log(const std::string& path) {
  constexpr int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
  Fd fd(::open(path.c_str(), flags, 0600));
  if (!fd && errno == ENOENT && make_folder(path.substr(0, path.rfind('/')))) fd = Fd(::open(path.c_str(), flags, 0600));
  return fd;
}

}  // namespace

TryLog::TryLog(std::string path, SecretsPool& pool, const std::vector<std::string>& secrets)
    : path_(std::move(path)), pool_(&pool), secrets_(pool.of(secrets)) {}

TryLog::TryLog(Fd descriptor, std::vector<std::string> secrets)
    : fd_(std::move(descriptor)), secrets_(std::make_shared<const KnownSecrets>(std::move(secrets))) {}

void TryLog::add_secrets(std::span<const std::string> secrets) {
  std::vector<std::string> all = secrets_->texts;
  for (const std::string& secret : secrets) {
    if (std::ranges::find(all, secret) == all.end()) all.push_back(secret);
  }
  if (all.size() == secrets_->texts.size()) return;
  secrets_ = pool_ != nullptr ? pool_->of(all) : std::make_shared<const KnownSecrets>(std::move(all));
}

void TryLog::write(std::string_view level, std::string_view event) {
  if (trouble_ != nullptr || (!fd_ && path_.empty())) return;
  if (!fd_) {
    fd_ = open_log(path_);
    if (!fd_) {
      trouble_ = std::make_unique<const std::string>("the log " + path_ + " cannot be opened: " + std::strerror(errno));
      return;
    }
    std::string().swap(path_);
  }
  const Time now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  std::string line = R"({"timestamp":")" + format_time(now) + R"(","level":")";
  line += level;
  line += R"(","event":)";
  std::string clean = secrets_->masker.mask(event);
  if (clean.size() > longest_event) clean.resize(longest_event);
  append_json_string(line, clean);
  line += R"(,"logger":")";
  line += logger;
  line += "\"}\n";
  if (!write_all(fd_.get(), line)) {
    const std::string why = std::strerror(errno);
    trouble_ = std::make_unique<const std::string>("the log " + path_of(fd_.get()) + " cannot be written: " + why);
  }
}

}  // namespace venturi::operators
