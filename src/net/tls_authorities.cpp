#include "net/tls_authorities.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <utility>

#include "net/background.h"

namespace venturi::net {
namespace {

using Loaded = Result<std::shared_ptr<const TlsAuthorities>>;

struct Kept {
  std::pair<std::int64_t, std::int64_t> changed;
  std::shared_ptr<const TlsAuthorities> authorities;
};

Loaded unreadable(const std::string& file, const std::string& why) {
  return fail(ErrorKind::invalid, "the authorities' certificates in " + file + " cannot be read: " + why, {},
              "verify takes true, false, or the path of a PEM file");
}

// In a thread of the pool.
Loaded load(const std::string& file) {
  static std::mutex mutex;
  static std::map<std::string, Kept> kept;
  struct stat info{};
  if (::stat(file.c_str(), &info) != 0) return unreadable(file, std::strerror(errno));
  if (S_ISDIR(info.st_mode)) return std::shared_ptr<const TlsAuthorities>();
  const std::pair<std::int64_t, std::int64_t> changed{info.st_mtim.tv_sec, info.st_mtim.tv_nsec};
  // Whoever wants the same file at the same time waits for the first one's work.
  const std::lock_guard lock(mutex);
  if (const auto found = kept.find(file); found != kept.end() && found->second.changed == changed)
    return found->second.authorities;
  auto authorities = std::make_shared<const TlsAuthorities>(::X509_STORE_new());
  if (::access(file.c_str(), R_OK) != 0) return unreadable(file, std::strerror(errno));
  if (::X509_STORE_load_file(authorities->store(), file.c_str()) != 1) {
    ::ERR_clear_error();
    return unreadable(file, "it holds no certificate in PEM");
  }
  // As libcurl sets them: chains may end at any certificate of the file.
  ::X509_STORE_set_flags(authorities->store(), X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
  kept[file] = {changed, authorities};
  return std::shared_ptr<const TlsAuthorities>(std::move(authorities));
}

}  // namespace

TlsAuthorities::~TlsAuthorities() {
  ::X509_STORE_free(store_);
}

boost::asio::awaitable<Loaded> authorities_of(std::string file) {
  auto work = [file = std::move(file)] { return load(file); };
  return in_background(std::move(work));
}

const char* system_authorities_folder() {
  return "/etc/ssl/certs";
}

}  // namespace venturi::net
