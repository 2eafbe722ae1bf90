// expect: measure
// expect: a task takes its group's item, which is of another type than its parameter
// expect: Make both the same type, or let the parameter hold every value of an item
#include <venturi/dag.h>
using namespace venturi;

std::int64_t measure(const std::string& file) {
  return static_cast<std::int64_t>(file.size());
}

VENTURI_DAG(wrong, {}) {
  dag.expand_group("per_number",
                   [](TaskGroup& group, const MappedItem<int>& number) { group.task<measure>()(number); })(expand({1, 2}));
}
