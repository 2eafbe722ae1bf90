// A PostgreSQL cluster of a test's own, in a temporary folder, on a free port of the loopback address. User `postgres`, and
// every connection over TCP has to give the password.
#pragma once

#include <memory>
#include <string>

#include "servers/server_process.h"

namespace venturi::tests {

class PostgresServer {
 public:
  // Makes the cluster and starts it; returns when it takes connections. Throws std::runtime_error saying what to install.
  PostgresServer();
  ~PostgresServer();

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] const std::string& password() const { return password_; }
  // libpq's keywords for a database.
  [[nodiscard]] std::string conninfo(const std::string& database = "postgres") const;
  // Runs statements as the superuser. Throws std::runtime_error with the server's message. The first value of the last result.
  std::string run(const std::string& sql, const std::string& database = "postgres") const;

  void stop();   // as pg_ctl stop -m immediate
  void start();  // again, on the same port
  // Its sockets take connections and nobody answers: what a hanging server looks like.
  void freeze() const;
  void thaw() const;

 private:
  TestFolder folder_;
  std::string password_;
  int port_ = 0;
  std::unique_ptr<ServerProcess> process_;
};

}  // namespace venturi::tests
