// tests/servers/redshift_server.py for a test: a stand-in for Redshift, on the wire and by the Data API, in front of a
// PostgreSQL and an S3. Its script says what it carries out and what it cannot be.
#pragma once

#include <memory>
#include <string>

#include "servers/postgres_server.h"
#include "servers/server_process.h"

namespace venturi::tests {

class RedshiftServer {
 public:
  // Both outlive it. The access key is the one that COPY and UNLOAD may have.
  RedshiftServer(const PostgresServer& postgres, const std::string& s3_url, const std::string& access_key);

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] const std::string& data_api_url() const { return data_api_url_; }

 private:
  TestFolder folder_;
  std::unique_ptr<ServerProcess> process_;
  int port_ = 0;
  std::string data_api_url_;
};

}  // namespace venturi::tests
