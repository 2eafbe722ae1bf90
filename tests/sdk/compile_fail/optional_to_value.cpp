// expect: take
// expect: optional<
// expect: string
// expect: T to std::optional<T>
#include <venturi/dag.h>

std::optional<std::string> find() {
  return {};
}
void take(const std::string&) {}

VENTURI_DAG(example) {
  dag.task<take>()(dag.task<find>());
}
