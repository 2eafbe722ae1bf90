// expect: Archive
// expect: what execute() of an operator returns has a type that cannot travel between tasks
#include <venturi/dag.h>
#include <venturi/own_operator.h>

struct Counts {
  int rows = 0;
};
struct Archive {
  std::string table;
  Counts execute(const venturi::Context&) const { return {}; }
};
VENTURI_STRUCT(Archive, table);

VENTURI_DAG(example) {
  dag.add("archive", Archive{.table = "orders"});
}
