// expect: RunSql
// expect: static constexpr std::string_view template_ext[]
#include <venturi/dag.h>
#include <venturi/own_operator.h>

struct RunSql {
  static constexpr std::string_view template_ext = ".sql";
  std::string sql;
  void execute(const venturi::Context&) const {}
};
VENTURI_STRUCT(RunSql, sql);
VENTURI_TEMPLATE_FIELDS(RunSql, sql);

VENTURI_DAG(example) {
  dag.add("load", RunSql{.sql = "load.sql"});
}
