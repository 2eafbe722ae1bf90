// expect: Archive
// expect: needs a member execute(const Context&)
#include <venturi/dag.h>
#include <venturi/own_operator.h>

struct Archive {
  std::string table;
  void run(const venturi::Context&) const {}
};
VENTURI_STRUCT(Archive, table);

VENTURI_DAG(example) {
  dag.add("archive", Archive{.table = "orders"});
}
