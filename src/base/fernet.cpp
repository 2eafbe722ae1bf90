#include "base/fernet.h"

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <stdexcept>

#include "base/crypto.h"
#include "base/random.h"
#include "base/text.h"

namespace venturi {
namespace {

constexpr char version = '\x80';
constexpr std::size_t block = 16, mac_size = 32, header_size = 1 + 8 + block;
constexpr std::chrono::seconds max_clock_skew{60};  // of the specification

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

const unsigned char* bytes_of(std::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}

// nullopt: bad padding, which only decryption can meet.
std::optional<std::string> aes_128_cbc(bool encrypt, std::string_view key, std::string_view iv, std::string_view in) {
  const std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> context{EVP_CIPHER_CTX_new()};
  if (!context ||
      EVP_CipherInit_ex(context.get(), EVP_aes_128_cbc(), nullptr, bytes_of(key), bytes_of(iv), encrypt ? 1 : 0) != 1) {
    throw std::runtime_error("OpenSSL could not start AES-128-CBC");
  }
  std::string out(in.size() + block, '\0');
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  int written = 0, rest = 0;
  if (EVP_CipherUpdate(context.get(), to, &written, bytes_of(in), static_cast<int>(in.size())) != 1) return std::nullopt;
  if (EVP_CipherFinal_ex(context.get(), to + written, &rest) != 1) return std::nullopt;
  out.resize(static_cast<std::size_t>(written) + static_cast<std::size_t>(rest));
  return out;
}

std::chrono::sys_seconds system_now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

}  // namespace

Result<Fernet> Fernet::from_keys(std::string_view comma_separated_keys) {
  Fernet fernet;
  std::size_t position = 0;
  for (int number = 1;; ++number) {
    const std::size_t comma = comma_separated_keys.find(',', position);
    const auto raw = base64url_decode(trim(comma_separated_keys.substr(position, comma - position)));
    if (!raw || raw->size() != 2 * block) {
      return fail(ErrorKind::invalid, "key " + std::to_string(number) + " is not 32 bytes in url-safe base64", "Fernet key",
                  "several keys are separated by commas");
    }
    fernet.keys_.push_back({raw->substr(0, block), raw->substr(block)});
    if (comma == std::string_view::npos) return fernet;
    position = comma + 1;
  }
}

std::string Fernet::generate_key() {
  return base64url_encode(random_bytes(2 * block));
}

std::string Fernet::encrypt(std::string_view text) const {
  return encrypt(text, system_now(), random_bytes(block));
}

std::string Fernet::encrypt(std::string_view text, std::chrono::sys_seconds now, std::string_view iv) const {
  if (iv.size() != block) throw std::invalid_argument("a Fernet IV has 16 bytes");
  std::string token(1, version);
  const auto seconds = static_cast<std::uint64_t>(now.time_since_epoch().count());
  for (int shift = 56; shift >= 0; shift -= 8) token += static_cast<char>(seconds >> shift & 0xFF);
  token += iv;
  token += aes_128_cbc(true, keys_.front().encryption, iv, text).value();
  token += hmac_sha256(keys_.front().signing, token);
  return base64url_encode(token);
}

Result<Fernet::Opened> Fernet::open(std::string_view token) const {
  const auto raw = base64url_decode(trim(token));
  if (!raw || raw->size() < header_size + block + mac_size || raw->front() != version ||
      (raw->size() - header_size - mac_size) % block != 0) {
    return fail(ErrorKind::corrupt, "this is not a Fernet token", "encrypted value");
  }
  const std::string_view all = *raw;
  const std::string_view signed_part = all.substr(0, all.size() - mac_size);
  for (const Key& key : keys_) {
    if (!equal_in_constant_time(hmac_sha256(key.signing, signed_part), all.substr(signed_part.size()))) continue;
    auto text = aes_128_cbc(false, key.encryption, all.substr(9, block), signed_part.substr(header_size));
    if (!text) return fail(ErrorKind::corrupt, "a signed Fernet token has broken padding", "encrypted value");
    std::uint64_t seconds = 0;
    for (const char byte : all.substr(1, 8)) seconds = seconds << 8 | static_cast<unsigned char>(byte);
    return Opened{std::move(*text), std::chrono::sys_seconds{std::chrono::seconds{static_cast<std::int64_t>(seconds)}}};
  }
  return fail(ErrorKind::denied, "none of the Fernet keys opens it", "encrypted value",
              "it was encrypted with another key: add that key behind the present one, with a comma between");
}

Result<std::string> Fernet::decrypt(std::string_view token) const {
  auto opened = open(token);
  if (!opened) return std::unexpected(std::move(opened.error()));
  return std::move(opened->text);
}

Result<std::string> Fernet::decrypt(std::string_view token, std::chrono::seconds ttl, std::chrono::sys_seconds now) const {
  auto opened = open(token);
  if (!opened) return std::unexpected(std::move(opened.error()));
  if (opened->time < now - ttl) return fail(ErrorKind::denied, "the token has expired", "encrypted value");
  if (opened->time > now + max_clock_skew) {
    return fail(ErrorKind::denied, "the token is from the future", "encrypted value", "check the clocks of both machines");
  }
  return std::move(opened->text);
}

Result<std::string> Fernet::rotate(std::string_view token) const {
  auto opened = open(token);
  if (!opened) return std::unexpected(std::move(opened.error()));
  return encrypt(opened->text, opened->time, random_bytes(block));
}

}  // namespace venturi
