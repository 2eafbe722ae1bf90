#include "servers/bigquery_server.h"

#include <unistd.h>

#include <chrono>
#include <stdexcept>

#include "servers/local_port.h"

namespace venturi::tests {
namespace {

// It loads DuckDB and some hundred modules first; on a slow machine, and the first time, that takes a while.
constexpr std::chrono::minutes patience{2};

}  // namespace

BigQueryServer::BigQueryServer(const std::string& objects) : port_(free_port()) {
  const std::string python = VENTURI_BQEMULATOR_FOLDER "/bin/python3";
  if (::access(python.c_str(), X_OK) != 0)
    throw std::runtime_error("there is no " + python + ": run scripts/install-bqemulator");
  process_ = std::make_unique<ServerProcess>(
      ServerProgram{.program = python,
                    .package = "python3-venv",
                    .arguments = {VENTURI_BIGQUERY_SERVER, std::to_string(port_), std::to_string(free_port()), objects},
                    .output_file = folder_ / "log"});
  if (!becomes_true([this] { return process_->has_ended() || listens(port_); }, patience) || process_->has_ended())
    throw std::runtime_error("bqemulator does not answer: " + read_file(folder_ / "log"));
}

std::string BigQueryServer::url() const {
  return "http://127.0.0.1:" + std::to_string(port_);
}

}  // namespace venturi::tests
