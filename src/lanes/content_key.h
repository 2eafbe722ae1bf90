// Names in the cache: SHA-256 over fields, each with its length in front, so that no two sequences of fields share a name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.h"

namespace venturi::lanes {

[[nodiscard]] inline std::string content_key(const std::vector<std::string_view>& fields) {
  Sha256 hash;
  for (const std::string_view field : fields) {
    hash.update(std::to_string(field.size()) + ":");
    hash.update(field);
  }
  return hash.hex();
}

}  // namespace venturi::lanes
