#include "servers/authority.h"

#include <unistd.h>

#include <stdexcept>
#include <vector>

namespace venturi::tests {
namespace {

void run_openssl(const TestFolder& folder, std::vector<std::string> arguments, const std::string& makes) {
  ServerProcess openssl({.program = "/usr/bin/openssl",
                         .package = "openssl",
                         .arguments = std::move(arguments),
                         .output_file = folder / "openssl.log"});
  if (!becomes_true([&] { return openssl.has_ended(); }) || ::access(makes.c_str(), R_OK) != 0) {
    throw std::runtime_error("openssl made no " + makes + ":\n" + read_file(folder / "openssl.log"));
  }
}

}  // namespace

Authority::Authority(const TestFolder& folder) : folder_(folder), own_(folder, "authority.example") {}

Authority::Signed Authority::sign(const std::string& name, int days) const {
  const std::string stem = folder_ / (name + (days < 0 ? ".old" : ".new"));
  Signed made{stem + ".crt", stem + ".key"};
  run_openssl(folder_,
              {"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=" + name, "-keyout",
               made.key, "-out", stem + ".csr"},
              stem + ".csr");
  const std::string extensions = folder_.write(
      name + ".ext",
      "subjectAltName=" + (name == "localhost" ? std::string("DNS:localhost,IP:127.0.0.1") : "DNS:" + name) + "\n");
  run_openssl(folder_,
              {"x509", "-req", "-in", stem + ".csr", "-CA", own_.certificate, "-CAkey", own_.key, "-days", std::to_string(days),
               "-extfile", extensions, "-out", made.certificate},
              made.certificate);
  return made;
}

}  // namespace venturi::tests
