// libFuzzer: no text crashes the reader or costs more than its limits, and each problem has a place in the text.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "base/yaml.h"

namespace {

void require(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const venturi::YamlText read = venturi::read_yaml(text, {.bytes = 1UL << 16, .depth = 32, .nodes = 5000});
  require(!read.has_syntax_error || !read.problems.empty(), "a syntax error that nobody told of");
  for (const venturi::YamlProblem& problem : read.problems)
    require(problem.mark.line >= 1 && problem.mark.column >= 1 && !problem.what.empty(), "a problem without a place or words");
  if (!read.problems.empty()) return 0;
  for (const venturi::YamlNode* document : read.documents) (void)venturi::to_json(venturi::to_value(*document));
  return 0;
}
