// tests/servers/http_server.py for a test: an HTTP server that does on demand what servers do wrong, and records what it is
// asked.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "servers/server_process.h"
#include "venturi/value.h"

namespace venturi::tests {

struct HttpServerOptions {
  std::string files{};               // the folder of /file/...
  std::string certificate{}, key{};  // TLS is served, on a port of its own
  std::string client_ca{};           // certificates of clients are asked for
};

class HttpServer {
 public:
  // Throws std::runtime_error saying what to install.
  explicit HttpServer(const HttpServerOptions& options = {});

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] int tls_port() const { return tls_port_; }  // 0 without a certificate
  [[nodiscard]] std::string url(const std::string& path = {}) const;
  [[nodiscard]] std::string tls_url(const std::string& path = {}, const std::string& host = "localhost") const;
  [[nodiscard]] ServerProcess& process() { return *process_; }
  // What it was asked, in order: method, target, headers (lower case), body, tls, client.
  [[nodiscard]] std::vector<Value> requests() const;

 private:
  TestFolder folder_;
  std::unique_ptr<ServerProcess> process_;
  int port_ = 0, tls_port_ = 0;
};

}  // namespace venturi::tests
