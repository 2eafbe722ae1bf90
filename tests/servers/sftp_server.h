// OpenSSH's server, run by a test with keys and settings of its own. Whoever runs the test is its user.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "servers/server_process.h"

namespace venturi::tests {

struct SftpServerOptions {
  std::vector<std::string> settings{};  // further lines of sshd_config
  int port = 0;                         // 0: a free one
};

class SftpServer {
 public:
  // Returns when it takes connections. Throws std::runtime_error saying what to install.
  explicit SftpServer(const SftpServerOptions& options = {});

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] ServerProcess& process() { return *process_; }
  // Ends the processes of the connections that are open: as if the cable were cut.
  void cut_connections() const;
  // They stand still, but stay open. How many.
  int stop_connections() const;
  // Made new in its folder, and the path: `type` is ed25519, rsa or ecdsa. Its public key may log in.
  [[nodiscard]] std::string client_key(const std::string& type, const std::string& passphrase = {}) const;
  // "ssh-ed25519 AAAA...", the server's.
  [[nodiscard]] std::string host_key() const;
  [[nodiscard]] std::string log() const;
  // Who logs in.
  [[nodiscard]] static std::string user();

 private:
  TestFolder folder_;
  std::unique_ptr<ServerProcess> process_;
  int port_ = 0;
};

// `ssh-keygen` with these arguments. Throws std::runtime_error where it fails.
void ssh_keygen(const std::vector<std::string>& arguments);

}  // namespace venturi::tests
