#include "servers/certificate.h"

#include <unistd.h>

#include <stdexcept>

namespace venturi::tests {

Certificate::Certificate(const TestFolder& folder, const std::string& name)
    : certificate(folder / (name + ".crt")), key(folder / (name + ".key")) {
  const std::string names = name == "localhost" ? "DNS:localhost,IP:127.0.0.1" : "DNS:" + name;
  ServerProcess openssl(
      {.program = "/usr/bin/openssl",
       .package = "openssl",
       .arguments = {"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                     "-subj", "/CN=" + name, "-addext", "subjectAltName=" + names, "-keyout", key, "-out", certificate},
       .output_file = folder / "openssl.log"});
  if (!becomes_true([&] { return openssl.has_ended(); }) || ::access(certificate.c_str(), R_OK) != 0) {
    throw std::runtime_error("openssl made no certificate:\n" + read_file(folder / "openssl.log"));
  }
}

}  // namespace venturi::tests
