// The secrets of a home: made at its first start, each in a 0600 file of its own.
#pragma once

#include <string>

#include "home/config.h"
#include "home/home.h"

namespace venturi {

struct HomeSecrets {
  std::string admin_password;
  bool admin_password_is_new = false;  // the caller shows it once
  std::string signing_key;             // 32 random bytes in base64url
  std::string fernet_keys;             // for Fernet::from_keys: comma-separated, the first one encrypts
};

// What the configuration gives in place of the home's files; empty: nothing.
struct GivenSecrets {
  std::string fernet_keys, signing_key, admin_password;
};
[[nodiscard]] GivenSecrets given_secrets(const Config& config);

// Reads them, making those that are missing: whole and on disk, or not at all. Needs the lock because two first starts could
// make different ones. `has_data`: a database exists already; then a missing Fernet key is refused, because a new one could
// not open what was encrypted with the old.
[[nodiscard]] Result<HomeSecrets> open_secrets(const Home& home, const HomeLock& lock, bool has_data,
                                               const GivenSecrets& given = {});

// For those who only read: without the lock, and without making anything.
[[nodiscard]] Result<std::string> read_fernet_keys(const Home& home, const Config& config);
[[nodiscard]] Result<std::string> read_admin_password(const Home& home, const Config& config);

}  // namespace venturi
