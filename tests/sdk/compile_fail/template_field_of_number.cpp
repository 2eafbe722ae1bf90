// expect: a template field holds no text that could be rendered
#include <venturi/dag.h>
#include <venturi/own_operator.h>

struct Archive {
  std::string table;
  std::int64_t days = 30;
  void execute(const venturi::Context&) const {}
};
VENTURI_STRUCT(Archive, table, days);
VENTURI_TEMPLATE_FIELDS(Archive, table, days);

VENTURI_DAG(example) {
  dag.add("archive", Archive{.table = "orders"});
}
