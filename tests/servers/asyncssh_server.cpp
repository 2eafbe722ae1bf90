#include "servers/asyncssh_server.h"

namespace venturi::tests {

AsyncsshServer::AsyncsshServer(const std::string& password, bool asks_questions) {
  std::vector<std::string> arguments{VENTURI_ASYNCSSH_SERVER, root_.path()};
  if (asks_questions) arguments.emplace_back("--questions");
  process_ = std::make_unique<ServerProcess>(ServerProgram{.program = "/usr/bin/python3",
                                                           .package = "python3 python3-asyncssh",
                                                           .arguments = std::move(arguments),
                                                           .environment = {{"SFTP_SERVER_PASSWORD", password}},
                                                           .output_file = folder_ / "log",
                                                           .reads_lines = true});
  port_ = std::stoi(process_->read_line());
  host_key_ = process_->read_line();
}

}  // namespace venturi::tests
