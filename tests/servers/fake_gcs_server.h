// fake-gcs-server, a stand-in for Google Cloud Storage that keeps what it is told, in memory. It takes any token, or none.
#pragma once

#include <memory>
#include <string>

#include "servers/server_process.h"

namespace venturi::tests {

class FakeGcsServer {
 public:
  // Returns when it answers. Throws std::runtime_error saying what to install.
  FakeGcsServer();

  [[nodiscard]] std::string url() const;
  [[nodiscard]] ServerProcess& process() { return *process_; }

 private:
  TestFolder folder_;
  std::unique_ptr<ServerProcess> process_;
  int port_ = 0;
};

}  // namespace venturi::tests
