// Two DAGs with one id.
#include <venturi/dag.h>
using namespace venturi;

VENTURI_DAGS(bag) {
  bag.add("two_dags_of_one_id").empty("a");
  bag.add("two_dags_of_one_id").empty("b");
}
