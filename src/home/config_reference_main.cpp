// Prints docs/reference/configuration.md, or with `example` a venturi.toml in which all is commented out.
#include <cstdio>
#include <string_view>

#include "home/config.h"

int main(int argc, char** argv) {
  const bool example = argc == 2 && std::string_view(argv[1]) == "example";
  const std::string page = example ? venturi::config_example() : venturi::config_reference();
  return std::fwrite(page.data(), 1, page.size(), stdout) == page.size() && std::fflush(stdout) == 0 ? 0 : 1;
}
