// venturi: server and command line (src/cli).
#include <cstddef>
#include <span>

#include "cli/cli.h"

int main(int argc, char** argv) {
  return venturi::cli::run(std::span<const char* const>(argv + 1, argc < 1 ? 0 : static_cast<std::size_t>(argc - 1)));
}
