// SHA-256, HMAC, scrypt and base64 on OpenSSL: what keys, tokens and caches need.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace venturi {

// Incremental, for files that are not read into memory at once.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void update(std::string_view bytes);
  // 64 lower-case hexadecimal digits; nothing may be added afterwards.
  [[nodiscard]] std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] std::string sha256_hex(std::string_view bytes);
// 32 bytes.
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view bytes);
// 64 bytes.
[[nodiscard]] std::string hmac_sha512(std::string_view key, std::string_view bytes);
// RFC 7914, 32 bytes: for passwords, which others must not guess from what is kept of them. `log_n`, `r` and `p` say how much
// memory (128 * r * 2^log_n bytes) and time it takes.
[[nodiscard]] std::string scrypt(std::string_view password, std::string_view salt, unsigned log_n, unsigned r, unsigned p);
// Takes the same time wherever the two differ, so that a wrong signature cannot be mended byte by byte.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

// RFC 4648 section 5 ('-' and '_'), with padding as Python's urlsafe_b64encode writes it.
[[nodiscard]] std::string base64url_encode(std::string_view bytes, bool padding = true);
// With or without padding; nullopt for any other character, a wrong length, or bits set beyond the last byte.
[[nodiscard]] std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace venturi
