// expect: Archive
// expect: #include <venturi/own_operator.h>
#include <venturi/dag.h>

struct Archive {
  std::string table;
  void execute(const venturi::Context&) const {}
};
VENTURI_STRUCT(Archive, table);

VENTURI_DAG(example) {
  dag.add("archive", Archive{.table = "orders"});
}
