// Prints docs/reference/yaml.md.
#include <cstdio>

#include "lanes/yaml/reference.h"

int main() {
  const std::string page = venturi::lanes::yaml::yaml_reference();
  return std::fwrite(page.data(), 1, page.size(), stdout) == page.size() && std::fflush(stdout) == 0 ? 0 : 1;
}
