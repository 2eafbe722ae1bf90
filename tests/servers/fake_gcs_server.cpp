#include "servers/fake_gcs_server.h"

#include <unistd.h>

#include <chrono>
#include <stdexcept>

#include "servers/local_port.h"

namespace venturi::tests {
namespace {

constexpr std::chrono::minutes patience{1};

}  // namespace

FakeGcsServer::FakeGcsServer() : port_(free_port()) {
  const std::string program = VENTURI_FAKE_GCS_FOLDER "/fake-gcs-server";
  if (::access(program.c_str(), X_OK) != 0)
    throw std::runtime_error("there is no " + program + ": run scripts/install-fake-gcs");
  process_ = std::make_unique<ServerProcess>(ServerProgram{
      .program = program,
      .package = "none: scripts/install-fake-gcs",
      .arguments = {"-scheme", "http", "-host", "127.0.0.1", "-port", std::to_string(port_), "-backend", "memory",
                    "-external-url", url(), "-public-host", url().substr(url().rfind('/') + 1), "-log-level", "error"},
      .output_file = folder_ / "log"});
  if (!becomes_true([this] { return process_->has_ended() || listens(port_); }, patience) || process_->has_ended())
    throw std::runtime_error("fake-gcs-server does not answer: " + read_file(folder_ / "log"));
}

std::string FakeGcsServer::url() const {
  return "http://127.0.0.1:" + std::to_string(port_);
}

}  // namespace venturi::tests
