// Prints docs/reference/configuration.md.
#include <cstdio>

#include "home/config.h"

int main() {
  const std::string page = venturi::config_reference();
  return std::fwrite(page.data(), 1, page.size(), stdout) == page.size() && std::fflush(stdout) == 0 ? 0 : 1;
}
