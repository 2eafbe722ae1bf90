#include "servers/smtp_server.h"

#include <algorithm>
#include <filesystem>

namespace venturi::tests {

SmtpServer::SmtpServer(SmtpServerOptions options) {
  std::vector<std::string> arguments{VENTURI_SMTP_SERVER, "--folder", folder_.path()};
  const auto add = [&](std::initializer_list<std::string> more) { arguments.insert(arguments.end(), more); };
  if (!options.user.empty()) add({"--user", options.user});
  if (!options.certificate.empty()) add({"--tls", options.certificate, options.key});
  if (options.require_tls) add({"--require-tls"});
  if (options.hang) add({"--hang"});
  for (const std::string& address : options.refuse) add({"--refuse", address});
  if (options.defer > 0) add({"--defer", std::to_string(options.defer)});
  if (options.delay > 0) add({"--delay", std::to_string(options.delay)});
  // Debian's Python: its packages are of Debian's.
  process_ = std::make_unique<ServerProcess>(
      ServerProgram{.program = "/usr/bin/python3",
                    .package = "python3 python3-aiosmtpd",
                    .arguments = std::move(arguments),
                    .environment = {{"SMTP_SERVER_PASSWORD", options.password}, {"SMTP_SERVER_TOKEN", options.token}},
                    .reads_lines = true});
  port_ = std::stoi(process_->read_line());
  if (!options.certificate.empty() && !options.hang) tls_port_ = std::stoi(process_->read_line());
}

std::vector<SmtpServer::Mail> SmtpServer::mails() const {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    if (entry.path().extension() == ".eml") paths.push_back(entry.path().string());
  }
  std::ranges::sort(paths);
  std::vector<Mail> mails;
  for (const std::string& path : paths) mails.push_back({read_file(path), read_file(path.substr(0, path.size() - 3) + "json")});
  return mails;
}

}  // namespace venturi::tests
