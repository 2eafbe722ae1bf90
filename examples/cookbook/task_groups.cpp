// Task groups: tasks that belong together, under one prefix, with options of their own.
#include <venturi/dag.h>
using namespace venturi;

// [whole]
void fetch() {}
void check() {}
void load() {}

VENTURI_DAG(task_groups) {
  TaskGroup extract = dag.group("extract", {.tooltip = "from the shops", .default_args = {.retries = 3}});
  for (const std::string shop : {"north", "south"}) {
    TaskGroup one = extract.group(shop);
    one.task<fetch>() >> one.task<check>();  // extract.north.fetch, ...
  }
  dag.empty("begin") >> extract >> dag.task<load>();
}
// [end]
