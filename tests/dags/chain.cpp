// Two tasks, the second with what the first returned: the shortest way through everything.
#include <venturi/dag.h>

using namespace venturi;

namespace {

std::int64_t one(const Context& context) {
  context.log().info("this is one");
  return 1;
}
void two(const Context& context, std::int64_t number) {
  context.log().info("one said ", number);
}

}  // namespace

VENTURI_DAG(chain, {.schedule = "@daily", .start_date = "2026-01-01", .catchup = false, .is_paused_upon_creation = false}) {
  dag.task<two>()(dag.task<one>());
}
