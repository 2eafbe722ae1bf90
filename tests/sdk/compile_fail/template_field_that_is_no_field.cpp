// expect: Archive
// expect: VENTURI_TEMPLATE_FIELDS names a field that VENTURI_STRUCT does not name
#include <venturi/dag.h>
#include <venturi/own_operator.h>

struct Archive {
  std::string table, folder;
  void execute(const venturi::Context&) const {}
};
VENTURI_STRUCT(Archive, table);
VENTURI_TEMPLATE_FIELDS(Archive, table, folder);

VENTURI_DAG(example) {
  dag.add("archive", Archive{.table = "orders"});
}
