#include "servers/http_server.h"

#include <sstream>

#include "base/json.h"

namespace venturi::tests {

HttpServer::HttpServer(const HttpServerOptions& options) {
  std::vector<std::string> arguments{VENTURI_HTTP_SERVER, "--record", folder_ / "requests"};
  const auto add = [&](std::initializer_list<std::string> more) { arguments.insert(arguments.end(), more); };
  if (!options.files.empty()) add({"--files", options.files});
  if (!options.certificate.empty()) add({"--tls", options.certificate, options.key});
  if (!options.client_ca.empty()) add({"--client-ca", options.client_ca});
  process_ = std::make_unique<ServerProcess>(ServerProgram{.program = "/usr/bin/python3",
                                                           .package = "python3",
                                                           .arguments = std::move(arguments),
                                                           .output_file = folder_ / "log",
                                                           .reads_lines = true});
  port_ = std::stoi(process_->read_line());
  if (!options.certificate.empty()) tls_port_ = std::stoi(process_->read_line());
}

std::string HttpServer::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

std::string HttpServer::tls_url(const std::string& path, const std::string& host) const {
  return "https://" + host + ":" + std::to_string(tls_port_) + path;
}

std::vector<Value> HttpServer::requests() const {
  std::vector<Value> list;
  std::string written = read_file(folder_ / "requests");
  written.resize(written.rfind('\n') + 1);  // the last line may be on its way
  std::istringstream lines(written);
  for (std::string line; std::getline(lines, line);) list.push_back(parse_json(line).value());
  return list;
}

}  // namespace venturi::tests
