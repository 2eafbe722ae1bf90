// Prints docs/reference/cli.md.
#include <cstdio>

#include "cli/help.h"

int main() {
  const std::string page = venturi::cli::cli_reference();
  return std::fwrite(page.data(), 1, page.size(), stdout) == page.size() && std::fflush(stdout) == 0 ? 0 : 1;
}
