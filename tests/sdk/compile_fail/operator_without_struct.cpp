// expect: Archive
// expect: write VENTURI_STRUCT(Name, field, ...) below it
#include <venturi/dag.h>
#include <venturi/own_operator.h>

struct Archive {
  std::string table;
  void execute(const venturi::Context&) const {}
};

VENTURI_DAG(example) {
  dag.add("archive", Archive{.table = "orders"});
}
