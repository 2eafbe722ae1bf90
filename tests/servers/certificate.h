// A certificate that signs itself, for localhost and 127.0.0.1, made by the openssl program.
#pragma once

#include <string>

#include "servers/server_process.h"

namespace venturi::tests {

struct Certificate {
  // In `folder`. Throws std::runtime_error saying what to install. `name` is the host beside 127.0.0.1 that it is for.
  explicit Certificate(const TestFolder& folder, const std::string& name = "localhost");
  std::string certificate, key;  // paths of PEM files
};

}  // namespace venturi::tests
