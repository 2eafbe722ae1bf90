// Fernet tokens (github.com/fernet/spec), the encryption of connections and variables in Airflow's metadata:
//
//   0x80 | seconds since 1970, 8 bytes big-endian | IV, 16 | AES-128-CBC of the PKCS#7 padded text | HMAC-SHA256, 32
//
// all of it in base64url. A key is 32 bytes in base64url: the first half signs, the second half encrypts.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace venturi {

class Fernet {
 public:
  // Airflow's fernet_key: one or more keys with commas between. The first encrypts, all are tried for decryption, so that a
  // key is rotated by putting the new one in front.
  [[nodiscard]] static Result<Fernet> from_keys(std::string_view comma_separated_keys);
  [[nodiscard]] static std::string generate_key();

  [[nodiscard]] std::string encrypt(std::string_view text) const;
  // With time and IV (16 bytes) given: for the test vectors.
  [[nodiscard]] std::string encrypt(std::string_view text, std::chrono::sys_seconds now, std::string_view iv) const;

  // ErrorKind::denied where no key fits (wrong key, or a token that somebody changed); the error holds neither text nor token.
  [[nodiscard]] Result<std::string> decrypt(std::string_view token) const;
  // Also refuses tokens older than `ttl`, or more than a minute in the future.
  [[nodiscard]] Result<std::string> decrypt(std::string_view token, std::chrono::seconds ttl,
                                            std::chrono::sys_seconds now) const;
  // The same text under the first key, with the token's own time: what rotate-fernet-key writes.
  [[nodiscard]] Result<std::string> rotate(std::string_view token) const;

 private:
  struct Key {
    std::string signing, encryption;  // 16 bytes each
  };
  struct Opened {
    std::string text;
    std::chrono::sys_seconds time;
  };
  [[nodiscard]] Result<Opened> open(std::string_view token) const;

  std::vector<Key> keys_;
};

}  // namespace venturi
