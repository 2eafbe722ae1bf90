#include "servers/redshift_server.h"

namespace venturi::tests {

RedshiftServer::RedshiftServer(const PostgresServer& postgres, const std::string& s3_url, const std::string& access_key) {
  process_ = std::make_unique<ServerProcess>(
      ServerProgram{.program = "/usr/bin/python3",
                    .package = "python3",
                    .arguments = {VENTURI_REDSHIFT_SERVER, "--postgres", "127.0.0.1:" + std::to_string(postgres.port()), "--s3",
                                  s3_url, "--access-key", access_key},
                    .environment = {{"PGPASSWORD", postgres.password()}},
                    .output_file = folder_ / "log",
                    .reads_lines = true});
  port_ = std::stoi(process_->read_line());
  data_api_url_ = "http://127.0.0.1:" + process_->read_line();
}

}  // namespace venturi::tests
