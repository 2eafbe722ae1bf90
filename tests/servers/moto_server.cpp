#include "servers/moto_server.h"

#include <unistd.h>

#include <chrono>
#include <stdexcept>

#include "servers/local_port.h"

namespace venturi::tests {
namespace {

// It loads some hundred modules first; on a slow machine, and the first time, that takes a while.
constexpr std::chrono::minutes patience{2};

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
