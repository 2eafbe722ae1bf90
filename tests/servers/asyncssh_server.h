// AsyncSSH: a server of SFTP that is another one than OpenSSH, for log-ins with a password and for what servers may leave out.
#pragma once

#include <memory>
#include <string>

#include "servers/server_process.h"

namespace venturi::tests {

class AsyncsshServer {
 public:
  // The user is etl. `asks_questions`: the password is the answer to one (keyboard-interactive). Throws std::runtime_error
  // saying what to install.
  explicit AsyncsshServer(const std::string& password, bool asks_questions = false);

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] const std::string& host_key() const { return host_key_; }
  // What its users see as /.
  [[nodiscard]] const TestFolder& root() const { return root_; }

 private:
  TestFolder root_, folder_;
  std::unique_ptr<ServerProcess> process_;
  int port_ = 0;
  std::string host_key_;
};

}  // namespace venturi::tests
