// An authority of a test's own, and the certificates that it signs, made by the openssl program.
#pragma once

#include <string>

#include "servers/certificate.h"

namespace venturi::tests {

class Authority {
 public:
  // Its files lie in `folder`. Throws std::runtime_error saying what to install.
  explicit Authority(const TestFolder& folder);

  struct Signed {
    std::string certificate, key;
  };
  // For a host (localhost: 127.0.0.1 too) or a client. days below 0: it has expired.
  [[nodiscard]] Signed sign(const std::string& name, int days = 2) const;
  [[nodiscard]] const std::string& certificate() const { return own_.certificate; }

 private:
  const TestFolder& folder_;
  Certificate own_;
};

}  // namespace venturi::tests
