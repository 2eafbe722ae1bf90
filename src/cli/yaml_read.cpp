#include "base/yaml.h"
#include "cli/yaml.h"

namespace venturi::cli {

Result<Value> parse_yaml(std::string_view text) {
  const YamlText read = read_yaml(text, {.bytes = 16UL << 20, .depth = 100, .nodes = 1'000'000});
  if (!read.problems.empty()) {
    const YamlProblem& first = read.problems.front();
    return fail(ErrorKind::invalid,
                "this is no YAML: line " + std::to_string(first.mark.line) + ", column " + std::to_string(first.mark.column) +
                    ": " + first.what,
                {}, first.hint);
  }
  if (read.documents.size() > 1) return fail(ErrorKind::invalid, "there is more than one document in it", {}, "leave one");
  return read.documents.empty() ? Value() : to_value(*read.documents.front());
}

}  // namespace venturi::cli
