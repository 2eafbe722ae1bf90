#include "home/secrets.h"

#include <unistd.h>

#include <cerrno>
#include <functional>

#include "base/crypto.h"
#include "base/fernet.h"
#include "base/random.h"
#include "home/small_file.h"

namespace venturi {
namespace {

namespace fs = std::filesystem;

// Nothing where there is no such file.
Result<std::optional<std::string>> read_secret(const fs::path& path) {
  auto text = read_small_file(path, std::size_t{64} << 10);
  if (!text || !*text) return text;
  (*text)->erase((*text)->find_last_not_of(" \t\r\n") + 1);
  if (!(*text)->empty()) return text;
  return fail(ErrorKind::corrupt, "the file is empty", path.string(),
              "put it back from a backup, or remove it: then a new one is made");
}

struct Secret {
  std::string text;
  bool is_new = false;
};

Result<Secret> read_or_make(const fs::path& path, const std::function<std::string()>& make) {
  auto present = read_secret(path);
  if (!present) return std::unexpected(std::move(present.error()));
  if (*present) return Secret{std::move(**present), false};
  Secret secret{make(), true};
  if (auto written = write_private_file(path, secret.text + "\n"); !written) return std::unexpected(std::move(written.error()));
  return secret;
}

}  // namespace

namespace {

// Keys that are given go first; the home's own open what was encrypted before.
Result<std::string> with_own_keys(const std::string& given, const fs::path& path) {
  auto own = read_secret(path);
  if (!own) return std::unexpected(std::move(own.error()));
  return *own ? given + "," + **own : given;
}

}  // namespace

GivenSecrets given_secrets(const Config& config) {
  return {config.text("core.fernet_key"), config.text("api_auth.jwt_secret"), config.text("api.admin_password")};
}

Result<HomeSecrets> open_secrets(const Home& home, const HomeLock& /*lock*/, bool has_data, const GivenSecrets& given) {
  HomeSecrets secrets{given.admin_password, false, given.signing_key, given.fernet_keys};
  const fs::path fernet_path = home.root / "fernet_key";
  if (secrets.fernet_keys.empty()) {
    if (has_data && ::access(fernet_path.c_str(), F_OK) != 0 && errno == ENOENT) {
      return fail(ErrorKind::not_found, "the Fernet key is missing, and the database holds values that were encrypted with it",
                  fernet_path.string(), "put it back from a backup");
    }
    auto fernet = read_or_make(fernet_path, [] { return Fernet::generate_key(); });
    if (!fernet) return std::unexpected(std::move(fernet.error()));
    secrets.fernet_keys = std::move(fernet->text);
  } else {
    auto keys = with_own_keys(given.fernet_keys, fernet_path);
    if (!keys) return std::unexpected(std::move(keys.error()));
    secrets.fernet_keys = std::move(*keys);
  }
  if (auto keys = Fernet::from_keys(secrets.fernet_keys); !keys) {
    keys.error().where = given.fernet_keys.empty() ? fernet_path.string() : "core.fernet_key";
    return std::unexpected(std::move(keys.error()));
  }
  if (secrets.signing_key.empty()) {
    auto signing = read_or_make(home.root / "signing_key", [] { return base64url_encode(random_bytes(32)); });
    if (!signing) return std::unexpected(std::move(signing.error()));
    secrets.signing_key = std::move(signing->text);
  }
  if (secrets.admin_password.empty()) {
    auto password = read_or_make(home.root / "admin_password", [] { return random_password(32); });
    if (!password) return std::unexpected(std::move(password.error()));
    secrets.admin_password = std::move(password->text);
    secrets.admin_password_is_new = password->is_new;
  }
  return secrets;
}

namespace {

Result<std::string> read_present(const fs::path& path, const char* what) {
  auto text = read_secret(path);
  if (!text) return std::unexpected(std::move(text.error()));
  if (!*text)
    return fail(ErrorKind::not_found, std::string("the home has no ") + what + " yet", path.string(),
                "it is made by: venturi db migrate");
  return std::move(**text);
}

}  // namespace

Result<std::string> read_fernet_keys(const Home& home, const Config& config) {
  if (const std::string& given = config.text("core.fernet_key"); !given.empty())
    return with_own_keys(given, home.root / "fernet_key");
  return read_present(home.root / "fernet_key", "Fernet key");
}

Result<std::string> read_admin_password(const Home& home, const Config& config) {
  if (const std::string& given = config.text("api.admin_password"); !given.empty()) return given;
  return read_present(home.root / "admin_password", "password of the admin");
}

}  // namespace venturi
