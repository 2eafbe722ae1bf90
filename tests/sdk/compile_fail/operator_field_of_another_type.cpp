// expect: FieldInput
// expect: the field of an operator takes an output of another type than its own
#include <venturi/dag.h>
#include <venturi/own_operator.h>

struct Archive {
  venturi::Field<std::int64_t> days = 30;
  void execute(const venturi::Context&) const {}
};
VENTURI_STRUCT(Archive, days);

std::string days() {
  return "thirty";
}

VENTURI_DAG(example) {
  dag.add("archive", Archive{.days = dag.task<days>()});
}
