// A program of several sources with a library: a folder with a venturi.toml. What changes in it is compiled, and
// nothing else.
#include <venturi/dag.h>

#include "packing.h"
using namespace venturi;

std::int64_t pack(const Context& context) {
  const std::string text(10'000, 'x');
  const std::size_t packed = packed_size(text);
  context.log().info(text.size(), " bytes became ", packed);
  return static_cast<std::int64_t>(packed);
}

VENTURI_DAG(bundle_toml) { dag.task<pack>(); }
