#include "servers/moto_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>

#include "base/fd.h"

namespace venturi::tests {
namespace {

// It loads some hundred modules first; on a slow machine, and the first time, that takes a while.
constexpr std::chrono::minutes patience{2};

bool listens(int port) {
  const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) throw std::system_error(errno, std::generic_category(), "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

MotoServer::MotoServer() : port_(free_port()) {
  const std::string folder = VENTURI_MOTO_FOLDER;
  if (::access((folder + "/bin/moto_server").c_str(), R_OK) != 0)
    throw std::runtime_error("there is no moto in " + folder + ": run scripts/install-moto");
  process_ = std::make_unique<ServerProcess>(
      ServerProgram{.program = folder + "/bin/python3",
                    .package = "python3-venv",
                    .arguments = {folder + "/bin/moto_server", "-H", "127.0.0.1", "-p", std::to_string(port_)},
                    .output_file = folder_ / "log"});
  if (!becomes_true([this] { return process_->has_ended() || listens(port_); }, patience) || process_->has_ended())
    throw std::runtime_error("moto does not answer: " + read_file(folder_ / "log"));
}

std::string MotoServer::url() const {
  return "http://127.0.0.1:" + std::to_string(port_);
}

}  // namespace venturi::tests
