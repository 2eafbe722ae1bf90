// moto, a stand-in for Amazon's services that keeps what it is told: S3, STS and more. It checks no signatures.
#pragma once

#include <memory>
#include <string>

#include "servers/server_process.h"

namespace venturi::tests {

class MotoServer {
 public:
  // Returns when it answers, which takes some seconds. Throws std::runtime_error saying what to install.
  MotoServer();

  [[nodiscard]] std::string url() const;
  [[nodiscard]] ServerProcess& process() { return *process_; }

 private:
  TestFolder folder_;
  std::unique_ptr<ServerProcess> process_;
  int port_ = 0;
};

}  // namespace venturi::tests
