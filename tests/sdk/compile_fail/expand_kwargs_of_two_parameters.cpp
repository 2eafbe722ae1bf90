// expect: expand_kwargs() of a function gives it the whole struct or map
// expect: Let it take the struct: load(const Export&)
#include <venturi/dag.h>
using namespace venturi;

struct Export {
  std::string table;
  int limit = 0;
};
VENTURI_STRUCT(Export, table, limit);
std::vector<Export> plan() {
  return {};
}
void load(const std::string&, int) {}

VENTURI_DAG(wrong, {}) {
  dag.task<load>().expand_kwargs(dag.task<plan>());
}
