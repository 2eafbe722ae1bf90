// Prints src/lanes/yaml/operator_table.cpp.
#include <cstdio>

#include "providers/operator_table.h"
#include "providers/register_all.h"

int main() {
  venturi::operators::Registry registry;
  venturi::providers::register_all(registry);
  const std::string source = venturi::providers::operator_table_source(registry);
  return std::fwrite(source.data(), 1, source.size(), stdout) == source.size() && std::fflush(stdout) == 0 ? 0 : 1;
}
