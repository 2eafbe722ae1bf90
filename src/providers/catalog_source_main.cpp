// catalog_source catalog | kinds: prints one of the two sources of catalog_source.h.
#include <cstdio>
#include <cstring>

#include "providers/catalog_source.h"
#include "providers/register_all.h"

int main(int argc, char** argv) {
  venturi::operators::Registry registry;
  venturi::providers::register_all(registry);
  const bool wants_kinds = argc == 2 && std::strcmp(argv[1], "kinds") == 0;
  const std::string source =
      wants_kinds ? venturi::providers::operator_kinds_source(registry) : venturi::providers::catalog_source(registry);
  return std::fwrite(source.data(), 1, source.size(), stdout) == source.size() && std::fflush(stdout) == 0 ? 0 : 1;
}
