// Signatures with RSA keys, on OpenSSL: what says to others who somebody is (JSON Web Tokens).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace venturi {

// RSASSA-PKCS1-v1_5 with SHA-256 (JWT's RS256). ErrorKind::invalid where the key is no private RSA key in PEM; the error holds
// nothing of it.
[[nodiscard]] Result<std::string> rsa_sha256_signature(std::string_view private_key_pem, std::string_view text);

}  // namespace venturi
