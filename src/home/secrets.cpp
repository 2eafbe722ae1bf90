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

Result<HomeSecrets> open_secrets(const Home& home, const HomeLock& /*lock*/, bool has_data) {
  const fs::path fernet_path = home.root / "fernet_key";
  if (has_data && ::access(fernet_path.c_str(), F_OK) != 0 && errno == ENOENT) {
    return fail(ErrorKind::not_found, "the Fernet key is missing, and the database holds values that were encrypted with it",
                fernet_path.string(), "put it back from a backup");
  }
  auto fernet = read_or_make(fernet_path, [] { return Fernet::generate_key(); });
  if (!fernet) return std::unexpected(std::move(fernet.error()));
  if (auto keys = Fernet::from_keys(fernet->text); !keys) {
    keys.error().where = fernet_path.string();
    return std::unexpected(std::move(keys.error()));
  }
  auto signing = read_or_make(home.root / "signing_key", [] { return base64url_encode(random_bytes(32)); });
  if (!signing) return std::unexpected(std::move(signing.error()));
  auto password = read_or_make(home.root / "admin_password", [] { return random_password(32); });
  if (!password) return std::unexpected(std::move(password.error()));
  return HomeSecrets{std::move(password->text), password->is_new, std::move(signing->text), std::move(fernet->text)};
}

Result<std::string> read_fernet_keys(const Home& home) {
  const fs::path path = home.root / "fernet_key";
  auto text = read_secret(path);
  if (!text) return std::unexpected(std::move(text.error()));
  if (!*text)
    return fail(ErrorKind::not_found, "the home has no Fernet key yet", path.string(), "it is made by: venturi db migrate");
  return std::move(**text);
}

}  // namespace venturi
